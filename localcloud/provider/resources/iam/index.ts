import type { Service } from "../../descriptor.js";
import { instanceProfile } from "./instance-profile.js";
import { policy } from "./policy.js";
import { getPolicyDocument } from "./policy-document.js";
import { role } from "./role.js";
import { rolePolicy } from "./role-policy.js";
import { rolePolicyAttachment } from "./role-policy-attachment.js";

export const resources: Service["resources"] = [role, rolePolicy, policy, rolePolicyAttachment, instanceProfile];

export const functions: Service["functions"] = [getPolicyDocument];
