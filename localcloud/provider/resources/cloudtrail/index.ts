import type { Service } from "../../descriptor.js";
import { trail } from "./trail.js";

export const resources: Service["resources"] = [trail];
