import type { Service } from "../../descriptor.js";
import { database } from "./database.js";
import { namedQuery } from "./namedQuery.js";
import { workgroup } from "./workgroup.js";

export const resources: Service["resources"] = [workgroup, namedQuery, database];
