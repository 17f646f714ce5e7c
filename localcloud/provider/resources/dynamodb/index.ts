import type { Service } from "../../descriptor.js";
import { table } from "./table.js";

export const resources: Service["resources"] = [table];
