// What the tests on a real local cloud share: an account with a role that Glue may take, a bucket, and what is done to both.
import { CloudWatchLogsClient, GetLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import {
  CreateJobCommand,
  type CreateJobCommandInput,
  GetCrawlerCommand,
  GetJobRunCommand,
  GlueClient,
  type JobRun,
  type JobRunState,
  StartCrawlerCommand,
  StartJobRunCommand,
} from "@aws-sdk/client-glue";
import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import {
  CreateBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import type { Cloud } from "../../../../localcloud/server/cloud.js";
import { clientConfig, freshAccount, testCloud } from "../../../support/cloud.js";
import { until } from "../../../support/until.js";

export const REGION = "eu-central-1";
export const ENDED: readonly JobRunState[] = ["SUCCEEDED", "FAILED", "TIMEOUT", "STOPPED"];

export interface GlueAccount {
  readonly cloud: Cloud;
  readonly account: string;
  readonly config: ReturnType<typeof clientConfig>;
  readonly glue: GlueClient;
  readonly bucket: string;
  put(key: string, body: string | Uint8Array): Promise<void>;
  remove(key: string): Promise<void>;
  /** Keys below a prefix. */
  keys(prefix: string): Promise<string[]>;
  text(key: string): Promise<string>;
  /** Makes a job of a script. */
  job(name: string, script: string, input?: Partial<CreateJobCommandInput>): Promise<void>;
  start(job: string, args?: Record<string, string>): Promise<string>;
  reaches(job: string, run: string, ...states: JobRunState[]): Promise<JobRun>;
  /** Starts a run and waits for its end. */
  run(job: string, args?: Record<string, string>): Promise<JobRun>;
  /** Lines of a log stream; none when there is no such stream yet. */
  lines(group: string, stream: string): Promise<string[]>;
  /** Starts a crawler and waits until it is READY again. */
  crawl(name: string): Promise<NonNullable<Awaited<ReturnType<typeof readCrawler>>>>;
}

const readCrawler = async (glue: GlueClient, Name: string) =>
  (await glue.send(new GetCrawlerCommand({ Name }))).Crawler;

/** A role that `service` may take, with a policy that allows `actions`. */
export async function role(
  config: GlueAccount["config"],
  name: string,
  service: string,
  actions: string[],
): Promise<void> {
  const iam = new IAMClient(config);
  const document = (statement: object) => JSON.stringify({ Version: "2012-10-17", Statement: [statement] });
  const AssumeRolePolicyDocument = document({
    Effect: "Allow",
    Principal: { Service: service },
    Action: "sts:AssumeRole",
  });
  await iam.send(new CreateRoleCommand({ RoleName: name, AssumeRolePolicyDocument }));
  const PolicyDocument = document({ Effect: "Allow", Action: actions, Resource: "*" });
  await iam.send(new PutRolePolicyCommand({ RoleName: name, PolicyName: "allowed", PolicyDocument }));
}

export async function glueAccount(): Promise<GlueAccount> {
  const cloud = await testCloud();
  const account = freshAccount();
  const config = clientConfig(cloud, account, REGION);
  const glue = new GlueClient(config);
  const s3 = new S3Client({ ...config, forcePathStyle: true });
  const logs = new CloudWatchLogsClient(config);
  const bucket = `glue-${account}`;
  await s3.send(new CreateBucketCommand({ Bucket: bucket, CreateBucketConfiguration: { LocationConstraint: REGION } }));
  await role(config, "glue", "glue.amazonaws.com", ["s3:*", "glue:*", "logs:*"]);

  const on: GlueAccount = {
    cloud,
    account,
    config,
    glue,
    bucket,
    async put(Key, Body) {
      await s3.send(new PutObjectCommand({ Bucket: bucket, Key, Body }));
    },
    async remove(Key) {
      await s3.send(new DeleteObjectCommand({ Bucket: bucket, Key }));
    },
    async keys(Prefix) {
      const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: bucket, Prefix }));
      return Contents.map(({ Key = "" }) => Key);
    },
    async text(Key) {
      const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key }));
      return (await Body?.transformToString()) ?? "";
    },
    async job(name, script, input = {}) {
      await on.put(`scripts/${name}.py`, script);
      await glue.send(
        new CreateJobCommand({
          Name: name,
          Role: "glue",
          GlueVersion: "4.0",
          Command: { Name: "glueetl", ScriptLocation: `s3://${bucket}/scripts/${name}.py`, PythonVersion: "3" },
          ...(input.Command?.Name === "pythonshell" ? {} : { WorkerType: "G.1X" as const, NumberOfWorkers: 2 }),
          ...input,
        }),
      );
    },
    async start(JobName, Arguments) {
      return (await glue.send(new StartJobRunCommand({ JobName, Arguments }))).JobRunId ?? "";
    },
    reaches: (JobName, RunId, ...states) =>
      until(`run of ${JobName} to be ${states}`, async () => {
        const { JobRun } = await glue.send(new GetJobRunCommand({ JobName, RunId }));
        return JobRun?.JobRunState && states.includes(JobRun.JobRunState) ? JobRun : undefined;
      }),
    run: async (job, args) => on.reaches(job, await on.start(job, args), ...ENDED),
    async lines(logGroupName, logStreamName) {
      const request = new GetLogEventsCommand({ logGroupName, logStreamName, startFromHead: true });
      const { events = [] } = await logs.send(request).catch((error: Error) => {
        if (error.name === "ResourceNotFoundException") return { events: [] };
        throw error;
      });
      return events.map(({ message = "" }) => message);
    },
    async crawl(Name) {
      await glue.send(new StartCrawlerCommand({ Name }));
      return until(`crawler ${Name} to be READY`, async () => {
        const crawler = await readCrawler(glue, Name);
        return crawler?.State === "READY" ? crawler : undefined;
      });
    },
  };
  return on;
}

/** The command of a job of Python alone. */
export const pythonShell = (on: GlueAccount, name: string) => ({
  Name: "pythonshell",
  ScriptLocation: `s3://${on.bucket}/scripts/${name}.py`,
  PythonVersion: "3.9",
});
