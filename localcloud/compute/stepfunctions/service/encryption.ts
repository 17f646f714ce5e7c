// Encryption settings of state machines and activities: checked and kept. Nothing is encrypted.
import { z } from "zod";
import type { JsonObject } from "../language/json.js";
import { ApiError } from "./errors.js";

export const Encryption = z
  .object({
    type: z.enum(["AWS_OWNED_KEY", "CUSTOMER_MANAGED_KMS_KEY"]),
    kmsKeyId: z.string().min(1).max(2048).nullish(),
    kmsDataKeyReusePeriodSeconds: z.number().int().nullish(),
  })
  .optional();

const SHORTEST_REUSE_SECONDS = 60;
const LONGEST_REUSE_SECONDS = 900;

/**
 * The settings, AWS's own key where none are given.
 *
 * @throws ApiError InvalidEncryptionConfiguration for a key of one's own that is not named, or reused for too short or long a time
 */
export function encryption(given: z.infer<typeof Encryption>): JsonObject {
  if (!given) return { type: "AWS_OWNED_KEY" };
  const { type, kmsKeyId, kmsDataKeyReusePeriodSeconds: reuse } = given;
  const refuse = (reason: string) => {
    throw new ApiError("InvalidEncryptionConfiguration", `Invalid Encryption Configuration: ${reason}`);
  };
  if (type === "CUSTOMER_MANAGED_KMS_KEY" && !kmsKeyId) refuse("kmsKeyId must be given for a customer managed key.");
  if (typeof reuse === "number" && (reuse < SHORTEST_REUSE_SECONDS || reuse > LONGEST_REUSE_SECONDS))
    refuse(`kmsDataKeyReusePeriodSeconds must be between ${SHORTEST_REUSE_SECONDS} and ${LONGEST_REUSE_SECONDS}.`);
  return {
    type,
    ...(kmsKeyId ? { kmsKeyId } : {}),
    ...(typeof reuse === "number" ? { kmsDataKeyReusePeriodSeconds: reuse } : {}),
  };
}
