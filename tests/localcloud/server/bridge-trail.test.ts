import assert from "node:assert/strict";
import { CloudTrailClient, type LookupAttributeKey, LookupEventsCommand } from "@aws-sdk/client-cloudtrail";
import { CreateAccessKeyCommand, CreateUserCommand, IAMClient, PutUserPolicyCommand } from "@aws-sdk/client-iam";
import { ListQueuesCommand, SQSClient } from "@aws-sdk/client-sqs";
import { freshAccount } from "../../support/cloud.js";
import { type BridgeFixture, bridgeFixture } from "./bridge-fixture.js";

describe("bridge: who CloudTrail says it was", () => {
  let bridge: BridgeFixture;
  before(async function () {
    this.timeout(60_000);
    bridge = await bridgeFixture();
  });
  after(() => bridge.stop());
  const account = freshAccount();
  const config = () => bridge.context.clientConfig(account, "eu-central-1");
  /** The identity in what is recorded of the caller's requests to SQS. */
  const recorded = async (Username: string) => {
    const AttributeKey: LookupAttributeKey = "Username";
    const { Events } = await new CloudTrailClient(config()).send(
      new LookupEventsCommand({ LookupAttributes: [{ AttributeKey, AttributeValue: Username }] }),
    );
    const event = Events?.find(({ EventName }) => EventName === "ListQueues");
    return JSON.parse(event?.CloudTrailEvent ?? "{}").userIdentity;
  };

  it("the account's root", async () => {
    await new SQSClient(config()).send(new ListQueuesCommand({}));
    assert.deepEqual(await recorded("root"), {
      type: "Root",
      principalId: account,
      arn: `arn:aws:iam::${account}:root`,
      accountId: account,
      accessKeyId: account,
    });
  });

  it("a session of a role, by the session's name", async () => {
    const roleArn = await bridge.role(account, "ecs-tasks.amazonaws.com", [
      { Effect: "Allow", Action: "sqs:*", Resource: "*" },
    ]);
    const credentials = await bridge.context.assumeRole({
      account,
      region: "eu-central-1",
      roleArn,
      sessionName: "reader",
      service: "ecs-tasks.amazonaws.com",
    });
    await new SQSClient({ ...config(), credentials }).send(new ListQueuesCommand({}));
    const role = roleArn.split("/").at(-1);
    const identity = await recorded("reader");
    assert.equal(identity.type, "AssumedRole");
    assert.equal(identity.arn, `arn:aws:sts::${account}:assumed-role/${role}/reader`);
    assert.equal(identity.accessKeyId, credentials.accessKeyId);
    assert.match(identity.principalId, /^AROA\w+:reader$/);
    const { sessionIssuer } = identity.sessionContext;
    assert.deepEqual([sessionIssuer.type, sessionIssuer.arn, sessionIssuer.userName], ["Role", roleArn, role]);
  });

  it("a user", async () => {
    const iam = new IAMClient(config());
    await iam.send(new CreateUserCommand({ UserName: "ann" }));
    const PolicyDocument = JSON.stringify({ Statement: { Effect: "Allow", Action: "sqs:*", Resource: "*" } });
    await iam.send(new PutUserPolicyCommand({ UserName: "ann", PolicyName: "p", PolicyDocument }));
    const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: "ann" }));
    const credentials = {
      accessKeyId: AccessKey?.AccessKeyId ?? "",
      secretAccessKey: AccessKey?.SecretAccessKey ?? "",
    };
    await new SQSClient({ ...config(), credentials }).send(new ListQueuesCommand({}));
    const identity = await recorded("ann");
    assert.deepEqual(
      [identity.type, identity.arn, identity.userName],
      ["IAMUser", `arn:aws:iam::${account}:user/ann`, "ann"],
    );
  });
});
