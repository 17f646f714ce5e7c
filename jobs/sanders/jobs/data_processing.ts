import { processData } from "../dataprocessing.js";
import type { Job } from "../job.js";

/** The quality profile of the input. */
export const job: Job = {
  description: "Quality profile of the input: columns, checks, odd rows with examples; to quality/",
  run: processData,
};
