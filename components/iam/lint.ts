// Least privilege as a check: which statements of a policy allow more than they must.
import type { PolicyDocument } from "./policy.js";

/**
 * Actions that IAM authorizes on `*` only: they have no resource type in the "Service Authorization Reference".
 * Everything else has to name its resources.
 */
const WITHOUT_RESOURCES: ReadonlySet<string> = new Set([
  "batch:DescribeJobs",
  "batch:ListJobs",
  "cloudwatch:PutMetricData",
  "ecr:GetAuthorizationToken",
  "logs:CreateLogDelivery",
  "logs:DeleteLogDelivery",
  "logs:DescribeLogGroups",
  "logs:DescribeResourcePolicies",
  "logs:GetLogDelivery",
  "logs:ListLogDeliveries",
  "logs:PutResourcePolicy",
  "logs:UpdateLogDelivery",
  "xray:GetSamplingRules",
  "xray:GetSamplingTargets",
  "xray:PutTelemetryRecords",
  "xray:PutTraceSegments",
]);

/**
 * What is wrong with a policy, one sentence each; empty when nothing is. `Deny` statements are as wide as they like.
 *
 * An identity's and a resource's policy are read alike: a principal of everyone needs a condition.
 */
export function lintPolicy(document: PolicyDocument): string[] {
  return document.Statement.flatMap((statement, at) => {
    if (statement.Effect === "Deny") return [];
    const where = statement.Sid ?? `statement ${at + 1}`;
    return [
      ...[...lintForm(statement), ...lintActions(statement), ...lintResources(statement)].map(
        (finding) => `${where}: ${finding}`,
      ),
    ];
  });
}

type Rendered = PolicyDocument["Statement"][number];

function lintForm(statement: Rendered): string[] {
  const excluding = Object.keys(statement).filter((key) => key.startsWith("Not"));
  const everyone = JSON.stringify(statement.Principal ?? null).includes('"*"');
  return [
    ...excluding.map((key) => `${key} allows everything but what it names`),
    ...(everyone && !statement.Condition ? ["allows everyone, without a condition"] : []),
  ];
}

function lintActions(statement: Rendered): string[] {
  return [statement.Action]
    .flat()
    .filter((action) => action?.includes("*"))
    .map((action) => `${action} is a wildcard action`);
}

function lintResources(statement: Rendered): string[] {
  const tooWide = [statement.Resource ?? []].flat().filter((resource) => isWide(resource));
  if (tooWide.length === 0) return [];
  return [statement.Action]
    .flat()
    .filter((action) => !WITHOUT_RESOURCES.has(action))
    .map((action) => `${action} on ${tooWide.join(", ")}, though it can be limited to resources`);
}

/** Whether an ARN leaves service, account or the whole resource open. */
function isWide(resource: string): boolean {
  if (resource === "*") return true;
  const [, partition, service, region, account, ...path] = resource.split(":");
  return [partition, service, region, account].some((part) => part === "*") || path.join(":") === "*";
}
