// What the tests on a real local cloud share: an account with network, roles, queue and an image whose command says what it does.
import {
  BatchClient,
  CreateComputeEnvironmentCommand,
  CreateJobQueueCommand,
  DescribeComputeEnvironmentsCommand,
  DescribeJobQueuesCommand,
  DescribeJobsCommand,
  type JobDetail,
  RegisterJobDefinitionCommand,
  type RegisterJobDefinitionCommandInput,
  SubmitJobCommand,
  type SubmitJobCommandInput,
} from "@aws-sdk/client-batch";
import { CloudWatchLogsClient, GetLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import { CreateSecurityGroupCommand, CreateSubnetCommand, CreateVpcCommand, EC2Client } from "@aws-sdk/client-ec2";
import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import { build } from "esbuild";
import type { Cloud } from "../../../../localcloud/server/cloud.js";
import { clientConfig, freshAccount, testCloud } from "../../../support/cloud.js";
import { files, push, REGION, repository } from "../images/fixture.js";

/** What the image does with its command. The SDK is bundled, as in the images that the project builds. */
const MAIN = `
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { GetObjectCommand, S3Client } from "@aws-sdk/client-s3";
const [verb, ...rest] = process.argv.slice(2);
const verbs = {
  say: () => console.log(rest.join(" ")),
  fail: () => { console.error("failing with " + rest[0]); process.exitCode = Number(rest[0]); },
  environment: () => console.log(JSON.stringify(process.env)),
  wait: () => { console.log("waiting"); setInterval(() => {}, 1000); },
  hog: () => { const held = []; setInterval(() => held.push(Buffer.alloc(64 * 2 ** 20, 1)), 10); },
  identity: async () => console.log((await new STSClient({}).send(new GetCallerIdentityCommand({}))).Arn),
  read: async () => {
    const { Body } = await new S3Client({ forcePathStyle: true }).send(new GetObjectCommand({ Bucket: rest[0], Key: rest[1] }));
    console.log(await Body.transformToString());
  },
};
try { await verbs[verb](); } catch (error) { console.error(error.name + ": " + error.message); process.exitCode = 1; }
`;

let main: Promise<string> | undefined;

function bundledMain(): Promise<string> {
  main ??= build({
    stdin: { contents: MAIN, resolveDir: process.cwd() },
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    write: false,
    banner: { js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);' },
  }).then(({ outputFiles }) => outputFiles[0]?.text ?? "");
  return main;
}

export interface BatchAccount {
  readonly cloud: Cloud;
  readonly account: string;
  readonly batch: BatchClient;
  readonly image: string;
  readonly subnet: string;
  readonly securityGroup: string;
  /** Creates a role that the service may assume; returns its ARN. */
  role(name: string, service: string, allow?: { Action: string[]; Resource: string | string[] }[]): Promise<string>;
  /** SDK configuration of the account's root. */
  config(): ReturnType<typeof clientConfig>;
  /** Registers a Fargate definition of 0.5 vCPU and 1 GiB whose container is laid over the usual one. */
  define(name: string, container?: object, more?: Partial<RegisterJobDefinitionCommandInput>): Promise<void>;
  submit(jobDefinition: string, command?: string[], more?: Partial<SubmitJobCommandInput>): Promise<string>;
  job(id: string): Promise<JobDetail>;
  /** The job once it has one of these statuses. */
  reaches(id: string, ...statuses: string[]): Promise<JobDetail>;
  /** What the job's last attempt printed. */
  lines(job: JobDetail, group?: string): Promise<string[]>;
}

/** Asks until the answer satisfies; a test's timeout ends what never does. */
export async function eventually<T>(ask: () => Promise<T | undefined>, everyMillis = 20): Promise<T> {
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    await new Promise((resolve) => setTimeout(resolve, everyMillis));
  }
}

