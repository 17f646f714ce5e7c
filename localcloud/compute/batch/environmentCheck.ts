// Whether a compute environment's role and network exist: what makes one VALID or INVALID on AWS.
import { DescribeSecurityGroupsCommand, DescribeSubnetsCommand, EC2Client } from "@aws-sdk/client-ec2";
import type { ComputeContext } from "../service.js";
import type { ComputeEnvironment } from "./model.js";

/** The statusReason of an INVALID environment ("INVALID compute environment", AWS Batch User Guide); undefined for a good one. */
export type EnvironmentCheck = (environment: ComputeEnvironment) => Promise<string | undefined>;

/** The role that AWS creates itself; nobody but the service can assume or change it. */
export const serviceLinkedRole = (account: string): string =>
  `arn:aws:iam::${account}:role/aws-service-role/batch.amazonaws.com/AWSServiceRoleForBatch`;

/** Whether a service role is that one. */
export const isServiceLinked = (roleArn: string): boolean => roleArn.includes(":role/aws-service-role/");

export function environmentCheck(context: Pick<ComputeContext, "assumeRole" | "clientConfig">): EnvironmentCheck {
  return async (environment) =>
    (await roleProblem(context, environment)) ??
    (await instanceRoleProblem(context, environment)) ??
    (await networkProblem(context, environment));
}

/** Instances get their role by an instance profile, which is named or given by its ARN ("Amazon ECS instance role", AWS Batch User Guide). */
async function instanceRoleProblem(
  context: Pick<ComputeContext, "clientConfig">,
  { account, region, computeResources }: ComputeEnvironment,
): Promise<string | undefined> {
  const instanceRole = computeResources?.instanceRole;
  if (instanceRole === undefined) return undefined;
  const [, owner = account, path = instanceRole] =
    /^arn:[^:]+:iam::(\d{12}):instance-profile\/(.+)$/.exec(instanceRole) ?? [];
  const { GetInstanceProfileCommand, IAMClient } = await import("@aws-sdk/client-iam");
  const client = new IAMClient(context.clientConfig(account, region));
  try {
    if (owner === account) {
      await client.send(new GetInstanceProfileCommand({ InstanceProfileName: path.split("/").at(-1) }));
      return undefined;
    }
  } catch (error) {
    if ((error as Error).name !== "NoSuchEntity" && (error as Error).name !== "NoSuchEntityException") throw error;
  } finally {
    client.destroy();
  }
  return `CLIENT_ERROR - Invalid IamInstanceProfile: ${instanceRole} (Service: AmazonAutoScaling; Status Code: 400; Error Code: ValidationError)`;
}

async function roleProblem(
  context: Pick<ComputeContext, "assumeRole">,
  { account, region, serviceRole }: ComputeEnvironment,
): Promise<string | undefined> {
  if (isServiceLinked(serviceRole)) return undefined;
  try {
    await context.assumeRole({
      account,
      region,
      roleArn: serviceRole,
      sessionName: "aws-batch",
      service: "batch.amazonaws.com",
    });
    return undefined;
  } catch (error) {
    return clientError("Not authorized to perform sts:AssumeRole", "AWSSecurityTokenService", error, 403);
  }
}

async function networkProblem(
  context: Pick<ComputeContext, "clientConfig">,
  { account, region, computeResources }: ComputeEnvironment,
): Promise<string | undefined> {
  const SubnetIds = computeResources?.subnets ?? [];
  const GroupIds = computeResources?.securityGroupIds ?? [];
  const client = new EC2Client(context.clientConfig(account, region));
  try {
    if (SubnetIds.length > 0) await client.send(new DescribeSubnetsCommand({ SubnetIds }));
    if (GroupIds.length > 0) await client.send(new DescribeSecurityGroupsCommand({ GroupIds }));
    return undefined;
  } catch (error) {
    return clientError((error as Error).message, "AmazonEC2", error, 400);
  } finally {
    client.destroy();
  }
}

function clientError(what: string, service: string, error: unknown, status: number): string {
  const { name, $metadata } = error as { name: string; $metadata?: { requestId?: string } };
  const requestId = $metadata?.requestId ? `; Request ID: ${$metadata.requestId}` : "";
  return `CLIENT_ERROR - ${what} (Service: ${service}; Status Code: ${status}; Error Code: ${name}${requestId})`;
}
