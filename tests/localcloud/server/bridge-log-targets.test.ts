import assert from "node:assert/strict";
import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  FilterLogEventsCommand,
  PutResourcePolicyCommand,
} from "@aws-sdk/client-cloudwatch-logs";
import { EventBridgeClient, PutRuleCommand, PutTargetsCommand } from "@aws-sdk/client-eventbridge";
import { freshAccount } from "../../support/cloud.js";
import { type BridgeFixture, bridgeFixture } from "./bridge-fixture.js";

const region = "eu-central-1";
const logGroupName = "/aws/events/jobs";

describe("bridge: CloudWatch Logs as a target", () => {
  let bridge: BridgeFixture;
  let account: string;
  let logs: CloudWatchLogsClient;
  before(async () => {
    bridge = await bridgeFixture();
  });
  after(() => bridge.stop());
  beforeEach(async () => {
    account = freshAccount();
    const client = bridge.context.clientConfig(account, region);
    logs = new CloudWatchLogsClient(client);
    const events = new EventBridgeClient(client);
    await logs.send(new CreateLogGroupCommand({ logGroupName }));
    await events.send(new PutRuleCommand({ Name: "jobs", EventPattern: JSON.stringify({ source: ["aws.glue"] }) }));
    const Arn = `arn:aws:logs:${region}:${account}:log-group:${logGroupName}`;
    await events.send(new PutTargetsCommand({ Rule: "jobs", Targets: [{ Id: "log", Arn }] }));
  });

  const permit = (service: string) =>
    logs.send(
      new PutResourcePolicyCommand({
        policyName: "events",
        policyDocument: JSON.stringify({
          Version: "2012-10-17",
          Statement: [
            {
              Effect: "Allow",
              Principal: { Service: [service] },
              Action: ["logs:CreateLogStream", "logs:PutLogEvents"],
              Resource: `arn:aws:logs:${region}:${account}:log-group:/aws/events/*:*`,
            },
          ],
        }),
      }),
    );
  const written = async () => {
    const detail = { jobName: "etl", state: "SUCCEEDED" };
    await bridge.context.putEvent(account, region, {
      source: "aws.glue",
      detailType: "Glue Job State Change",
      detail,
      resources: [],
    });
    const { events } = await logs.send(new FilterLogEventsCommand({ logGroupName }));
    return (events ?? []).map(({ message }) => JSON.parse(message ?? "").detail);
  };

  it("gets the event where a resource policy lets EventBridge write", async () => {
    await permit("events.amazonaws.com");
    assert.deepEqual(await written(), [{ jobName: "etl", state: "SUCCEEDED" }]);
  });

  it("gets nothing without a policy, or with one for another service", async () => {
    assert.deepEqual(await written(), []);
    await permit("es.amazonaws.com");
    assert.deepEqual(await written(), []);
  });
});
