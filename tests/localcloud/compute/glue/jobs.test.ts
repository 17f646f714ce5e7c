import assert from "node:assert/strict";
import { EventBridgeClient, PutRuleCommand, PutTargetsCommand } from "@aws-sdk/client-eventbridge";
import {
  BatchStopJobRunCommand,
  CreateJobCommand,
  DeleteJobCommand,
  GetJobCommand,
  GetJobRunsCommand,
  GetTagsCommand,
  StartJobRunCommand,
  UpdateJobCommand,
} from "@aws-sdk/client-glue";
import { CreateQueueCommand, ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { until } from "../../../support/until.js";
import { type GlueAccount, glueAccount, pythonShell, role } from "./fixture.js";

describe("Glue: jobs and their runs", function () {
  this.timeout(120_000);
  let on: GlueAccount;
  const shell = (name: string, script: string, input: object = {}) =>
    on.job(name, script, { Command: pythonShell(on, name), GlueVersion: undefined, ...input });
  before(async () => {
    on = await glueAccount();
  });

  it("gives a script its arguments, its role and the parameters of its run", async () => {
    const script = `
import boto3, json, sys
from awsglue.utils import getResolvedOptions
given = getResolvedOptions(sys.argv, ["JOB_NAME", "colour", "empty"])
print(json.dumps([given["JOB_NAME"], given["colour"], given["empty"], given["JOB_RUN_ID"], given["TempDir"]]))
print(boto3.client("sts").get_caller_identity()["Arn"])
`;
    await shell("plain", script, {
      DefaultArguments: { "--colour": "red", "--empty": "", "--TempDir": "s3://x/tmp" },
      Tags: { team: "data" },
    });
    const run = await on.run("plain", { "--colour": "blue" });
    assert.equal(run.JobRunState, "SUCCEEDED", run.ErrorMessage);
    const [given, arn] = await on.lines("/aws-glue/python-jobs/output", run.Id ?? "");
    assert.deepEqual(JSON.parse(given ?? ""), ["plain", "blue", "", run.Id, "s3://x/tmp"]);
    assert.match(arn ?? "", /:assumed-role\/glue\/GlueJobRunnerSession$/);
    const { Tags } = await on.glue.send(
      new GetTagsCommand({ ResourceArn: `arn:aws:glue:${on.config.region}:${on.account}:job/plain` }),
    );
    assert.deepEqual(Tags, { team: "data" });
    assert.equal(run.MaxCapacity, 0.0625);
    assert.equal(run.Timeout, 2880);
  });

  it("words the reasons of failures: an exception, an exit code, a missing argument, a script or a role that is not there", async () => {
    await shell("raising", "def f():\n    raise ValueError('no good')\nf()\n");
    await shell("exiting", "import sys\nsys.exit(3)\n");
    await shell(
      "asking",
      "import sys\nfrom awsglue.utils import getResolvedOptions\ngetResolvedOptions(sys.argv, ['nobody'])\n",
    );
    await shell("lost", "", { Command: { ...pythonShell(on, "lost"), ScriptLocation: `s3://${on.bucket}/none.py` } });
    await role(on.config, "closed", "lambda.amazonaws.com", ["s3:*"]);
    await shell("stranger", "", { Role: "closed" });
    const reason = async (name: string) => {
      const run = await on.run(name);
      assert.equal(run.JobRunState, "FAILED");
      return run.ErrorMessage;
    };
    assert.equal(await reason("raising"), "ValueError: no good");
    assert.equal(await reason("exiting"), "SystemExit: 3");
    assert.equal(await reason("asking"), "GlueArgumentError: the following arguments are required: --nobody");
    assert.match(
      (await reason("lost")) ?? "",
      new RegExp(`^LAUNCH ERROR \\| Error downloading from S3 for bucket: ${on.bucket}, key: none.py\\.`),
    );
    assert.equal(
      await reason("stranger"),
      `arn:aws:iam::${on.account}:role/closed should be given assume role permissions for Glue Service.`,
    );
  });

  it("refuses more runs than the job allows, and stops those that are asked to stop", async () => {
    await shell("endless", "import time\nprint('begun', flush=True)\ntime.sleep(600)\n");
    const RunId = await on.start("endless");
    await on.reaches("endless", RunId, "RUNNING");
    await assert.rejects(on.start("endless"), { name: "ConcurrentRunsExceededException" });
    await until(
      "the first line",
      async () => (await on.lines("/aws-glue/python-jobs/output", RunId)).includes("begun") || undefined,
    );
    const stopped = await on.glue.send(
      new BatchStopJobRunCommand({ JobName: "endless", JobRunIds: [RunId, "jr_none"] }),
    );
    assert.deepEqual(stopped.SuccessfulSubmissions, [{ JobName: "endless", JobRunId: RunId }]);
    assert.equal(stopped.Errors?.[0]?.ErrorDetail?.ErrorCode, "EntityNotFoundException");
    const run = await on.reaches("endless", RunId, "STOPPED");
    assert.equal(run.ErrorMessage, undefined);
  });

  it("runs a failed job again as often as it may", async () => {
    await shell("stubborn", "raise RuntimeError('again')\n", { MaxRetries: 1 });
    const id = await on.start("stubborn");
    const last = await on
      .reaches("stubborn", id, "FAILED")
      .then(() => on.reaches("stubborn", `${id}_attempt_1`, "FAILED"));
    assert.deepEqual([last.Attempt, last.PreviousRunId], [1, id]);
    const { JobRuns = [] } = await on.glue.send(new GetJobRunsCommand({ JobName: "stubborn" }));
    assert.deepEqual(
      JobRuns.map(({ Id }) => Id),
      [`${id}_attempt_1`, id],
    );
  });

  it("announces how runs end", async () => {
    const sqs = new SQSClient(on.config);
    const { QueueUrl = "" } = await sqs.send(new CreateQueueCommand({ QueueName: "states" }));
    const events = new EventBridgeClient(on.config);
    await events.send(
      new PutRuleCommand({
        Name: "states",
        EventPattern: JSON.stringify({ source: ["aws.glue"], "detail-type": ["Glue Job State Change"] }),
      }),
    );
    const Arn = `arn:aws:sqs:${on.config.region}:${on.account}:states`;
    await events.send(new PutTargetsCommand({ Rule: "states", Targets: [{ Id: "queue", Arn }] }));
    await shell("told", "raise KeyError('x')\n");
    const run = await on.run("told");
    const body = await until(
      "the event",
      async () => (await sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 1 }))).Messages?.[0]?.Body,
    );
    assert.deepEqual(JSON.parse(body).detail, {
      jobName: "told",
      severity: "ERROR",
      state: "FAILED",
      jobRunId: run.Id,
      message: "KeyError: 'x'",
    });
  });

  it("refuses what it cannot do, in the service's words", async () => {
    const create = (input: object) =>
      on.glue.send(new CreateJobCommand({ Name: "bad", Role: "glue", Command: pythonShell(on, "bad"), ...input }));
    await assert.rejects(create({ Command: { Name: "glueray", ScriptLocation: "s3://a/b" } }), {
      name: "InvalidInputException",
      message: /glueray is not supported by the local cloud; it has glueetl and pythonshell/,
    });
    await assert.rejects(create({ MaxCapacity: 3 }), { name: "InvalidInputException" });
    await assert.rejects(
      create({
        Command: { Name: "glueetl", ScriptLocation: "s3://a/b" },
        WorkerType: "G.1X",
        NumberOfWorkers: 2,
        MaxCapacity: 2,
      }),
      {
        name: "InvalidInputException",
        message: "Please do not set Max Capacity if using Worker Type and Number of Workers.",
      },
    );
    await shell("fixed", "", { NonOverridableArguments: { "--a": "1" } });
    await assert.rejects(on.start("fixed", { "--a": "2" }), { name: "InvalidInputException" });
    await assert.rejects(on.start("fixed", { "--additional-python-modules": "pyarrow==7.0.0,numpy" }), {
      message: /pyarrow is not supported by the local cloud/,
    });
    await assert.rejects(on.glue.send(new StartJobRunCommand({ JobName: "nobody" })), {
      name: "EntityNotFoundException",
    });
    await assert.rejects(shell("fixed", ""), { name: "AlreadyExistsException" });
  });

  it("replaces a definition by an update, and forgets a job that is deleted", async () => {
    await shell("changing", "", { Description: "old", MaxRetries: 2, Tags: { a: "1" } });
    await on.glue.send(
      new UpdateJobCommand({
        JobName: "changing",
        JobUpdate: { Role: "glue", Command: pythonShell(on, "changing"), Timeout: 5 },
      }),
    );
    const { Job } = await on.glue.send(new GetJobCommand({ JobName: "changing" }));
    assert.deepEqual([Job?.Description, Job?.MaxRetries, Job?.Timeout], [undefined, 0, 5]);
    await on.glue.send(new DeleteJobCommand({ JobName: "changing" }));
    await on.glue.send(new DeleteJobCommand({ JobName: "changing" }));
    await assert.rejects(on.glue.send(new GetJobCommand({ JobName: "changing" })), { name: "EntityNotFoundException" });
    const { Tags } = await on.glue.send(
      new GetTagsCommand({ ResourceArn: `arn:aws:glue:${on.config.region}:${on.account}:job/changing` }),
    );
    assert.deepEqual(Tags ?? {}, {});
  });
});
