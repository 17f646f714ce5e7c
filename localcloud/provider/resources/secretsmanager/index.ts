import type { Service } from "../../descriptor.js";
import { secret } from "./secret.js";
import { secretVersion } from "./secret-version.js";

export const resources: Service["resources"] = [secret, secretVersion];
