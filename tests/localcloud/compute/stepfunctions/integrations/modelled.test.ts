import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import {
  CreateStateMachineCommand,
  DescribeExecutionCommand,
  InvalidDefinition,
  SFNClient,
  StartExecutionCommand,
} from "@aws-sdk/client-sfn";
import { EventTap } from "../../../../../localcloud/compute/eventTap.js";
import { createTaskRunner } from "../../../../../localcloud/compute/stepfunctions/integrations/runner.js";
import type { Reply } from "../../../../../localcloud/compute/stepfunctions/interpreter/effects.js";
import { until } from "../../../../support/until.js";
import { EXECUTION, type IntegrationCloud, integrationCloud, MACHINE, REGION } from "./fixture.js";

const ISO_8601 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/;

describe("aws-sdk integrations of services without a client package", () => {
  let cloud: IntegrationCloud;
  before(async function () {
    this.timeout(60_000);
    cloud = await integrationCloud();
  });
  after(() => cloud.stop());
  const call = (action: string, parameters: object, roleArn?: string) =>
    cloud.run(`arn:aws:states:::aws-sdk:${action}`, parameters as never, roleArn);
  const outputOf = async <Output>(action: string, parameters: object): Promise<Output> => {
    const { output, error, cause } = await call(action, parameters);
    assert.equal(error, undefined, `${action}: ${error}: ${cause}`);
    return output as Output;
  };

  it("JSON: writes records to a stream and reads them, their data as texts", async () => {
    await outputOf("kinesis:createStream", { StreamName: "orders", ShardCount: 1 });
    const put = { StreamName: "orders", PartitionKey: "k" };
    const first = await outputOf<{ ShardId: string }>("kinesis:putRecord", { ...put, Data: "größer" });
    await outputOf("kinesis:putRecord", { ...put, Data: { answer: 42 } });
    const { ShardIterator } = await outputOf<{ ShardIterator: string }>("kinesis:getShardIterator", {
      StreamName: "orders",
      ShardId: first.ShardId,
      ShardIteratorType: "TRIM_HORIZON",
    });
    const { Records } = await outputOf<{ Records: { Data: string; ApproximateArrivalTimestamp: string }[] }>(
      "kinesis:getRecords",
      { ShardIterator },
    );
    assert.deepEqual(
      Records.map(({ Data }) => Data),
      ["größer", '{"answer":42}'],
    );
    assert.match(Records[0]?.ApproximateArrivalTimestamp ?? "", ISO_8601);
  });

  it("query: lists, times and members that AWS's SDK for Java 2 spells differently", async () => {
    const created = await outputOf<{ DbParameterGroup: { DbParameterGroupName: string } }>(
      "rds:createDBParameterGroup",
      {
        DbParameterGroupName: "tuned",
        DbParameterGroupFamily: "postgres15",
        Description: "for tests",
        Tags: [{ Key: "team", Value: "data" }],
      },
    );
    assert.equal(created.DbParameterGroup.DbParameterGroupName, "tuned");
    await outputOf("cloudformation:createStack", {
      StackName: "buckets",
      TemplateBody: JSON.stringify({ Resources: { Queue: { Type: "AWS::SQS::Queue" } } }),
      Tags: [
        { Key: "a", Value: "1" },
        { Key: "b", Value: "2" },
      ],
    });
    const { Stacks } = await outputOf<{ Stacks: { CreationTime: string; Tags: object[] }[] }>(
      "cloudformation:describeStacks",
      { StackName: "buckets" },
    );
    assert.match(Stacks[0]?.CreationTime ?? "", ISO_8601);
    assert.deepEqual(Stacks[0]?.Tags, [
      { Key: "a", Value: "1" },
      { Key: "b", Value: "2" },
    ]);
  });

  it("REST with XML: a zone and its records, structures and lists in the request's body", async () => {
    const { HostedZone } = await outputOf<{ HostedZone: { Id: string; Name: string } }>("route53:createHostedZone", {
      Name: "example.com",
      CallerReference: "once",
      HostedZoneConfig: { Comment: "a & b" },
    });
    assert.match(HostedZone.Id, /^Z[A-Z0-9]+$/);
    const change = await outputOf<{ ChangeInfo: { SubmittedAt: string } }>("route53:changeResourceRecordSets", {
      HostedZoneId: HostedZone.Id,
      ChangeBatch: {
        Changes: [
          {
            Action: "CREATE",
            ResourceRecordSet: {
              Name: "www.example.com",
              Type: "A",
              Ttl: 60,
              ResourceRecords: [{ Value: "10.0.0.1" }, { Value: "10.0.0.2" }],
            },
          },
        ],
      },
    });
    assert.match(change.ChangeInfo.SubmittedAt, ISO_8601);
    const { ResourceRecordSets } = await outputOf<{ ResourceRecordSets: { Type: string; Ttl: number }[] }>(
      "route53:listResourceRecordSets",
      { HostedZoneId: HostedZone.Id },
    );
    const record = ResourceRecordSets.find(({ Type }) => Type === "A");
    assert.deepEqual(record, {
      Name: "www.example.com.",
      ResourceRecords: [{ Value: "10.0.0.1" }, { Value: "10.0.0.2" }],
      Ttl: 60,
      Type: "A",
    });
  });

  it("REST with JSON: members that the API spells with a small letter, in paths, queries and bodies", async () => {
    const { Id } = await outputOf<{ Id: string }>("apigateway:createRestApi", {
      Name: "shop",
      EndpointConfiguration: { Types: ["REGIONAL"] },
    });
    const { Items } = await outputOf<{ Items: { Path: string; Id: string }[] }>("apigateway:getResources", {
      RestApiId: Id,
      Limit: 10,
    });
    const parent = Items[0];
    assert.equal(parent?.Path, "/");
    const made = await outputOf<Record<string, unknown>>("apigateway:createResource", {
      RestApiId: Id,
      ParentId: parent?.Id,
      PathPart: "orders",
    });
    assert.deepEqual([made.Path, made.PathPart, made.ParentId], ["/orders", "orders", parent?.Id]);
  });

  it("names errors by the model's, whatever code the response has", async () => {
    const stream = await call("kinesis:describeStream", { StreamName: "none" });
    assert.equal(stream.error, "Kinesis.ResourceNotFoundException");
    assert.match(stream.cause ?? "", /^Stream none not found \(Service: Kinesis, Status Code: 400, Request ID: \S+\)$/);
    const instance = await call("rds:describeDBInstances", { DbInstanceIdentifier: "none" });
    assert.equal(instance.error, "Rds.DbInstanceNotFoundException");
    assert.match(instance.cause ?? "", /\(Service: Rds, Status Code: 404, Request ID: \S+\)$/);
    const zone = await call("route53:getHostedZone", { Id: "ZNONE" });
    assert.equal(zone.error, "Route53.NoSuchHostedZoneException");
    const api = await call("apigateway:getRestApi", { RestApiId: "none" });
    assert.equal(api.error, "ApiGateway.NotFoundException");
  });

  it("is refused what the role does not allow", async () => {
    const role = await cloud.role("only-reads", { Action: "kinesis:Get*", Resource: "*" });
    const { error, cause } = await call(
      "kinesis:putRecord",
      { StreamName: "orders", PartitionKey: "k", Data: "x" },
      role,
    );
    assert.equal(error, "Kinesis.AccessDeniedException");
    assert.match(cause ?? "", /assumed-role\/only-reads\/test is not authorized to perform: kinesis:PutRecord/);
    assert.match(cause ?? "", /\(Service: Kinesis, Status Code: 403, Request ID: \S+\)$/);
  });

  it("is recorded as the role's doing", async () => {
    await outputOf("kinesis:listStreams", {});
    const { Events } = await outputOf<{ Events: { EventSource: string; CloudTrailEvent: string }[] }>(
      "cloudtrail:lookupEvents",
      { LookupAttributes: [{ AttributeKey: "EventName", AttributeValue: "ListStreams" }] },
    );
    assert.deepEqual(
      Events.map(({ EventSource }) => EventSource),
      ["kinesis.amazonaws.com"],
    );
    const { userIdentity } = JSON.parse(Events[0]?.CloudTrailEvent ?? "{}");
    assert.equal(userIdentity.type, "AssumedRole");
    assert.equal(userIdentity.arn, `arn:aws:sts::${cloud.account}:assumed-role/everything/test`);
  });

  it("names what is not a member, what is missing and what is of the wrong type", async () => {
    const { error, cause } = await call("apigateway:createResource", { restApiId: "x", ParentId: 5, PathPart: "p" });
    assert.equal(error, "States.Runtime");
    assert.match(
      cause ?? "",
      /\[The field 'restApiId' is not supported by Step Functions, The value for the field 'ParentId' must be a STRING, The field 'RestApiId' is required but was missing\]$/,
    );
  });

  it("fails as the endpoint says where the service is not served", async () => {
    const polly = await call("polly:describeVoices", {});
    assert.equal(polly.error, "Polly.PollyException");
    assert.match(
      polly.cause ?? "",
      /^The local cloud does not serve polly \(Service: Polly, Status Code: 400, Request ID: \S+\)$/,
    );
    const search = await call("cloudsearch:describeDomains", {});
    assert.match(
      search.cause ?? "",
      /^The local cloud does not serve cloudsearch \(Service: CloudSearch, Status Code: 400/,
    );
  });

  it("is stopped in the middle of a request", async () => {
    let broken = false;
    let asked = false;
    const server = createServer((request) => {
      asked = true;
      request.on("close", () => {
        broken = true;
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const runner = createTaskRunner({ endpoint, events: new EventTap(), log: () => undefined });
    const abort = new AbortController();
    const replies: Reply[] = [];
    runner.start({
      account: cloud.account,
      region: REGION,
      executionArn: EXECUTION,
      stateMachineArn: MACHINE,
      effect: {
        kind: "task",
        id: "1",
        state: "Task",
        resource: "arn:aws:states:::aws-sdk:kinesis:listStreams",
        parameters: {},
      },
      credentials: async () => ({
        accessKeyId: "a",
        secretAccessKey: "b",
        sessionToken: "c",
        expiration: new Date(Date.now() + 60_000),
      }),
      signal: abort.signal,
      reply: (reply) => void replies.push(reply),
    });
    await until("the request has come", async () => asked || undefined);
    abort.abort();
    await until("the connection is closed", async () => broken || undefined);
    assert.deepEqual(replies, []);
    runner.close();
    server.closeAllConnections();
    server.close();
  });

  describe("in a state machine", () => {
    let states: SFNClient;
    const create = async (name: string, resource: string, parameters: object = {}) => {
      const definition = {
        StartAt: "Call",
        States: {
          Call: {
            Type: "Task",
            Resource: `arn:aws:states:::aws-sdk:${resource}`,
            Parameters: parameters,
            Catch: [{ ErrorEquals: ["Kinesis.ResourceNotFoundException"], Next: "Missing" }],
            End: true,
          },
          Missing: { Type: "Pass", Result: "caught by name", End: true },
        },
      };
      const roleArn = await cloud.role(name, { Action: "*", Resource: "*" });
      const { stateMachineArn } = await states.send(
        new CreateStateMachineCommand({ name, roleArn, definition: JSON.stringify(definition) }),
      );
      return stateMachineArn;
    };
    const refusal = async (resource: string): Promise<string> => {
      const error = await create(resource.replace(":", "-"), resource).catch((reason: unknown) => reason);
      assert.ok(error instanceof InvalidDefinition, `${resource}: ${error}`);
      return error.message;
    };
    before(() => {
      states = new SFNClient(cloud.config());
    });

    it("an error is caught by its name", async () => {
      const stateMachineArn = await create("catches", "kinesis:describeStream", { StreamName: "none" });
      const { executionArn } = await states.send(new StartExecutionCommand({ stateMachineArn }));
      const ended = await until("the execution has ended", async () => {
        const execution = await states.send(new DescribeExecutionCommand({ executionArn }));
        return execution.status === "RUNNING" ? undefined : execution;
      });
      assert.deepEqual([ended.status, ended.output], ["SUCCEEDED", '"caught by name"']);
    });

    it("what does not exist is refused, with the name that may have been meant", async () => {
      const action = await refusal("kinesis:putRecrod");
      assert.match(action, /aws-sdk:kinesis:putRecrod is not recognized/);
      assert.match(action, /Did you mean arn:aws:states:::aws-sdk:kinesis:putRecord\?/);
      assert.match(await refusal("kinesys:putRecord"), /Did you mean arn:aws:states:::aws-sdk:kinesis:putRecord\?/);
      assert.match(
        await refusal("cognito-idp:listUserPools"),
        /Did you mean arn:aws:states:::aws-sdk:cognitoidentityprovider:listUserPools\?/,
      );
      assert.match(await refusal("s3:getObjekt"), /Did you mean arn:aws:states:::aws-sdk:s3:getObject\?/);
      assert.doesNotMatch(await refusal("nothing:likeThis"), /Did you mean/);
    });

    it("what AWS does not let tasks call is refused", async () => {
      for (const resource of [
        "kinesis:subscribeToShard",
        "s3:selectObjectContent",
        "lambda:invokeWithResponseStream",
        "bedrockruntime:converseStream",
        "sts:assumeRole",
      ])
        assert.match(await refusal(resource), /is not recognized/);
    });
  });
});
