import assert from "node:assert/strict";
import {
  CreateJobCommand,
  type CreateJobCommandInput,
  GetJobCommand,
  GetJobRunsCommand,
  StartJobRunCommand,
  type StartJobRunCommandInput,
  UpdateJobCommand,
  type WorkerType,
} from "@aws-sdk/client-glue";
import { type GlueAccount, glueAccount } from "./fixture.js";

describe("Glue: what jobs it refuses", () => {
  let on: GlueAccount;
  before(async () => {
    on = await glueAccount();
  });

  const settings = (more: Partial<CreateJobCommandInput> = {}): CreateJobCommandInput => ({
    Name: "limits",
    Role: "glue",
    GlueVersion: "4.0",
    WorkerType: "G.1X",
    NumberOfWorkers: 2,
    Command: { Name: "glueetl", ScriptLocation: "s3://somewhere/script.py", PythonVersion: "3" },
    ...more,
  });
  const create = (more: Partial<CreateJobCommandInput>) => on.glue.send(new CreateJobCommand(settings(more)));
  const refused = (attempt: Promise<unknown>, message: string | RegExp, name = "InvalidInputException") =>
    assert.rejects(attempt, (error: Error) => {
      assert.equal(error.name, name, error.message);
      if (typeof message === "string") assert.equal(error.message, message);
      else assert.match(error.message, message);
      return true;
    });
  const shell = { Name: "pythonshell", ScriptLocation: "s3://somewhere/script.py", PythonVersion: "3.9" };
  const one = "To use Worker Type G.1X, minimum allowed value of Number of Workers is 2.";

  it("versions and workers that there are not, or not together", async () => {
    await refused(create({ GlueVersion: "9.9" }), "Given GlueVersion [9.9] is not valid");
    await refused(create({ NumberOfWorkers: 1 }), one);
    await refused(
      create({ GlueVersion: "2.0", WorkerType: "G.4X" }),
      "Worker type G.4X is not supported for Glue Version 2.0",
    );
    await refused(
      create({ GlueVersion: "3.0", WorkerType: "R.1X" }),
      /^Worker type R\.1X is not supported for Glue Version 3\.0$/,
    );
    await refused(create({ WorkerType: "G.025X" }), "Worker Type G.025X is not supported for Job Command glueetl");
    await refused(create({ Command: shell }), "Worker Type is not supported for Job Command pythonshell");
    await refused(create({ WorkerType: "G.3X" as WorkerType }), "Worker type G.3X is not supported.");
    await refused(create({ NumberOfWorkers: undefined }), "Please set both Worker Type and Number of Workers.");
    const flex = /^Only jobs with Glue version 3\.0 and above and command type glueetl/;
    await refused(create({ GlueVersion: "2.0", ExecutionClass: "FLEX" }), flex);
    await refused(create({ Timeout: 10_081 }), /Timeout/, "ValidationException");
    await refused(create({ MaxRetries: 11 }), /MaxRetries/, "ValidationException");
    await refused(create({ Command: { ...shell, PythonVersion: "3.8" } }), /PythonVersion/, "ValidationException");
  });

  it("the same when a job is changed and when it is run", async () => {
    await create({});
    const change = (more: Partial<CreateJobCommandInput>) => {
      const { Name: JobName, Tags: _, ...JobUpdate } = settings(more);
      return on.glue.send(new UpdateJobCommand({ JobName, JobUpdate }));
    };
    const start = (more: Partial<StartJobRunCommandInput>) =>
      on.glue.send(new StartJobRunCommand({ JobName: "limits", ...more }));
    await refused(change({ GlueVersion: "9.9" }), "Given GlueVersion [9.9] is not valid");
    await refused(change({ NumberOfWorkers: 1 }), one);
    assert.equal((await on.glue.send(new GetJobCommand({ JobName: "limits" }))).Job?.NumberOfWorkers, 2);
    await refused(start({ WorkerType: "G.1X", NumberOfWorkers: 1 }), one);
    await change({ GlueVersion: "3.0", WorkerType: "G.8X", NumberOfWorkers: 3, ExecutionClass: "FLEX" });
    await refused(
      start({ WorkerType: "G.16X", NumberOfWorkers: 3 }),
      "Worker type G.16X is not supported for Glue Version 3.0",
    );
    assert.deepEqual((await on.glue.send(new GetJobRunsCommand({ JobName: "limits" }))).JobRuns, []);
  });
});
