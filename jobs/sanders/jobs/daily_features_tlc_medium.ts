import { dailyFeatures } from "../dailyfeatures.js";

/** The first 1000 trips of the input. */
export const job = dailyFeatures({ name: "medium", rows: 1000 });
