// Functions about the provider itself: who acts, where, and what is there.
import type { Service } from "../../descriptor.js";
import { getAvailabilityZones } from "./availability-zones.js";
import { getCallerIdentity, getPartition, getRegion } from "./identity.js";

export const resources: Service["resources"] = [];

export const functions: Service["functions"] = [getCallerIdentity, getPartition, getRegion, getAvailabilityZones];
