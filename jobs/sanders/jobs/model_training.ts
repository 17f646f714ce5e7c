import type { Job } from "../job.js";
import { trainModel } from "../training.js";

/** The fare model. */
export const job: Job = {
  description: "Trains the fare model (XGBoost) and publishes it when it is good enough; to models/fare/",
  run: trainModel,
};
