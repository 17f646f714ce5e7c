import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  BatchClient,
  CreateComputeEnvironmentCommand,
  CreateJobQueueCommand,
  DescribeComputeEnvironmentsCommand,
  DescribeJobsCommand,
  ListJobsCommand,
  RegisterJobDefinitionCommand,
  SubmitJobCommand,
} from "@aws-sdk/client-batch";
import { CloudWatchLogsClient, GetLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import { CreateSecurityGroupCommand, CreateSubnetCommand, CreateVpcCommand, EC2Client } from "@aws-sdk/client-ec2";
import { EventBridgeClient, PutRuleCommand, PutTargetsCommand } from "@aws-sdk/client-eventbridge";
import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import {
  CreateStateMachineCommand,
  DescribeExecutionCommand,
  SFNClient,
  StartExecutionCommand,
} from "@aws-sdk/client-sfn";
import { CreateQueueCommand, ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { type Cloud, startCloud } from "../../../localcloud/server/cloud.js";
import { clientConfig, freshAccount, testCloud } from "../../support/cloud.js";
import { files, push, repository } from "../compute/images/fixture.js";
import { policy } from "./bridge-fixture.js";
import { allGone, processTree } from "./process-tree.js";

/** Says who it is, then does what its argument says. */
const PROGRAM = `
import sys, time, boto3
print(boto3.client("sts").get_caller_identity()["Arn"], flush=True)
if sys.argv[1:] == ["fail"]: sys.exit(3)
if sys.argv[1:] == ["sleep"]: time.sleep(600)
`;

/** What a Batch job of an account needs: a role, a network, an environment, a queue and a definition. */
async function account(cloud: Cloud) {
  const id = freshAccount();
  const config = clientConfig(cloud, id);
  const iam = new IAMClient(config);
  const role = async (name: string, service: string, ...Action: string[]) => {
    const trust = { Effect: "Allow", Principal: { Service: service }, Action: "sts:AssumeRole" };
    const created = await iam.send(
      new CreateRoleCommand({ RoleName: name, AssumeRolePolicyDocument: policy([trust]) }),
    );
    const PolicyDocument = policy([{ Effect: "Allow", Action, Resource: "*" }]);
    await iam.send(new PutRolePolicyCommand({ RoleName: name, PolicyName: "p", PolicyDocument }));
    return created.Role?.Arn ?? "";
  };
  const ec2 = new EC2Client(config);
  const { Vpc } = await ec2.send(new CreateVpcCommand({ CidrBlock: "10.0.0.0/16" }));
  const { Subnet } = await ec2.send(new CreateSubnetCommand({ VpcId: Vpc?.VpcId, CidrBlock: "10.0.0.0/24" }));
  const group = await ec2.send(new CreateSecurityGroupCommand({ VpcId: Vpc?.VpcId, GroupName: "g", Description: "g" }));
  const batch = new BatchClient(config);
  await batch.send(
    new CreateComputeEnvironmentCommand({
      computeEnvironmentName: "fargate",
      type: "MANAGED",
      computeResources: {
        type: "FARGATE",
        maxvCpus: 4,
        subnets: [Subnet?.SubnetId ?? ""],
        securityGroupIds: [group.GroupId ?? ""],
      },
    }),
  );
  await eventually(async () => {
    const { computeEnvironments } = await batch.send(new DescribeComputeEnvironmentsCommand({}));
    return computeEnvironments?.[0]?.status === "VALID" || undefined;
  });
  await batch.send(
    new CreateJobQueueCommand({
      jobQueueName: "q",
      priority: 1,
      computeEnvironmentOrder: [{ order: 1, computeEnvironment: "fargate" }],
    }),
  );
  const images = await repository(cloud, id);
  await push(images, "one", [await files({ "app/main.py": PROGRAM })], {
    Entrypoint: ["python3", "/app/main.py"],
    WorkingDir: "/app",
  });
  const definition = await batch.send(
    new RegisterJobDefinitionCommand({
      jobDefinitionName: "whoami",
      type: "container",
      platformCapabilities: ["FARGATE"],
      containerProperties: {
        image: `${images.url}:one`,
        jobRoleArn: await role("job", "ecs-tasks.amazonaws.com", "s3:GetObject"),
        executionRoleArn: await role("execution", "ecs-tasks.amazonaws.com", "ecr:*"),
        resourceRequirements: [
          { type: "VCPU", value: "0.25" },
          { type: "MEMORY", value: "512" },
        ],
      },
    }),
  );
  return { id, config, role, batch, definition: definition.jobDefinitionArn ?? "" };
}

describe("jobs on the whole cloud", () => {
  let cloud: Cloud;
  before(async () => {
    cloud = await testCloud();
  });

  it("run for a state machine as their job role, fail it with their detail, and tell the default bus", async () => {
    const { id, config, role } = await account(cloud);
    const sqs = new SQSClient(config);
    const { QueueUrl = "" } = await sqs.send(new CreateQueueCommand({ QueueName: "failures" }));
    const events = new EventBridgeClient(config);
    const EventPattern = JSON.stringify({ source: ["aws.batch"], detail: { status: ["FAILED"] } });
    await events.send(new PutRuleCommand({ Name: "failures", EventPattern }));
    const queueArn = `arn:aws:sqs:${config.region}:${id}:failures`;
    await events.send(new PutTargetsCommand({ Rule: "failures", Targets: [{ Id: "q", Arn: queueArn }] }));

    const submit = (Command: string[]) => ({
      Type: "Task",
      Resource: "arn:aws:states:::batch:submitJob.sync",
      Parameters: { JobName: "j", JobQueue: "q", JobDefinition: "whoami", ContainerOverrides: { Command } },
    });
    const sfn = new SFNClient(config);
    const machine = await sfn.send(
      new CreateStateMachineCommand({
        name: "m",
        roleArn: await role(
          "states",
          "states.amazonaws.com",
          "batch:SubmitJob",
          "events:DescribeRule",
          "events:PutRule",
          "events:PutTargets",
        ),
        definition: JSON.stringify({
          StartAt: "Good",
          States: {
            Good: { ...submit(["ok"]), ResultPath: "$.good", Next: "Bad" },
            Bad: { ...submit(["fail"]), End: true },
          },
        }),
      }),
    );
    const { executionArn } = await sfn.send(new StartExecutionCommand({ stateMachineArn: machine.stateMachineArn }));
    const execution = await eventually(async () => {
      const found = await sfn.send(new DescribeExecutionCommand({ executionArn }));
      return found.status === "RUNNING" ? undefined : found;
    });
    assert.equal(execution.error, "States.TaskFailed", execution.cause);
    const detail = JSON.parse(execution.cause ?? "{}");
    assert.equal(detail.Status, "FAILED");
    assert.equal(detail.Container.ExitCode, 3);

    const received = await sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 5 }));
    const event = JSON.parse(received.Messages?.[0]?.Body ?? "{}");
    assert.equal(event["detail-type"], "Batch Job State Change");
    assert.equal(event.detail.jobId, detail.JobId);

    const logs = new CloudWatchLogsClient(config);
    const logStreamName = detail.Container.LogStreamName;
    const said = await logs.send(new GetLogEventsCommand({ logGroupName: "/aws/batch/job", logStreamName }));
    assert.match(said.events?.[0]?.message ?? "", new RegExp(`^arn:aws:sts::${id}:assumed-role/job/`));
  });

  it("are submitted by a rule, with the rights of the target's role", async () => {
    const { id, config, role, batch, definition } = await account(cloud);
    const events = new EventBridgeClient(config);
    const target = async (rule: string, RoleArn: string) => {
      await events.send(new PutRuleCommand({ Name: rule, ScheduleExpression: "cron(0 2 * * ? *)", State: "DISABLED" }));
      const BatchParameters = { JobDefinition: definition, JobName: rule };
      const Arn = `arn:aws:batch:${config.region}:${id}:job-queue/q`;
      await events.send(new PutTargetsCommand({ Rule: rule, Targets: [{ Id: "b", Arn, RoleArn, BatchParameters }] }));
      await cloud.fire({ account: id, region: config.region, kind: "rule", name: rule });
    };
    await target("daily", await role("events", "events.amazonaws.com", "batch:SubmitJob"));
    await target("powerless", await role("powerless", "events.amazonaws.com", "batch:DescribeJobs"));
    const { jobSummaryList } = await batch.send(
      new ListJobsCommand({ jobQueue: "q", filters: [{ name: "JOB_NAME", values: ["*"] }] }),
    );
    assert.deepEqual(
      jobSummaryList?.map((job) => job.jobName),
      ["daily"],
    );
  });

  it("die with a cloud that is killed", async function () {
    if (process.platform !== "linux") this.skip();
    const dataDir = mkdtempSync(join(tmpdir(), "crucible-killed-"));
    const doomed = await startCloud({ dataDir, lifetime: "parent" });
    const { batch } = await account(doomed);
    const before = processTree(doomed.pid);
    const job = await batch.send(
      new SubmitJobCommand({
        jobName: "long",
        jobQueue: "q",
        jobDefinition: "whoami",
        containerOverrides: { command: ["sleep"] },
      }),
    );
    await eventually(async () => {
      const { jobs } = await batch.send(new DescribeJobsCommand({ jobs: [job.jobId ?? ""] }));
      assert.notEqual(jobs?.[0]?.status, "FAILED", jobs?.[0]?.statusReason);
      return jobs?.[0]?.status === "RUNNING" ? jobs[0] : undefined;
    });
    const tree = processTree(doomed.pid);
    assert.ok(tree.length > before.length, "the job has processes");
    process.kill(doomed.pid, "SIGKILL");
    await allGone(tree);
    rmSync(dataDir, { recursive: true, force: true });
  });
});

/** What `look` finds in the end; it is asked again while it finds nothing. */
async function eventually<T>(look: () => Promise<T | undefined>, timeoutMs = 20_000): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (Date.now() > deadline) throw new Error(`nothing within ${timeoutMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
