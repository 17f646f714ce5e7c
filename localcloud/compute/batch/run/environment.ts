// The environment of a job's container: AWS's own variables, the job's, its secrets and its credentials.
import { credentialVariables, placeVariables, type ServedCredentials } from "../../containers/environment.js";
import type { Job } from "../model.js";

export interface EnvironmentParts {
  readonly job: Job;
  readonly queueName: string;
  readonly computeEnvironmentName: string;
  /** Endpoint of the local cloud. */
  readonly endpoint: string;
  /** Secret values by variable name. */
  readonly secrets: Readonly<Record<string, string>>;
  /** Where the job role's session is served; absent for a job without a role. */
  readonly credentials?: ServedCredentials;
}

/**
 * The whole environment of one attempt. What AWS sets cannot be overridden (`AWS_BATCH_…`, the credentials' address); the
 * region and the endpoint are defaults that the job definition may replace.
 * See AWS Batch User Guide, "AWS Batch job environment variables".
 */
export function jobEnvironment(parts: EnvironmentParts): Record<string, string> {
  const { job } = parts;
  const own = Object.fromEntries((job.container.environment ?? []).map(({ name = "", value = "" }) => [name, value]));
  return {
    ...placeVariables(job.region, parts.endpoint, job.platform),
    ...own,
    ...parts.secrets,
    AWS_BATCH_JOB_ID: job.id,
    AWS_BATCH_JOB_ATTEMPT: String(job.attempts.length + 1),
    AWS_BATCH_JQ_NAME: parts.queueName,
    AWS_BATCH_CE_NAME: parts.computeEnvironmentName,
    ...(job.child
      ? {
          AWS_BATCH_JOB_ARRAY_INDEX: String(job.child.index),
          AWS_BATCH_JOB_ARRAY_SIZE: String(job.child.size),
        }
      : {}),
    ...credentialVariables(parts.credentials),
  };
}
