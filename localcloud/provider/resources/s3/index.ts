import type { Service } from "../../descriptor.js";
import { bucket } from "./bucket.js";

export const resources: Service["resources"] = [bucket];
