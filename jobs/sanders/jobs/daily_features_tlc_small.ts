import { dailyFeatures } from "../dailyfeatures.js";

/** The first 500 trips of the input. */
export const job = dailyFeatures({ name: "small", rows: 500 });
