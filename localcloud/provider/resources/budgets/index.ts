import type { Service } from "../../descriptor.js";
import { budget } from "./budget.js";

export const resources: Service["resources"] = [budget];
