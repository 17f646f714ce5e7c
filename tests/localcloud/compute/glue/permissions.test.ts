import assert from "node:assert/strict";
import {
  CreateDatabaseCommand,
  CreateJobCommand,
  CreateTableCommand,
  GetTableCommand,
  GlueClient,
  StartJobRunCommand,
  UpdatePartitionCommand,
} from "@aws-sdk/client-glue";
import { CreateAccessKeyCommand, CreateUserCommand, IAMClient, PutUserPolicyCommand } from "@aws-sdk/client-iam";
import { type GlueAccount, glueAccount, pythonShell, REGION } from "./fixture.js";

describe("Glue: permissions", function () {
  this.timeout(60_000);
  let on: GlueAccount;
  /** Glue as a user who may do only this. */
  const as = async (UserName: string, ...Statement: { Action: string; Resource: string | string[] }[]) => {
    const iam = new IAMClient(on.config);
    await iam.send(new CreateUserCommand({ UserName }));
    const PolicyDocument = JSON.stringify({
      Version: "2012-10-17",
      Statement: Statement.map((each) => ({ Effect: "Allow", ...each })),
    });
    await iam.send(new PutUserPolicyCommand({ UserName, PolicyName: "only", PolicyDocument }));
    const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName }));
    const credentials = {
      accessKeyId: AccessKey?.AccessKeyId ?? "",
      secretAccessKey: AccessKey?.SecretAccessKey ?? "",
    };
    return new GlueClient({ ...on.config, credentials });
  };
  const arn = (resource: string) => `arn:aws:glue:${REGION}:${on.account}:${resource}`;
  const denied = (message: RegExp) => ({ name: "AccessDeniedException", message });
  before(async () => {
    on = await glueAccount();
    for (const name of ["mine", "other"])
      await on.job(name, "print(1)\n", { Command: pythonShell(on, name), GlueVersion: undefined });
    await on.glue.send(new CreateDatabaseCommand({ DatabaseInput: { Name: "db" } }));
    await on.glue.send(new CreateTableCommand({ DatabaseName: "db", TableInput: { Name: "t" } }));
  });

  it("are asked for the job that is started", async () => {
    const glue = await as("starter", { Action: "glue:StartJobRun", Resource: arn("job/mine") });
    assert.ok((await glue.send(new StartJobRunCommand({ JobName: "mine" }))).JobRunId);
    await assert.rejects(
      glue.send(new StartJobRunCommand({ JobName: "other" })),
      denied(/glue:StartJobRun on resource: .*job\/other/),
    );
  });

  it("are asked for the role that is passed on", async () => {
    const glue = await as("maker", { Action: "glue:*", Resource: "*" });
    const Command = pythonShell(on, "mine");
    await assert.rejects(
      glue.send(new CreateJobCommand({ Name: "new", Role: "glue", Command })),
      denied(/iam:PassRole on resource: .*role\/glue/),
    );
  });

  it("are asked for a table, its database and the catalog", async () => {
    const read = (glue: GlueClient) => glue.send(new GetTableCommand({ DatabaseName: "db", Name: "t" }));
    const part = await as("part", { Action: "glue:GetTable", Resource: [arn("catalog"), arn("database/db")] });
    await assert.rejects(read(part), denied(/glue:GetTable on resource: .*table\/db\/t/));
    const whole = await as("whole", {
      Action: "glue:GetTable",
      Resource: ["catalog", "database/db", "table/db/*"].map(arn),
    });
    assert.equal((await read(whole)).Table?.Name, "t");
    const request = { DatabaseName: "db", TableName: "t", PartitionValueList: ["1"], PartitionInput: {} };
    await assert.rejects(whole.send(new UpdatePartitionCommand(request)), denied(/glue:UpdatePartition/));
    await assert.rejects(on.glue.send(new UpdatePartitionCommand(request)), { name: "EntityNotFoundException" });
  });
});
