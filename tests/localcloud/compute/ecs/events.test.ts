// What ECS puts on the default bus about tasks and services.
import assert from "node:assert/strict";
import { CreateServiceCommand, DeleteServiceCommand, StopTaskCommand } from "@aws-sdk/client-ecs";
import { EventBridgeClient, PutRuleCommand, PutTargetsCommand } from "@aws-sdk/client-eventbridge";
import { CreateQueueCommand, ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { type EcsAccount, ecsAccount, withCommand } from "./cloud-fixture.js";

interface Seen {
  source: string;
  account: string;
  region: string;
  resources: string[];
  "detail-type": string;
  // biome-ignore lint/suspicious/noExplicitAny: details are read member by member, and a missing member has to fail the test
  detail: any;
}

describe("ECS: events", () => {
  let on: EcsAccount;
  let sqs: SQSClient;
  before(async function () {
    this.timeout(60_000);
    on = await ecsAccount();
    sqs = new SQSClient(on.config());
    await on.define("plain", [{ name: "app", stopTimeout: 2 }]);
  });

  /** What reaches a queue by a rule with this pattern, until it is enough. */
  const listen = async (name: string, pattern: object) => {
    const events = new EventBridgeClient(on.config());
    const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: name }));
    await events.send(
      new PutRuleCommand({ Name: name, EventPattern: JSON.stringify({ source: ["aws.ecs"], ...pattern }) }),
    );
    const Arn = `arn:aws:sqs:eu-central-1:${on.account}:${name}`;
    await events.send(new PutTargetsCommand({ Rule: name, Targets: [{ Id: "1", Arn }] }));
    return async (isEnough: (seen: Seen[]) => boolean): Promise<Seen[]> => {
      const seen: Seen[] = [];
      while (!isEnough(seen)) {
        const { Messages = [] } = await sqs.send(
          new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 1 }),
        );
        seen.push(...Messages.map(({ Body = "" }) => JSON.parse(Body)));
      }
      return seen.sort((one, other) => (one.detail.version ?? 0) - (other.detail.version ?? 0));
    };
  };
  const statuses = (seen: Seen[]) => seen.map(({ detail }) => `${detail.lastStatus}/${detail.desiredStatus}`);
  const isStopped = (seen: Seen[]) => seen.some(({ detail }) => detail.lastStatus === "STOPPED");

  it("tells of every status that a task takes, in their order", async () => {
    const until = await listen("ends", { "detail-type": ["ECS Task State Change"], detail: { startedBy: ["ends"] } });
    const arn = await on.run("plain", { ...withCommand("fail", "3"), startedBy: "ends" });
    const seen = await until(isStopped);
    assert.deepEqual(statuses(seen), [
      "PROVISIONING/RUNNING",
      "PENDING/RUNNING",
      "ACTIVATING/RUNNING",
      "RUNNING/RUNNING",
      "RUNNING/STOPPED",
      "DEACTIVATING/STOPPED",
      "STOPPING/STOPPED",
      "DEPROVISIONING/STOPPED",
      "STOPPED/STOPPED",
    ]);
    assert.deepEqual(
      seen.map(({ detail }) => detail.version),
      seen.map((_, index) => index + 1),
    );
    const last = seen.at(-1);
    assert.deepEqual(
      [last?.source, last?.["detail-type"], last?.account, last?.region, last?.resources],
      ["aws.ecs", "ECS Task State Change", on.account, "eu-central-1", [arn]],
    );
    const { detail } = last as Seen;
    assert.deepEqual(
      [detail.taskArn, detail.stopCode, detail.stoppedReason, detail.containers[0].exitCode, detail.group],
      [arn, "EssentialContainerExited", "Essential container in task exited", 3, "family:plain"],
    );
    assert.match(detail.stoppedAt, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    assert.equal(detail.attachments[0].status, "DELETED");
  });

  it("tells of a task that never ran", async () => {
    const until = await listen("fails", { "detail-type": ["ECS Task State Change"], detail: { startedBy: ["fails"] } });
    await on.define("unpullable", [{ name: "app", image: `${on.repository}:none` }]);
    await on.run("unpullable", { startedBy: "fails" });
    const seen = await until(isStopped);
    assert.deepEqual(statuses(seen), [
      "PROVISIONING/RUNNING",
      "PENDING/RUNNING",
      "PENDING/STOPPED",
      "DEPROVISIONING/STOPPED",
      "STOPPED/STOPPED",
    ]);
    assert.equal(seen.at(-1)?.detail.stopCode, "TaskFailedToStart");
  });

  it("tells of a task that was stopped by somebody", async () => {
    const until = await listen("ended", { detail: { startedBy: ["ended"], lastStatus: ["STOPPED"] } });
    const arn = await on.run("plain", { ...withCommand("wait"), startedBy: "ended" });
    await on.reaches(arn, "RUNNING");
    await on.ecs.send(new StopTaskCommand({ cluster: "cluster", task: arn, reason: "enough" }));
    const [{ detail } = {} as Seen] = await until(isStopped);
    assert.deepEqual([detail.stopCode, detail.stoppedReason], ["UserInitiated", "enough"]);
  });

  it("tells of a service's deployment and of its steady state", async () => {
    const until = await listen("services", {
      "detail-type": ["ECS Deployment State Change", "ECS Service Action"],
      resources: [{ suffix: "/told" }],
    });
    await on.define("server", [{ name: "app", command: ["wait"], stopTimeout: 2 }]);
    await on.ecs.send(
      new CreateServiceCommand({
        cluster: "cluster",
        serviceName: "told",
        taskDefinition: "server",
        desiredCount: 1,
        launchType: "FARGATE",
        networkConfiguration: on.network,
      }),
    );
    const seen = await until((events) => events.some(({ detail }) => detail.eventName === "SERVICE_STEADY_STATE"));
    assert.deepEqual(seen.map((event) => [event["detail-type"], event.detail.eventName]).sort(), [
      ["ECS Deployment State Change", "SERVICE_DEPLOYMENT_COMPLETED"],
      ["ECS Deployment State Change", "SERVICE_DEPLOYMENT_IN_PROGRESS"],
      ["ECS Service Action", "SERVICE_STEADY_STATE"],
    ]);
    await on.ecs.send(new DeleteServiceCommand({ cluster: "cluster", service: "told", force: true }));
  });
});
