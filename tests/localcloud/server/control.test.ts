import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { CreateRepositoryCommand, ECRClient, GetAuthorizationTokenCommand } from "@aws-sdk/client-ecr";
import { EventBridgeClient, PutEventsCommand, PutRuleCommand, PutTargetsCommand } from "@aws-sdk/client-eventbridge";
import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import { CreateBucketCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { CreateScheduleCommand, SchedulerClient } from "@aws-sdk/client-scheduler";
import { CreateQueueCommand, ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { computeContext } from "../../../localcloud/compute/context.js";
import type { ComputeContext } from "../../../localcloud/compute/service.js";
import { clientEnvironment } from "../../../localcloud/server/background.js";
import type { Cloud } from "../../../localcloud/server/cloud.js";
import { projectRoot } from "../../../localcloud/server/paths.js";
import { clientConfig, freshAccount, testCloud } from "../../support/cloud.js";
import { policy } from "./bridge-fixture.js";

const run = promisify(execFile);
const region = "eu-central-1";

describe("the cloud as its clients and the compute plane see it", () => {
  let cloud: Cloud;
  let context: ComputeContext;
  let account: string;
  before(async () => {
    cloud = await testCloud();
    context = computeContext({ ...cloud, computeUrl: "" }, () => {});
  });
  beforeEach(() => {
    account = freshAccount();
  });

  describe("sessions of roles", () => {
    async function role(name: string, trust: object[]): Promise<string> {
      const iam = new IAMClient(clientConfig(cloud, account));
      const created = await iam.send(
        new CreateRoleCommand({ RoleName: name, AssumeRolePolicyDocument: policy(trust) }),
      );
      return created.Role?.Arn ?? "";
    }
    const allow = (condition?: object) => ({
      Effect: "Allow",
      Principal: { Service: "ecs-tasks.amazonaws.com" },
      Action: "sts:AssumeRole",
      Condition: condition,
    });
    const assume = (roleArn: string, service = "ecs-tasks.amazonaws.com") =>
      context.assumeRole({ account, region, roleArn, sessionName: "job-1", service });
    const denied = { status: 403, code: "AccessDenied" };

    it("are for the service that the trust policy names, and act as the role", async () => {
      const roleArn = await role("job", [allow()]);
      const iam = new IAMClient(clientConfig(cloud, account));
      const statement = { Effect: "Allow", Action: "s3:PutObject", Resource: "arn:aws:s3:::*/allowed/*" };
      await iam.send(
        new PutRolePolicyCommand({ RoleName: "job", PolicyName: "p", PolicyDocument: policy([statement]) }),
      );
      const session = await assume(roleArn);
      const sts = new STSClient({ endpoint: cloud.endpoint, region, credentials: session });
      const identity = await sts.send(new GetCallerIdentityCommand({}));
      assert.equal(identity.Arn, `arn:aws:sts::${account}:assumed-role/job/job-1`);
      const hours = (session.expiration.getTime() - Date.now()) / 3_600_000;
      assert.ok(hours > 0.99 && hours <= 1.01, `${hours} h`);

      const Bucket = `b-${account}`;
      await new S3Client(clientConfig(cloud, account)).send(new CreateBucketCommand({ Bucket }));
      const s3 = new S3Client({ endpoint: cloud.endpoint, region, credentials: session });
      await s3.send(new PutObjectCommand({ Bucket, Key: "allowed/a", Body: "x" }));
      await assert.rejects(s3.send(new PutObjectCommand({ Bucket, Key: "other/a", Body: "x" })), {
        name: "AccessDenied",
      });
    });

    it("are refused to another service, to a service where only users are trusted, and for a role that is not there", async () => {
      const roleArn = await role("job", [allow()]);
      await assert.rejects(assume(roleArn, "lambda.amazonaws.com"), {
        ...denied,
        message: `lambda.amazonaws.com is not authorized to perform: sts:AssumeRole on resource: ${roleArn}`,
      });
      await assert.rejects(assume(`${roleArn}-not-there`), denied);
      const user = await role("user", [{ Effect: "Allow", Principal: { AWS: account }, Action: "sts:AssumeRole" }]);
      await assert.rejects(assume(user), denied);
    });

    it("heed Deny and the conditions on the source", async () => {
      const source = (id: string) => ({ StringEquals: { "aws:SourceAccount": id } });
      await assume(await role("mine", [allow(source(account))]));
      await assert.rejects(assume(await role("not-mine", [allow(source("999999999999"))])), denied);
      const deny = { ...allow(), Effect: "Deny", Principal: "*" };
      await assert.rejects(assume(await role("denied", [allow(), deny])), denied);
    });
  });

  describe("events", () => {
    async function queue(name: string): Promise<{ url: string; arn: string; receive(): Promise<unknown[]> }> {
      const sqs = new SQSClient(clientConfig(cloud, account));
      const { QueueUrl: url = "" } = await sqs.send(new CreateQueueCommand({ QueueName: name }));
      return {
        url,
        arn: `arn:aws:sqs:${region}:${account}:${name}`,
        async receive() {
          const received = await sqs.send(new ReceiveMessageCommand({ QueueUrl: url, MaxNumberOfMessages: 10 }));
          return (received.Messages ?? []).map((message) => JSON.parse(message.Body ?? ""));
        },
      };
    }

    it("of AWS services reach a rule's queue; a client may not put them", async () => {
      const target = await queue("jobs");
      const events = new EventBridgeClient(clientConfig(cloud, account));
      const EventPattern = JSON.stringify({ source: ["aws.batch"], detail: { status: ["FAILED"] } });
      await events.send(new PutRuleCommand({ Name: "failed-jobs", EventPattern }));
      await events.send(new PutTargetsCommand({ Rule: "failed-jobs", Targets: [{ Id: "q", Arn: target.arn }] }));
      const event = (status: string) => ({
        source: "aws.batch",
        detailType: "Batch Job State Change",
        detail: { jobName: "a", status },
        resources: [`arn:aws:batch:${region}:${account}:job/1`],
      });
      await context.putEvent(account, region, event("SUCCEEDED"));
      await context.putEvent(account, region, event("FAILED"));
      const [received, ...others] = (await target.receive()) as [Record<string, unknown>];
      assert.deepEqual(others, []);
      assert.equal(received["detail-type"], "Batch Job State Change");
      assert.deepEqual(received.detail, { jobName: "a", status: "FAILED" });
      assert.deepEqual(received.resources, [`arn:aws:batch:${region}:${account}:job/1`]);
      assert.equal(received.account, account);
      assert.equal(received.region, region);

      const forged = { Source: "aws.batch", DetailType: "Batch Job State Change", Detail: '{"status":"FAILED"}' };
      const answer = await events.send(new PutEventsCommand({ Entries: [forged] }));
      assert.equal(answer.Entries?.[0]?.ErrorCode, "NotAuthorizedForSourceException");
      assert.deepEqual(await target.receive(), []);
    });

    it("of a schedule reach its target when it is fired", async () => {
      const target = await queue("nightly");
      const iam = new IAMClient(clientConfig(cloud, account));
      const policy = (statement: object) =>
        JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", ...statement }] });
      const trust = policy({ Principal: { Service: "scheduler.amazonaws.com" }, Action: "sts:AssumeRole" });
      const RoleName = "nightly";
      const { Role } = await iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: trust }));
      const send = policy({ Action: "sqs:SendMessage", Resource: target.arn });
      await iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: "send", PolicyDocument: send }));
      const scheduler = new SchedulerClient(clientConfig(cloud, account));
      await scheduler.send(
        new CreateScheduleCommand({
          Name: "nightly",
          ScheduleExpression: "cron(0 2 * * ? *)",
          FlexibleTimeWindow: { Mode: "OFF" },
          Target: { Arn: target.arn, RoleArn: Role?.Arn, Input: '{"run":"now"}' },
        }),
      );
      await cloud.fire({ account, region, kind: "schedule", name: "nightly" });
      assert.deepEqual(await target.receive(), [{ run: "now" }]);
      await assert.rejects(cloud.fire({ account, region, kind: "schedule", name: "weekly" }), { status: 404 });
    });
  });

  it("keeps its own operations and ministack's administration from clients", async () => {
    for (const path of ["/_crucible/events", "/_crucible/session", "/_ministack/reset", "/_ministack/config"]) {
      const answer = await fetch(cloud.endpoint + path, { method: "POST", body: "{}" });
      assert.equal(answer.status, 403, path);
    }
  });

  it("has an ECR registry at its endpoint, in the account of whoever got the token", async () => {
    const ecr = new ECRClient(clientConfig(cloud, account));
    await ecr.send(new CreateRepositoryCommand({ repositoryName: "app" }));
    const { authorizationData } = await ecr.send(new GetAuthorizationTokenCommand({}));
    const [login] = authorizationData ?? [];
    assert.equal(login?.proxyEndpoint, cloud.endpoint);
    const catalog = (authorization?: string) =>
      fetch(`${cloud.endpoint}/v2/_catalog`, authorization ? { headers: { authorization } } : {});
    assert.deepEqual(await (await catalog(`Basic ${login?.authorizationToken}`)).json(), { repositories: ["app"] });
    assert.equal((await catalog()).status, 401);
    assert.equal((await catalog(`Basic ${btoa("AWS:someone.eu-central-1.9999999999.signature")}`)).status, 401);

    const stranger = await new ECRClient(clientConfig(cloud, freshAccount())).send(
      new GetAuthorizationTokenCommand({}),
    );
    const seen = await catalog(`Basic ${stranger.authorizationData?.[0]?.authorizationToken}`);
    assert.deepEqual(await seen.json(), { repositories: [] });
  });

  it("separates accounts for the aws CLI and boto3", async () => {
    const other = freshAccount();
    const bin = join(projectRoot, ".venv", "bin");
    const env = (id: string) => ({ PATH: "/usr/bin:/bin", ...clientEnvironment(cloud.endpoint, id, region) });
    const aws = async (id: string, ...args: string[]) =>
      JSON.parse((await run(join(bin, "aws"), [...args, "--output", "json"], { env: env(id) })).stdout || "null");

    assert.equal((await aws(account, "sts", "get-caller-identity")).Account, account);
    await aws(
      account,
      "dynamodb",
      "create-table",
      "--table-name",
      "table",
      "--billing-mode",
      "PAY_PER_REQUEST",
      "--attribute-definitions",
      "AttributeName=k,AttributeType=S",
      "--key-schema",
      "AttributeName=k,KeyType=HASH",
    );
    const program = [
      "import boto3",
      "print(boto3.client('sts').get_caller_identity()['Account'])",
      "print(boto3.client('dynamodb').list_tables()['TableNames'])",
    ].join("\n");
    const boto3 = async (id: string) => (await run(join(bin, "python"), ["-c", program], { env: env(id) })).stdout;
    const [mine, theirs] = await Promise.all([boto3(account), boto3(other)]);
    assert.equal(mine, `${account}\n['table']\n`);
    assert.equal(theirs, `${other}\n[]\n`);
  });
});
