// What an inventory finds can be removed, whatever hangs on it and wherever it is.
import assert from "node:assert/strict";
import { CloudWatchLogsClient, CreateLogGroupCommand, PutResourcePolicyCommand } from "@aws-sdk/client-cloudwatch-logs";
import {
  AddUserToGroupCommand,
  AttachGroupPolicyCommand,
  AttachUserPolicyCommand,
  CreateAccessKeyCommand,
  CreateGroupCommand,
  CreateLoginProfileCommand,
  CreateOpenIDConnectProviderCommand,
  CreateUserCommand,
  CreateVirtualMFADeviceCommand,
  EnableMFADeviceCommand,
  IAMClient,
  PutGroupPolicyCommand,
  PutUserPolicyCommand,
} from "@aws-sdk/client-iam";
import { CreateBucketCommand, PutBucketVersioningCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { type ClientClass, createClients } from "../../../automation/environments/clients.js";
import { reap, summarize, takeInventory, wholeAccount } from "../../../automation/inventory/inventory.js";
import type { InventorySource } from "../../../automation/inventory/item.js";
import { iam } from "../../../automation/inventory/services/iam.js";
import { logs } from "../../../automation/inventory/services/logs.js";
import { s3 } from "../../../automation/inventory/services/s3.js";
import { policy } from "../../localcloud/server/bridge-fixture.js";
import { clientConfig, freshAccount, testCloud } from "../../support/cloud.js";

describe("removing what an inventory found", function () {
  this.timeout(60_000);

  /** Clients of a new account, in eu-central-1 and elsewhere, and its inventory's removal by one source. */
  async function account(source: InventorySource) {
    const clients = createClients(clientConfig(await testCloud(), freshAccount()));
    const take = () => takeInventory([source], new Map([["eu-central-1", clients.get]]), wholeAccount);
    return {
      aws: <C>(type: ClientClass<C>, region = "eu-central-1") => clients.inRegion(region)(type),
      names: async () => summarize(await take()),
      empty: () => reap(take, async () => false),
    };
  }

  it("empties and deletes buckets of every region", async () => {
    const { aws, names, empty } = await account(s3);
    const suffix = freshAccount();
    for (const region of ["eu-central-1", "us-west-2"]) {
      const api = aws(S3Client, region);
      const Bucket = `lake-${region}-${suffix}`;
      const CreateBucketConfiguration = { LocationConstraint: region as "us-west-2" };
      await api.send(new CreateBucketCommand({ Bucket, CreateBucketConfiguration }));
      const VersioningConfiguration = { Status: "Enabled" as const };
      await api.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration }));
      for (const Body of ["old", "new"])
        await api.send(new PutObjectCommand({ Bucket, Key: "a key/with words", Body }));
    }
    assert.deepEqual(await names(), [
      `AWS::S3::Bucket lake-eu-central-1-${suffix}`,
      `AWS::S3::Bucket lake-us-west-2-${suffix}`,
    ]);
    const { removed, left } = await empty();
    assert.deepEqual(left, []);
    assert.equal(removed.length, 2);
    assert.deepEqual(await names(), []);
  });

  it("deletes the policies that let services write to log groups", async () => {
    const { aws, names, empty } = await account(logs);
    const api = aws(CloudWatchLogsClient);
    await api.send(new CreateLogGroupCommand({ logGroupName: "/jobs" }));
    await api.send(new PutResourcePolicyCommand({ policyName: "events", policyDocument: policy([]) }));
    assert.deepEqual(await names(), ["AWS::Logs::LogGroup /jobs", "AWS::Logs::ResourcePolicy events"]);
    assert.deepEqual((await empty()).left, []);
    assert.deepEqual(await names(), []);
  });

  it("deletes a user with keys, a password, a second factor, rights and groups, and those groups", async () => {
    const { aws, names, empty } = await account(iam);
    const api = aws(IAMClient);
    const UserName = "operator";
    const GroupName = "operators";
    const rights = { PolicyName: "inline", PolicyDocument: policy([{ Effect: "Allow", Action: "*", Resource: "*" }]) };
    const PolicyArn = "arn:aws:iam::aws:policy/ReadOnlyAccess";
    await api.send(new CreateUserCommand({ UserName }));
    for (const _ of [1, 2]) await api.send(new CreateAccessKeyCommand({ UserName }));
    await api.send(new CreateLoginProfileCommand({ UserName, Password: "Correct-horse-7" }));
    const { VirtualMFADevice } = await api.send(new CreateVirtualMFADeviceCommand({ VirtualMFADeviceName: "phone" }));
    const SerialNumber = VirtualMFADevice?.SerialNumber;
    const codes = { AuthenticationCode1: "123456", AuthenticationCode2: "654321" };
    await api.send(new EnableMFADeviceCommand({ UserName, SerialNumber, ...codes }));
    await api.send(new CreateVirtualMFADeviceCommand({ VirtualMFADeviceName: "spare" }));
    await api.send(new PutUserPolicyCommand({ UserName, ...rights }));
    await api.send(new AttachUserPolicyCommand({ UserName, PolicyArn }));
    await api.send(new CreateGroupCommand({ GroupName }));
    await api.send(new PutGroupPolicyCommand({ GroupName, ...rights }));
    await api.send(new AttachGroupPolicyCommand({ GroupName, PolicyArn }));
    await api.send(new AddUserToGroupCommand({ UserName, GroupName }));
    await api.send(
      new CreateOpenIDConnectProviderCommand({ Url: "https://tokens.example.com", ClientIDList: ["sts"] }),
    );
    assert.deepEqual(await names(), [
      "AWS::IAM::Group operators",
      "AWS::IAM::OIDCProvider tokens.example.com",
      "AWS::IAM::User operator",
      "AWS::IAM::VirtualMFADevice spare",
    ]);
    assert.deepEqual((await empty()).left, []);
    assert.deepEqual(await names(), []);
  });
});
