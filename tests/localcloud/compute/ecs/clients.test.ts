// The tools that people use: the aws CLI and boto3, against the same service.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { type EcsAccount, ecsAccount, LOG_GROUP } from "./cloud-fixture.js";

const run = promisify(execFile);
const BIN = join(process.cwd(), ".venv", "bin");

describe("ECS: its clients", function () {
  this.timeout(90_000);
  let on: EcsAccount;
  before(async () => {
    on = await ecsAccount();
  });

  const environment = () => ({
    PATH: process.env.PATH,
    HOME: process.env.HOME,
    AWS_ACCESS_KEY_ID: on.account,
    AWS_SECRET_ACCESS_KEY: "test",
    AWS_REGION: "eu-central-1",
    AWS_DEFAULT_REGION: "eu-central-1",
    AWS_ENDPOINT_URL: on.cloud.endpoint,
    AWS_PAGER: "",
  });
  const aws = async (...words: string[]) => {
    const { stdout } = await run(join(BIN, "aws"), [...words, "--output", "json"], { env: environment() });
    return stdout ? JSON.parse(stdout) : undefined;
  };
  const network = () => `awsvpcConfiguration={subnets=[${on.subnet}],securityGroups=[${on.securityGroup}]}`;

  it("the aws CLI: from a cluster to a task that has stopped, by its waiters", async () => {
    const { cluster } = await aws("ecs", "create-cluster", "--cluster-name", "cli", "--tags", "key=of,value=cli");
    assert.equal(cluster.status, "ACTIVE");
    const { taskDefinition } = await aws(
      "ecs",
      "register-task-definition",
      ...["--family", "cli", "--requires-compatibilities", "FARGATE", "--network-mode", "awsvpc"],
      ...["--cpu", "256", "--memory", "512", "--execution-role-arn", on.executionRoleArn],
      "--container-definitions",
      JSON.stringify([{ name: "app", image: on.image, command: ["fail", "3"] }]),
    );
    assert.equal(taskDefinition.revision, 1);
    const inCluster = ["--cluster", "cli"];
    const { tasks } = await aws(
      "ecs",
      "run-task",
      ...inCluster,
      ...["--task-definition", "cli", "--launch-type", "FARGATE", "--count", "1"],
      ...["--network-configuration", network()],
    );
    const arn: string = tasks[0].taskArn;
    await aws("ecs", "wait", "tasks-stopped", ...inCluster, "--tasks", arn);
    const described = await aws("ecs", "describe-tasks", ...inCluster, "--tasks", arn);
    assert.deepEqual(
      [described.tasks[0].stopCode, described.tasks[0].containers[0].exitCode, described.failures],
      ["EssentialContainerExited", 3, []],
    );
    const listed = await aws("ecs", "list-tasks", ...inCluster, "--desired-status", "STOPPED");
    assert.deepEqual(listed.taskArns, [arn]);
    await aws("ecs", "deregister-task-definition", "--task-definition", "cli:1");
    assert.equal((await aws("ecs", "delete-cluster", ...inCluster)).cluster.status, "INACTIVE");
    await assert.rejects(aws("ecs", "list-tasks", ...inCluster), /\(ClusterNotFoundException\).*Cluster not found\./);
  });

  it("boto3: a service that becomes stable, a task that is stopped, what it printed", async () => {
    await on.define("python", [{ name: "app", command: ["wait"], stopTimeout: 2 }]);
    const program = `
import boto3, json, sys, time
subnet, group = sys.argv[1:]
ecs, logs = boto3.client("ecs"), boto3.client("logs")
network = {"awsvpcConfiguration": {"subnets": [subnet]}}
ecs.create_service(cluster="cluster", serviceName="python", taskDefinition="python", desiredCount=2,
                   launchType="FARGATE", networkConfiguration=network)
ecs.get_waiter("services_stable").wait(cluster="cluster", services=["python"], WaiterConfig={"Delay": 1})
pages = ecs.get_paginator("list_tasks").paginate(cluster="cluster", serviceName="python", PaginationConfig={"PageSize": 1})
tasks = [arn for page in pages for arn in page["taskArns"]]
stream, events = "test/app/" + tasks[0].split("/")[-1], []
while not events:
    time.sleep(0.1)
    events = logs.get_log_events(logGroupName=group, logStreamName=stream, startFromHead=True)["events"]
ecs.delete_service(cluster="cluster", service="python", force=True)
ecs.get_waiter("services_inactive").wait(cluster="cluster", services=["python"], WaiterConfig={"Delay": 1})
stopped = ecs.describe_tasks(cluster="cluster", tasks=tasks)["tasks"]
try:
    ecs.stop_task(cluster="cluster", task="0" * 32)
except ecs.exceptions.InvalidParameterException as error:
    refusal = error.response["Error"]["Message"]
print(json.dumps({
    "count": len(tasks), "stopCodes": [task["stopCode"] for task in stopped], "refusal": refusal,
    "years": [task["stoppedAt"].year for task in stopped], "lines": [event["message"] for event in events]}))
`;
    const { stdout } = await run(join(BIN, "python"), ["-c", program, on.subnet, LOG_GROUP], { env: environment() });
    const { years, ...answer } = JSON.parse(stdout);
    assert.deepEqual(answer, {
      count: 2,
      stopCodes: ["ServiceSchedulerInitiated", "ServiceSchedulerInitiated"],
      refusal: "The referenced task was not found.",
      lines: ["waiting"],
    });
    assert.ok(years.every((year: number) => year >= 2024));
  });
});
