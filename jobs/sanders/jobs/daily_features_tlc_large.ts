import { dailyFeatures } from "../dailyfeatures.js";

/** The first 2000 trips of the input. */
export const job = dailyFeatures({ name: "large", rows: 2000 });
