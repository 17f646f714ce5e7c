import type { Service } from "../../descriptor.js";
import { accessPoint } from "./accessPoint.js";
import { backupPolicy } from "./backupPolicy.js";
import { fileSystem } from "./fileSystem.js";
import { fileSystemPolicy } from "./fileSystemPolicy.js";
import { mountTarget } from "./mountTarget.js";

export const resources: Service["resources"] = [fileSystem, mountTarget, accessPoint, fileSystemPolicy, backupPolicy];
