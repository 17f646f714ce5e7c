import assert from "node:assert/strict";
import { once } from "node:events";
import {
  CreateStateMachineCommand,
  DescribeExecutionCommand,
  SFNClient,
  StartExecutionCommand,
  StopExecutionCommand,
} from "@aws-sdk/client-sfn";
import type { BatchSubmitJobTask } from "../../../localcloud/compute/plane.js";
import { freshAccount } from "../../support/cloud.js";
import { type BridgeFixture, bridgeFixture } from "./bridge-fixture.js";

const region = "eu-central-1";
const submit = { Effect: "Allow", Action: "batch:SubmitJob", Resource: "*" };

describe("bridge: batch:submitJob tasks of state machines", () => {
  let bridge: BridgeFixture;
  before(async () => {
    bridge = await bridgeFixture();
  });
  after(() => bridge.stop());

  /** Starts a machine of one task and returns a client and the execution's ARN. */
  async function start(task: object, statements: object[] = [submit], service = "states.amazonaws.com") {
    const account = freshAccount();
    const sfn = new SFNClient(bridge.context.clientConfig(account, region));
    const roleArn = await bridge.role(account, service, statements);
    const definition = JSON.stringify({
      StartAt: "Submit",
      States: { Submit: { Type: "Task", Resource: "arn:aws:states:::batch:submitJob.sync", End: true, ...task } },
    });
    const machine = await sfn.send(new CreateStateMachineCommand({ name: "m", definition, roleArn }));
    const { executionArn = "" } = await sfn.send(
      new StartExecutionCommand({ stateMachineArn: machine.stateMachineArn }),
    );
    return { account, sfn, executionArn };
  }

  async function outcome(sfn: SFNClient, executionArn: string) {
    for (let tries = 0; tries < 200; tries += 1) {
      const execution = await sfn.send(new DescribeExecutionCommand({ executionArn }));
      if (execution.status !== "RUNNING") return execution;
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
    throw new Error(`${executionArn} does not end`);
  }

  const Parameters = { JobName: "j", JobQueue: "q", JobDefinition: "d", ContainerOverrides: { Command: ["jobs/a"] } };

  it("gives the compute plane the task's parameters and execution, and its result to the state", async () => {
    let seen: BatchSubmitJobTask | undefined;
    bridge.task = async (task) => {
      seen = task;
      return { result: { JobId: "1", Status: "SUCCEEDED" } };
    };
    const { account, sfn, executionArn } = await start({ Parameters });
    const execution = await outcome(sfn, executionArn);
    assert.equal(execution.status, "SUCCEEDED", execution.cause);
    assert.deepEqual(JSON.parse(execution.output ?? ""), { JobId: "1", Status: "SUCCEEDED" });
    assert.deepEqual(seen?.parameters, Parameters);
    assert.equal(seen?.sync, true);
    assert.equal(seen?.account, account);
    assert.equal(seen?.executionArn, executionArn);
  });

  it("does not wait without .sync", async () => {
    let sync: boolean | undefined;
    bridge.task = async (task) => {
      sync = task.sync;
      return { result: { JobId: "2" } };
    };
    const { sfn, executionArn } = await start({ Parameters, Resource: "arn:aws:states:::batch:submitJob" });
    assert.equal((await outcome(sfn, executionArn)).status, "SUCCEEDED");
    assert.equal(sync, false);
  });

  it("fails the task with the error and cause of the job", async () => {
    bridge.task = async () => ({ error: "States.TaskFailed", cause: '{"JobId":"3","Status":"FAILED"}' });
    const { sfn, executionArn } = await start({ Parameters });
    const execution = await outcome(sfn, executionArn);
    assert.equal(execution.status, "FAILED");
    assert.equal(execution.error, "States.TaskFailed");
    assert.deepEqual(JSON.parse(execution.cause ?? ""), { JobId: "3", Status: "FAILED" });
  });

  it("acts as the machine's role: it has to trust Step Functions and to allow batch:SubmitJob", async () => {
    bridge.task = async () => assert.fail("nothing may be submitted");
    const powerless = await start({ Parameters }, []);
    const denied = await outcome(powerless.sfn, powerless.executionArn);
    assert.equal(denied.error, "Batch.AccessDeniedException");
    assert.match(denied.cause ?? "", /is not authorized to perform: batch:SubmitJob on resource: .*job-definition\/d/);
    const untrusted = await start({ Parameters }, [submit], "lambda.amazonaws.com");
    const refused = await outcome(untrusted.sfn, untrusted.executionArn);
    assert.equal(refused.status, "FAILED");
    assert.match(refused.cause ?? "", /states\.amazonaws\.com/);
  });

  for (const [how, task] of [
    ["the execution is stopped", {}],
    ["the task times out", { TimeoutSeconds: 1 }],
  ] as const)
    it(`tells the compute plane when ${how}`, async () => {
      const broken = new Promise<void>((resolve, reject) => {
        bridge.task = async ({ signal }) => {
          begun();
          await once(signal, "abort").then(() => resolve(), reject);
          return { result: {} };
        };
      });
      let begun: () => void = () => {};
      const running = new Promise<void>((resolve) => {
        begun = resolve;
      });
      const { sfn, executionArn } = await start({ Parameters, ...task });
      await running;
      if (!("TimeoutSeconds" in task)) await sfn.send(new StopExecutionCommand({ executionArn }));
      await broken;
      const execution = await outcome(sfn, executionArn);
      assert.equal(execution.status, "TimeoutSeconds" in task ? "FAILED" : "ABORTED");
      if ("TimeoutSeconds" in task) assert.equal(execution.error, "States.Timeout");
    });
});
