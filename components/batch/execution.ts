// What starting a container takes: the statements of an execution role.
import { type Input, interpolate } from "@pulumi/pulumi";
import type { Statement } from "../iam/policy.js";

/** What starts a job: it pulls the image, reads the job's secrets and writes its log. */
export function executionStatements(arns: {
  repository: Input<string>;
  /** Of the log group, without `:*`. */
  logGroup: Input<string>;
  /** ARNs of the secrets that containers are given as variables. */
  secrets: readonly Input<string>[];
}): Statement[] {
  return [
    { sid: "LogInToRegistry", actions: ["ecr:GetAuthorizationToken"], resources: ["*"] },
    {
      sid: "PullImage",
      actions: ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
      resources: [arns.repository],
    },
    {
      sid: "WriteLog",
      actions: ["logs:CreateLogStream", "logs:PutLogEvents"],
      resources: [interpolate`${arns.logGroup}:*`],
    },
    ...(arns.secrets.length > 0
      ? [{ sid: "ReadSecrets", actions: ["secretsmanager:GetSecretValue"], resources: arns.secrets }]
      : []),
  ];
}
