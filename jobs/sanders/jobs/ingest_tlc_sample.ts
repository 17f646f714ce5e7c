import { ingest } from "../ingest.js";
import type { Job } from "../job.js";

/** Brings a TLC file into the bucket. */
export const job: Job = {
  description:
    "Checks a TLC trip file (path, s3:// or https://) and puts it, or its first ROWS rows, into raw/nyc_tlc/",
  run: ingest,
};
