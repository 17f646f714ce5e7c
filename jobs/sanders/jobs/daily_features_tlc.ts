import { dailyFeatures } from "../dailyfeatures.js";

/** All trips of the input. */
export const job = dailyFeatures({ name: "full" });
