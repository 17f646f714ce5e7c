import assert from "node:assert/strict";
import {
  BatchClient,
  DescribeJobsCommand,
  ListTagsForResourceCommand,
  RegisterJobDefinitionCommand,
  SubmitJobCommand,
} from "@aws-sdk/client-batch";
import { CloudTrailClient, LookupEventsCommand } from "@aws-sdk/client-cloudtrail";
import { freshAccount } from "../../support/cloud.js";
import { type BridgeFixture, bridgeFixture } from "./bridge-fixture.js";

const region = "eu-central-1";

describe("bridge: services of the compute plane", () => {
  let bridge: BridgeFixture;
  before(async () => {
    bridge = await bridgeFixture();
  });
  after(() => bridge.stop());
  beforeEach(() => {
    bridge.requests = [];
    bridge.answer = () => ({ status: 200, headers: { "content-type": "application/json" }, body: "{}" });
  });

  const allowed = (resources: string[], action = "batch:SubmitJob") => ({
    Effect: "Allow",
    Action: action,
    Resource: resources,
  });

  /** A Batch client that acts as a role with these permissions. */
  async function asRole(account: string, statements: object[]): Promise<BatchClient> {
    const roleArn = await bridge.role(account, "ecs-tasks.amazonaws.com", statements);
    const session = await bridge.context.assumeRole({
      account,
      region,
      roleArn,
      sessionName: "test",
      service: "ecs-tasks.amazonaws.com",
    });
    return new BatchClient({ endpoint: bridge.endpoint, region, credentials: session });
  }

  it("forwards a request with who asked, where, and what, and returns the answer with the service's content type", async () => {
    const account = freshAccount();
    bridge.answer = () => ({
      status: 200,
      headers: { "content-type": "application/x-amz-json-1.1" },
      body: JSON.stringify({ jobs: [{ jobId: "j-1", status: "RUNNING" }] }),
    });
    const batch = new BatchClient(bridge.context.clientConfig(account, region));
    let headers: Record<string, string> = {};
    batch.middlewareStack.add(
      (next) => async (args) => {
        const result = await next(args);
        headers = (result.response as { headers: Record<string, string> }).headers;
        return result;
      },
      { step: "deserialize" },
    );
    const answer = await batch.send(new DescribeJobsCommand({ jobs: ["j-1"] }));

    assert.equal(answer.jobs?.[0]?.status, "RUNNING");
    const [request] = bridge.requests;
    assert.equal(request?.account, account);
    assert.equal(request?.region, region);
    assert.equal(request?.principalArn, `arn:aws:iam::${account}:root`);
    assert.equal(request?.method, "POST");
    assert.equal(request?.path, "/v1/describejobs");
    assert.deepEqual(JSON.parse(request?.body.toString() ?? ""), { jobs: ["j-1"] });
    assert.equal(request?.requestId, answer.$metadata.requestId);
    assert.equal(headers["content-type"], "application/json", "the one of Batch's protocol, whatever was answered");
  });

  it("keeps the content type and the error type of a refusal, so that an SDK throws the right exception", async () => {
    bridge.answer = () => ({
      status: 400,
      headers: { "content-type": "application/json", "x-amzn-errortype": "ClientException" },
      body: JSON.stringify({ message: "no such queue" }),
    });
    const batch = new BatchClient(bridge.context.clientConfig(freshAccount(), region));
    await assert.rejects(batch.send(new DescribeJobsCommand({ jobs: [] })), {
      name: "ClientException",
      message: "no such queue",
    });
  });

  it("passes ARNs in paths and repeated query parameters through", async () => {
    const arn = `arn:aws:batch:${region}:111122223333:job-queue/a`;
    const batch = new BatchClient(bridge.context.clientConfig("111122223333", region));
    await batch.send(new ListTagsForResourceCommand({ resourceArn: arn }));
    assert.equal(bridge.requests[0]?.path, `/v1/tags/${arn}`);
    assert.equal(bridge.requests[0]?.method, "GET");
  });

  it("lets a policy that names a queue and a job definition decide, on each of them", async () => {
    const account = freshAccount();
    const prefix = `arn:aws:batch:${region}:${account}`;
    const batch = await asRole(account, [allowed([`${prefix}:job-queue/high`, `${prefix}:job-definition/daily:*`])]);
    const submit = (jobQueue: string, jobDefinition: string) =>
      batch.send(new SubmitJobCommand({ jobName: "j", jobQueue, jobDefinition }));

    await submit("high", "daily:3");
    await submit(`${prefix}:job-queue/high`, `${prefix}:job-definition/daily:3`);
    assert.equal(bridge.requests.length, 2);
    assert.match(bridge.requests[0]?.principalArn ?? "", /^arn:aws:sts::\d{12}:assumed-role\/role-\d+\/test$/);
    await assert.rejects(submit("low", "daily:3"), {
      name: "AccessDeniedException",
      message: new RegExp(`is not authorized to perform: batch:SubmitJob on resource: ${prefix}:job-queue/low because`),
    });
    await assert.rejects(submit("high", "weekly:1"), {
      name: "AccessDeniedException",
      message: new RegExp(`on resource: ${prefix}:job-definition/weekly:1 because no identity-based policy allows`),
    });
    assert.equal(bridge.requests.length, 2, "what is refused never reaches the service");
  });

  it("wants iam:PassRole for the roles of a job definition", async () => {
    const account = freshAccount();
    const jobRoleArn = `arn:aws:iam::${account}:role/job`;
    const register = new RegisterJobDefinitionCommand({
      jobDefinitionName: "d",
      type: "container",
      containerProperties: { image: "i", jobRoleArn },
    });
    const without = await asRole(account, [allowed(["*"], "batch:*")]);
    await assert.rejects(without.send(register), {
      name: "AccessDeniedException",
      message: new RegExp(`iam:PassRole on resource: ${jobRoleArn}`),
    });
    const passing = {
      ...allowed([jobRoleArn], "iam:PassRole"),
      Condition: { StringEquals: { "iam:PassedToService": "ecs-tasks.amazonaws.com" } },
    };
    const having = await asRole(account, [allowed(["*"], "batch:*"), passing]);
    await having.send(register);
    assert.equal(bridge.requests.length, 1);
  });

  it("is recorded by CloudTrail under the operation's name", async () => {
    const account = freshAccount();
    await new BatchClient(bridge.context.clientConfig(account, region)).send(new DescribeJobsCommand({ jobs: ["j"] }));
    const cloudTrail = new CloudTrailClient(bridge.context.clientConfig(account, region));
    const { Events } = await cloudTrail.send(new LookupEventsCommand({}));
    assert.deepEqual(
      Events?.map(({ EventSource, EventName }) => `${EventSource} ${EventName}`),
      ["batch.amazonaws.com DescribeJobs"],
    );
  });

  it("answers with an InternalServerException when the service fails", async () => {
    bridge.answer = () => {
      throw new Error("the store is broken");
    };
    const batch = new BatchClient({ ...bridge.context.clientConfig(freshAccount(), region), maxAttempts: 1 });
    await assert.rejects(batch.send(new DescribeJobsCommand({ jobs: [] })), {
      name: "InternalServerException",
      message: /the store is broken/,
    });
  });
});
