// Integrations of services that run jobs, against a server that answers as the services do and events that the test puts.
import assert from "node:assert/strict";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { EventTap } from "../../../../../localcloud/compute/eventTap.js";
import {
  createTaskRunner,
  type Integrator,
} from "../../../../../localcloud/compute/stepfunctions/integrations/runner.js";
import type { Reply } from "../../../../../localcloud/compute/stepfunctions/interpreter/effects.js";
import type { Json, JsonObject } from "../../../../../localcloud/compute/stepfunctions/language/json.js";
import { until } from "../../../../support/until.js";
import { EXECUTION, MACHINE, REGION, withoutMetadata } from "./fixture.js";

const ACCOUNT = "111122223333";

describe("tasks that run jobs", () => {
  let server: Server;
  let runner: Integrator;
  let tap: EventTap;
  let requests: { operation: string; body: JsonObject }[];
  let answers: Record<string, Json | ((body: JsonObject) => Json)>;
  before(async () => {
    server = createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const operation = String(request.headers["x-amz-target"]).split(".")[1] ?? "";
      const body = JSON.parse(Buffer.concat(chunks).toString()) as JsonObject;
      requests.push({ operation, body });
      const answer = answers[operation];
      response.writeHead(answer === undefined ? 500 : 200, { "content-type": "application/x-amz-json-1.1" });
      response.end(JSON.stringify(typeof answer === "function" ? answer(body) : (answer ?? {})));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    tap = new EventTap();
    runner = createTaskRunner({
      endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      events: tap,
      log: () => undefined,
    });
  });
  beforeEach(() => {
    requests = [];
    answers = {};
  });
  after(() => {
    runner.close();
    server.closeAllConnections();
    server.close();
  });

  const start = (resource: string, parameters: Json) => {
    const abort = new AbortController();
    const replies: Reply[] = [];
    runner.start({
      account: ACCOUNT,
      region: REGION,
      executionArn: EXECUTION,
      stateMachineArn: MACHINE,
      effect: { kind: "task", id: "1", state: "Task", resource: `arn:aws:states:::${resource}`, parameters },
      credentials: async () => ({
        accessKeyId: ACCOUNT,
        secretAccessKey: "x",
        sessionToken: "x",
        expiration: new Date(Date.now() + 3_600_000),
      }),
      signal: abort.signal,
      reply: (reply) => replies.push(reply),
    });
    const last = <Kind extends Reply["kind"]>(kind: Kind) =>
      until(`a reply of kind ${kind}`, async () => {
        const reply = replies.at(-1);
        return reply?.kind === kind ? (reply as Extract<Reply, { kind: Kind }>) : undefined;
      });
    return { replies, last, stop: () => abort.abort() };
  };
  const announce = (detailType: string, detail: object) =>
    tap.announce(ACCOUNT, REGION, { source: "aws.test", detailType, detail, resources: [] });
  const asked = (operation: string) =>
    until(operation, async () => requests.find((one) => one.operation === operation));

  describe("ecs:runTask", () => {
    const task = { taskArn: "arn:task/1", clusterArn: "arn:cluster/c", lastStatus: "PROVISIONING" };
    const ended = (exitCode: number) => ({
      ...task,
      lastStatus: "STOPPED",
      stopCode: "EssentialContainerExited",
      stoppedAt: 1_700_000_000.5,
      containers: [{ name: "app", exitCode }],
    });
    const parameters = {
      Cluster: "c",
      TaskDefinition: "t",
      LaunchType: "FARGATE",
      NetworkConfiguration: { AwsvpcConfiguration: { Subnets: ["s"] } },
      Overrides: { ContainerOverrides: [{ Name: "app", Environment: [{ Name: "A", Value: "1" }] }] },
    };
    beforeEach(() => {
      answers.RunTask = { tasks: [task], failures: [] };
    });

    it(".sync gives the task once it has stopped well", async () => {
      answers.DescribeTasks = { tasks: [ended(0)] };
      const run = start("ecs:runTask.sync", parameters);
      const submitted = withoutMetadata((await run.last("submitted")).output) as JsonObject;
      assert.deepEqual(submitted, {
        Failures: [],
        Tasks: [{ ClusterArn: "arn:cluster/c", LastStatus: "PROVISIONING", TaskArn: "arn:task/1" }],
      });
      const { clientToken: _, ...sent } = requests[0]?.body ?? {};
      assert.deepEqual(sent, {
        startedBy: "AWS Step Functions",
        cluster: "c",
        taskDefinition: "t",
        launchType: "FARGATE",
        networkConfiguration: { awsvpcConfiguration: { subnets: ["s"] } },
        overrides: { containerOverrides: [{ name: "app", environment: [{ name: "A", value: "1" }] }] },
      });
      announce("ECS Task State Change", { ...task, lastStatus: "RUNNING" });
      announce("ECS Task State Change", { ...ended(0), taskArn: "arn:task/2" });
      assert.equal(run.replies.length, 1);
      announce("ECS Task State Change", ended(0));
      const { output } = await run.last("succeeded");
      assert.deepEqual(output, {
        ClusterArn: "arn:cluster/c",
        Containers: [{ ExitCode: 0, Name: "app" }],
        LastStatus: "STOPPED",
        StopCode: "EssentialContainerExited",
        StoppedAt: 1_700_000_000_500,
        TaskArn: "arn:task/1",
      });
    });

    it(".sync fails with the task when a container has failed", async () => {
      answers.DescribeTasks = { tasks: [ended(3)] };
      const run = start("ecs:runTask.sync", parameters);
      await run.last("submitted");
      announce("ECS Task State Change", ended(3));
      const { error, cause } = await run.last("failed");
      assert.deepEqual([error, JSON.parse(cause ?? "").Containers[0].ExitCode], ["States.TaskFailed", 3]);
    });

    it(".sync and .waitForTaskToken fail when the task could not be placed, a plain request does not", async () => {
      answers.RunTask = { tasks: [], failures: [{ reason: "RESOURCE:MEMORY" }] };
      assert.equal((await start("ecs:runTask.sync", parameters).last("failed")).error, "AmazonECS.Unknown");
      assert.equal((await start("ecs:runTask.waitForTaskToken", parameters).last("failed")).error, "AmazonECS.Unknown");
      await start("ecs:runTask", parameters).last("succeeded");
    });

    it(".sync stops the task of a task that is stopped", async () => {
      answers.StopTask = { task };
      const run = start("ecs:runTask.sync", parameters);
      await run.last("submitted");
      run.stop();
      const { body } = await asked("StopTask");
      assert.deepEqual([body.cluster, body.task], ["arn:cluster/c", "arn:task/1"]);
    });
  });

  describe("glue:startJobRun", () => {
    beforeEach(() => {
      answers.StartJobRun = { JobRunId: "jr_1" };
      answers.GetJobRun = ({ JobName, RunId }) => ({
        JobRun: { Id: RunId ?? "", JobName: JobName ?? "", StartedOn: 1_700_000_000, JobRunState: "ENDED" },
      });
    });

    it(".sync gives the run when it has succeeded, and fails with it otherwise", async () => {
      for (const [state, kind] of [
        ["SUCCEEDED", "succeeded"],
        ["TIMEOUT", "failed"],
      ] as const) {
        const run = start("glue:startJobRun.sync", { JobName: "job", Arguments: { "--date": "x" } });
        await run.last("submitted");
        announce("Glue Job State Change", { jobName: "job", jobRunId: "jr_1", state: "RUNNING" });
        announce("Glue Job State Change", { jobName: "job", jobRunId: "jr_1", state });
        const reply = await run.last(kind);
        const detail = { Id: "jr_1", JobName: "job", JobRunState: "ENDED", StartedOn: 1_700_000_000_000 };
        if (reply.kind === "succeeded") assert.deepEqual(reply.output, detail);
        else assert.deepEqual([reply.error, JSON.parse(reply.cause ?? "")], ["States.TaskFailed", detail]);
      }
      assert.deepEqual(requests[0]?.body.Arguments, { "--date": "x" });
    });

    it(".sync stops the run of a task that is stopped", async () => {
      answers.BatchStopJobRun = {};
      const run = start("glue:startJobRun.sync", { JobName: "job" });
      await run.last("submitted");
      run.stop();
      assert.deepEqual((await asked("BatchStopJobRun")).body, { JobName: "job", JobRunIds: ["jr_1"] });
    });
  });

  describe("elasticmapreduce", () => {
    const change = (state: string) => announce("EMR Cluster State Change", { clusterId: "j-1", state });
    beforeEach(() => {
      answers.RunJobFlow = { JobFlowId: "j-1", ClusterArn: "arn:j-1" };
      answers.DescribeCluster = { Cluster: { Id: "j-1", Status: { State: "WAITING" } } };
    });

    it("createCluster.sync waits until the cluster waits for steps", async () => {
      const run = start("elasticmapreduce:createCluster.sync", {
        Name: "n",
        Instances: { KeepJobFlowAliveWhenNoSteps: true },
      });
      const { output } = await run.last("submitted");
      assert.deepEqual(withoutMetadata(output), { ClusterArn: "arn:j-1", ClusterId: "j-1" });
      change("STARTING");
      change("WAITING");
      assert.deepEqual((await run.last("succeeded")).output, {
        Cluster: { Id: "j-1", Status: { State: "WAITING" } },
        ClusterId: "j-1",
      });
    });

    it("createCluster.sync fails with a cluster that ends, and terminates that of a task that is stopped", async () => {
      const failing = start("elasticmapreduce:createCluster.sync", { Name: "n", Instances: {} });
      await failing.last("submitted");
      change("TERMINATED_WITH_ERRORS");
      assert.equal((await failing.last("failed")).error, "States.TaskFailed");
      answers.TerminateJobFlows = {};
      const stopped = start("elasticmapreduce:createCluster.sync", { Name: "n", Instances: {} });
      await stopped.last("submitted");
      stopped.stop();
      assert.deepEqual((await asked("TerminateJobFlows")).body, { JobFlowIds: ["j-1"] });
    });

    it("addStep.sync waits for the step, cancelStep cancels one, terminateCluster.sync waits for the end", async () => {
      answers.AddJobFlowSteps = { StepIds: ["s-1"] };
      answers.DescribeStep = { Step: { Id: "s-1", Status: { State: "COMPLETED" } } };
      const Step = { Name: "first", HadoopJarStep: { Jar: "command-runner.jar", Args: ["x"] } };
      const run = start("elasticmapreduce:addStep.sync", { ClusterId: "j-1", Step });
      assert.deepEqual(withoutMetadata((await run.last("submitted")).output), { StepId: "s-1" });
      assert.deepEqual(requests[0]?.body, { JobFlowId: "j-1", Steps: [Step] });
      announce("EMR Step Status Change", { clusterId: "j-1", stepId: "s-1", state: "COMPLETED" });
      assert.deepEqual((await run.last("succeeded")).output, {
        Step: { Id: "s-1", Status: { State: "COMPLETED" } },
        StepId: "s-1",
      });

      answers.CancelSteps = { CancelStepsInfoList: [{ StepId: "s-2", Status: "SUBMITTED" }] };
      const cancelled = await start("elasticmapreduce:cancelStep", { ClusterId: "j-1", StepId: "s-2" }).last(
        "succeeded",
      );
      assert.deepEqual(withoutMetadata(cancelled.output), { CancelStepsInfo: { Status: "SUBMITTED", StepId: "s-2" } });
      assert.deepEqual(requests.at(-1)?.body, { ClusterId: "j-1", StepIds: ["s-2"] });

      answers.TerminateJobFlows = {};
      const ending = start("elasticmapreduce:terminateCluster.sync", { ClusterId: "j-1" });
      await ending.last("submitted");
      change("TERMINATING");
      change("TERMINATED");
      assert.equal(((await ending.last("succeeded")).output as JsonObject).ClusterId, "j-1");
    });

    it("modifies groups and fleets by their names", async () => {
      answers.ListInstanceGroups = { InstanceGroups: [{ Id: "ig-1", Name: "core" }] };
      answers.ModifyInstanceGroups = {};
      const parameters = { ClusterId: "j-1", InstanceGroupName: "core", InstanceGroup: { InstanceCount: 8 } };
      await start("elasticmapreduce:modifyInstanceGroupByName", parameters).last("succeeded");
      assert.deepEqual(requests.at(-1)?.body, {
        ClusterId: "j-1",
        InstanceGroups: [{ InstanceCount: 8, InstanceGroupId: "ig-1" }],
      });
      const none = start("elasticmapreduce:modifyInstanceGroupByName", { ...parameters, InstanceGroupName: "none" });
      assert.equal((await none.last("failed")).error, "ElasticMapReduce.InvalidRequestException");
    });
  });

  describe("athena:startQueryExecution", () => {
    const state = (State: string) => ({ QueryExecution: { QueryExecutionId: "q", Status: { State } } });
    beforeEach(() => {
      answers.StartQueryExecution = { QueryExecutionId: "q" };
    });

    const becomes = (currentState: string, queryExecutionId = "q") =>
      announce("Athena Query State Change", { queryExecutionId, currentState });

    it(".sync gives the query once it has ended, and fails with it", async () => {
      answers.GetQueryExecution = state("SUCCEEDED");
      const run = start("athena:startQueryExecution.sync", { QueryString: "SELECT 1" });
      await run.last("submitted");
      becomes("RUNNING");
      becomes("SUCCEEDED", "another");
      assert.equal(run.replies.length, 1);
      becomes("SUCCEEDED");
      assert.deepEqual((await run.last("succeeded")).output, state("SUCCEEDED"));
      for (const ending of ["FAILED", "CANCELLED"]) {
        answers.GetQueryExecution = state(ending);
        const failing = start("athena:startQueryExecution.sync", { QueryString: "x" });
        await failing.last("submitted");
        becomes(ending);
        const { error, cause } = await failing.last("failed");
        assert.deepEqual([error, JSON.parse(cause ?? "")], ["States.TaskFailed", state(ending)]);
      }
    });

    it(".sync stops the query of a task that is stopped", async () => {
      answers.StopQueryExecution = {};
      const run = start("athena:startQueryExecution.sync", { QueryString: "SELECT 1" });
      await run.last("submitted");
      run.stop();
      assert.deepEqual((await asked("StopQueryExecution")).body, { QueryExecutionId: "q" });
      becomes("CANCELLED");
      await start("athena:stopQueryExecution", { QueryExecutionId: "q" }).last("succeeded");
      assert.equal(run.replies.length, 1);
    });
  });
});
