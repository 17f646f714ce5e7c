import assert from "node:assert/strict";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  GetLogEventsCommand,
} from "@aws-sdk/client-cloudwatch-logs";
import { CreateFileSystemCommand, DeleteFileSystemCommand, EFSClient } from "@aws-sdk/client-efs";
import { CreateAccessKeyCommand, CreateUserCommand, IAMClient, PutUserPolicyCommand } from "@aws-sdk/client-iam";
import { fileSystemFolder } from "../../../localcloud/compute/containers/mounts.js";
import { clientConfig, freshAccount, testCloud } from "../../support/cloud.js";

describe("The content of a file system", () => {
  it("goes with it", async () => {
    const cloud = await testCloud();
    const account = freshAccount();
    const efs = new EFSClient(clientConfig(cloud, account));
    const { FileSystemId = "" } = await efs.send(new CreateFileSystemCommand({}));
    const folder = fileSystemFolder(cloud.dataDir, account, FileSystemId);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, "households.parquet"), "PAR1");
    await efs.send(new DeleteFileSystemCommand({ FileSystemId }));
    for (let left = 100; existsSync(folder) && left > 0; left -= 1) await delay(50);
    assert.equal(existsSync(folder), false);
  });
});

describe("Reading a log", () => {
  it("is authorized on its stream", async () => {
    const root = clientConfig(await testCloud(), freshAccount());
    const account = root.credentials.accessKeyId;
    const iam = new IAMClient(root);
    await iam.send(new CreateUserCommand({ UserName: "reader" }));
    const group = `arn:aws:logs:${root.region}:${account}:log-group:/jobs`;
    const statement = { Effect: "Allow", Action: "logs:GetLogEvents", Resource: `${group}:log-stream:open/*` };
    const PolicyDocument = JSON.stringify({ Version: "2012-10-17", Statement: [statement] });
    await iam.send(new PutUserPolicyCommand({ UserName: "reader", PolicyName: "read", PolicyDocument }));
    const { AccessKey: key } = await iam.send(new CreateAccessKeyCommand({ UserName: "reader" }));
    const logs = new CloudWatchLogsClient(root);
    await logs.send(new CreateLogGroupCommand({ logGroupName: "/jobs" }));
    for (const logStreamName of ["open/a", "closed/a"])
      await logs.send(new CreateLogStreamCommand({ logGroupName: "/jobs", logStreamName }));
    const credentials = { accessKeyId: key?.AccessKeyId ?? "", secretAccessKey: key?.SecretAccessKey ?? "" };
    const reader = new CloudWatchLogsClient({ ...root, credentials });
    const read = (logStreamName: string) =>
      reader.send(new GetLogEventsCommand({ logGroupName: "/jobs", logStreamName }));
    assert.deepEqual((await read("open/a")).events, []);
    await assert.rejects(read("closed/a"), { name: "AccessDeniedException" });
  });
});
