import assert from "node:assert/strict";
import { failureHints } from "../../../automation/evidence/hints.js";
import type { JobRun } from "../../../automation/evidence/jobs.js";
import type { ExecutionResult } from "../../../automation/executions/execution.js";

const execution = (change: Partial<ExecutionResult>) =>
  ({
    workflow: "orchestrator",
    status: "FAILED",
    error: "States.TaskFailed",
    states: [],
    ...change,
  }) as ExecutionResult;
const job = {
  name: "features",
  status: "FAILED",
  reason: "Essential container in task exited",
  exitCode: 1,
  logStream: "s/1",
} as JobRun;
const line = (stream: string, message: string) => ({ group: "/aws/batch/job", stream, at: new Date(0), message });

describe("hints at a failure", () => {
  it("name the state, the job, and the job's last words", () => {
    const states = [{ name: "Feature extraction", error: "States.TaskFailed" }] as ExecutionResult["states"];
    const logs = [
      line("s/1", "started"),
      line("s/1", '{"level":"error","message":"AccessDenied: no"}'),
      line("s/2", "other"),
    ];
    assert.deepEqual(failureHints([execution({ states, cause: "{…}" })], [job], logs), [
      'orchestrator FAILED in state "Feature extraction": States.TaskFailed',
      "job features FAILED, exit code 1: Essential container in task exited; its last line: AccessDenied: no",
    ]);
  });

  it("tell an execution's own cause where no job failed", () => {
    assert.deepEqual(failureHints([execution({ error: "InvalidInput", cause: "not an object" })], [], []), [
      "orchestrator FAILED: InvalidInput: not an object",
    ]);
  });

  it("are none for what succeeded", () => {
    assert.deepEqual(failureHints([execution({ status: "SUCCEEDED" })], [{ ...job, status: "SUCCEEDED" }], []), []);
  });
});
