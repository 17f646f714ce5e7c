// Batch's refusal of what Fargate does not offer.
import { FARGATE_SIZES } from "../../fargate.js";
import { type BatchError, clientException } from "../errors.js";

/** AWS's refusal of a pair that Fargate does not offer; undefined for a good one. */
export function fargateSizeError(vcpus: number, memoryMiB: number): BatchError | undefined {
  if (FARGATE_SIZES.get(vcpus)?.includes(memoryMiB)) return undefined;
  return clientException(`Fargate resource requirements (${vcpus.toFixed(2)} vCPU, ${memoryMiB} MiB) not valid.`);
}
