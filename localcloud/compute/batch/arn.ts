// Names and ARNs of Batch resources.

import type { Scope } from "../scope.js";

export type { Scope } from "../scope.js";

export type BatchResource =
  | "compute-environment"
  | "job-queue"
  | "job-definition"
  | "job"
  | "scheduling-policy"
  | "consumable-resource";

/** `arn:aws:batch:<region>:<account>:<type>/<name>`. */
export function batchArn(scope: Scope, type: BatchResource, name: string): string {
  return `arn:aws:batch:${scope.region}:${scope.account}:${type}/${name}`;
}

export interface BatchArn extends Scope {
  readonly type: string;
  /** What follows the first slash, e.g. `name:3` of a job definition. */
  readonly name: string;
}

/** The parts of a Batch ARN; undefined for any other text. */
export function parseBatchArn(text: string): BatchArn | undefined {
  const match = /^arn:aws[a-z-]*:batch:([a-z0-9-]+):(\d{12}):([a-z-]+)\/(.+)$/.exec(text);
  if (!match) return undefined;
  const [, region = "", account = "", type = "", name = ""] = match;
  return { region, account, type, name };
}

/** The ARN of a resource that a request names by ARN or by name. */
export function toArn(scope: Scope, type: BatchResource, nameOrArn: string): string {
  return nameOrArn.startsWith("arn:") ? nameOrArn : batchArn(scope, type, nameOrArn);
}

/** AWS's rule for the names of compute environments, queues, job definitions and policies (CreateJobQueue, AWS Batch API Reference). */
export const RESOURCE_NAME = /^[A-Za-z0-9_-]{1,128}$/;

/** A job's name starts with a letter or digit (SubmitJob, AWS Batch API Reference). */
export const JOB_NAME = /^[A-Za-z0-9][A-Za-z0-9_-]{0,127}$/;