/** A new account whose queue `queue` runs jobs of the image. */
export async function batchAccount(): Promise<BatchAccount> {
  const cloud = await testCloud();
  const account = freshAccount();
  const config = () => clientConfig(cloud, account, REGION);
  const [batch, ec2, iam, logs] = [
    new BatchClient(config()),
    new EC2Client(config()),
    new IAMClient(config()),
    new CloudWatchLogsClient(config()),
  ];
  const role: BatchAccount["role"] = async (RoleName, Service, allow = []) => {
    const AssumeRolePolicyDocument = JSON.stringify({
      Version: "2012-10-17",
      Statement: [{ Effect: "Allow", Principal: { Service }, Action: "sts:AssumeRole" }],
    });
    const { Role } = await iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument }));
    const PolicyDocument = JSON.stringify({
      Version: "2012-10-17",
      Statement: allow.map((statement) => ({ Effect: "Allow", ...statement })),
    });
    if (allow.length > 0) await iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: "inline", PolicyDocument }));
    return Role?.Arn ?? "";
  };
  const to = await repository(cloud, account, "app");
  const [{ Vpc }, executionRoleArn, serviceRole] = await Promise.all([
    ec2.send(new CreateVpcCommand({ CidrBlock: "10.0.0.0/16" })),
    role("execution", "ecs-tasks.amazonaws.com"),
    role("batch", "batch.amazonaws.com"),
    bundledMain().then(async (text) =>
      push(to, "latest", [await files({ "app/main.mjs": text })], {
        Entrypoint: ["node", "/app/main.mjs"],
        WorkingDir: "/app",
        Env: ["AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED=true"],
      }),
    ),
  ]);
  const [{ Subnet }, { GroupId }] = await Promise.all([
    ec2.send(new CreateSubnetCommand({ VpcId: Vpc?.VpcId, CidrBlock: "10.0.1.0/24" })),
    ec2.send(new CreateSecurityGroupCommand({ VpcId: Vpc?.VpcId, GroupName: "batch", Description: "batch" })),
  ]);
  const image = `${to.url}:latest`;
  const [subnet, securityGroup] = [Subnet?.SubnetId ?? "", GroupId ?? ""];
  await batch.send(
    new CreateComputeEnvironmentCommand({
      computeEnvironmentName: "environment",
      type: "MANAGED",
      serviceRole,
      computeResources: { type: "FARGATE", maxvCpus: 16, subnets: [subnet], securityGroupIds: [securityGroup] },
    }),
  );
  await eventually(async () => {
    const { computeEnvironments } = await batch.send(
      new DescribeComputeEnvironmentsCommand({ computeEnvironments: ["environment"] }),
    );
    return computeEnvironments?.find(({ status }) => status !== "CREATING");
  });
  await batch.send(
    new CreateJobQueueCommand({
      jobQueueName: "queue",
      priority: 1,
      computeEnvironmentOrder: [{ order: 1, computeEnvironment: "environment" }],
    }),
  );
  await eventually(async () => {
    const { jobQueues } = await batch.send(new DescribeJobQueuesCommand({ jobQueues: ["queue"] }));
    return jobQueues?.find(({ status }) => status === "VALID");
  });
  const job = async (id: string): Promise<JobDetail> => {
    const { jobs } = await batch.send(new DescribeJobsCommand({ jobs: [id] }));
    if (!jobs?.[0]) throw new Error(`job ${id} is not there`);
    return jobs[0];
  };
  return {
    cloud,
    account,
    batch,
    image,
    subnet,
    securityGroup,
    role,
    config,
    job,
    async define(jobDefinitionName, container = {}, more = {}) {
      await batch.send(
        new RegisterJobDefinitionCommand({
          jobDefinitionName,
          type: "container",
          platformCapabilities: ["FARGATE"],
          containerProperties: {
            image,
            executionRoleArn,
            resourceRequirements: [
              { type: "VCPU", value: "0.5" },
              { type: "MEMORY", value: "1024" },
            ],
            ...container,
          },
          ...more,
        }),
      );
    },
    async submit(jobDefinition, command, more = {}) {
      const { jobId } = await batch.send(
        new SubmitJobCommand({
          jobName: "job",
          jobQueue: "queue",
          jobDefinition,
          ...more,
          containerOverrides: { ...more.containerOverrides, ...(command ? { command } : {}) },
        }),
      );
      return jobId ?? "";
    },
    reaches: (id, ...statuses) =>
      eventually(async () => {
        const found = await job(id);
        return statuses.includes(found.status ?? "") ? found : undefined;
      }),
    async lines({ container }, logGroupName = "/aws/batch/job") {
      const { events } = await logs.send(
        new GetLogEventsCommand({ logGroupName, logStreamName: container?.logStreamName ?? "", startFromHead: true }),
      );
      return (events ?? []).map(({ message }) => message ?? "");
    },
  };
}
