// The protocol itself, without an engine: what the server answers while AWS is slow, throttles or goes wrong.
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { credentials, type ServiceError } from "@grpc/grpc-js";
import services, { type ResourceProviderClient } from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import proto from "@pulumi/pulumi/proto/provider_pb.js";
import { empties } from "../../../../localcloud/provider/protobuf.js";
import { type ProviderServer, serveProviders } from "../../../../localcloud/provider/server.js";
import { decode, encode } from "../../../../localcloud/provider/wire.js";

const URN = "urn:pulumi:dev::test::aws:cloudwatch/logGroup:LogGroup::jobs";

/** An AWS of which each test says how it answers. */
type Answer = (action: string, request: IncomingMessage, response: ServerResponse) => void;

describe("provider: protocol", () => {
  let answer: Answer;
  let aws: Server;
  let provider: ProviderServer;
  let client: ResourceProviderClient;
  const actions: string[] = [];

  before(async () => {
    aws = createServer((request, response) => {
      const action = String(request.headers["x-amz-target"] ?? "").split(".")[1] ?? "";
      actions.push(action);
      request.resume().on("end", () => answer(action, request, response));
    });
    await once(aws.listen(0, "127.0.0.1"), "listening");
    const endpoint = `http://127.0.0.1:${(aws.address() as AddressInfo).port}`;
    const identity = { accessKeyId: "000000000001", secretAccessKey: "test" };
    provider = await serveProviders({ endpoint, credentials: identity, region: "eu-central-1" });
    const port = /aws:(\d+)/.exec(provider.debugProviders)?.[1];
    client = new services.ResourceProviderClient(`127.0.0.1:${port}`, credentials.createInsecure());
  });
  beforeEach(async () => {
    actions.length = 0;
    await call("configure", new proto.ConfigureRequest());
  });
  after(async () => {
    client.close();
    await provider.close();
    aws.closeAllConnections();
    aws.close();
  });

  /** Calls a method of the provider. */
  // biome-ignore lint/suspicious/noExplicitAny: each method has messages of its own.
  function call(method: keyof ResourceProviderClient, request: unknown): Promise<any> {
    return new Promise((resolve, reject) => {
      // biome-ignore lint/suspicious/noExplicitAny: as above.
      (client[method] as any)(request, (error: ServiceError | null, response: unknown) =>
        error ? reject(error) : resolve(response),
      );
    });
  }

  function createRequest(timeoutSeconds = 0) {
    const request = new proto.CreateRequest();
    request.setUrn(URN);
    request.setProperties(encode({ name: "jobs", __defaults: [] }));
    request.setTimeout(timeoutSeconds);
    return request;
  }

  const json = (response: ServerResponse, body: unknown, status = 200) =>
    response.writeHead(status, { "content-type": "application/x-amz-json-1.1" }).end(JSON.stringify(body));

  it("sends a throttled call again", async () => {
    let throttled = 0;
    answer = (action, _, response) => {
      if (action === "CreateLogGroup" && throttled < 2) {
        throttled += 1;
        json(response, { __type: "ThrottlingException", message: "Rate exceeded" }, 400);
      } else if (action === "DescribeLogGroups") {
        const arn = "arn:aws:logs:eu-central-1:000000000001:log-group:jobs";
        json(response, { logGroups: [{ logGroupName: "jobs", logGroupArn: arn, arn: `${arn}:*` }] });
      } else json(response, {});
    };
    const created = await call("create", createRequest());
    assert.equal(created.getId(), "jobs");
    assert.equal(actions.filter((action) => action === "CreateLogGroup").length, 3);
  });

  it("ends what is in flight when the engine cancels", async () => {
    let isAsked: () => void = () => {};
    const asked = new Promise<void>((resolve) => {
      isAsked = resolve;
    });
    answer = () => isAsked();
    const ended = assert.rejects(
      call("create", createRequest()),
      /creating aws:cloudwatch\/logGroup:LogGroup jobs: .*cancelled/,
    );
    await asked;
    await call("cancel", new empties.Empty());
    await ended;
  });

  it("keeps to the time limit that the program sets", async () => {
    answer = () => {};
    await assert.rejects(call("create", createRequest(1)), /took longer than its time limit of 1 s/);
  });

  it("tells what AWS answered, with code, status and request", async () => {
    answer = (_, __, response) => {
      response.setHeader("x-amzn-requestid", "r-1");
      json(response, { __type: "AccessDeniedException", message: "not yours" }, 400);
    };
    await assert.rejects(
      call("create", createRequest()),
      /creating aws:cloudwatch\/logGroup:LogGroup jobs: AccessDeniedException: not yours \(status 400, request r-1\)/,
    );
  });

  it("takes a thing that is gone for deleted, and reads it as gone", async () => {
    answer = (action, _, response) =>
      action === "DescribeLogGroups"
        ? json(response, { logGroups: [] })
        : json(response, { __type: "ResourceNotFoundException", message: "no such group" }, 400);
    const deletion = new proto.DeleteRequest();
    deletion.setUrn(URN);
    deletion.setId("jobs");
    deletion.setProperties(encode({ name: "jobs" }));
    await call("delete", deletion);
    const reading = new proto.ReadRequest();
    reading.setUrn(URN);
    reading.setId("jobs");
    reading.setInputs(encode({ name: "jobs" }));
    assert.equal((await call("read", reading)).getId(), "");
  });

  it("describes itself: its version, and a schema of what it has", async () => {
    assert.equal((await call("getPluginInfo", new empties.Empty())).getVersion(), "7.48.0");
    const schema = JSON.parse((await call("getSchema", new proto.GetSchemaRequest())).getSchema());
    assert.equal(schema.resources["aws:s3/bucket:Bucket"].inputProperties.forceDestroy.type, "boolean");
    assert.equal(schema.resources["aws:s3/bucket:Bucket"].inputProperties.arn, undefined);
    const references = JSON.stringify(schema).matchAll(/"#\/types\/([^"]+)"/g);
    for (const [, name] of references) assert.ok(schema.types[name ?? ""], name);
    assert.ok(schema.functions["aws:iam/getPolicyDocument:getPolicyDocument"]);
  });

  it("refuses a wrong configuration, naming the key", async () => {
    const request = new proto.CheckRequest();
    request.setNews(encode({ allowedAccountIds: '["12"]' }));
    const failures = (await call("checkConfig", request)).getFailuresList();
    assert.deepEqual(
      failures.map((failure: { getReason(): string }) => failure.getReason()),
      ["aws:allowedAccountIds.0: an account id has 12 digits"],
    );
  });

  it("compares by the wire, too: nothing to do, an update, a replacement", async () => {
    const diff = async (inputs: Record<string, unknown>) => {
      const request = new proto.DiffRequest();
      request.setUrn(URN);
      request.setId("jobs");
      request.setOlds(encode({ name: "jobs", retentionInDays: 7, region: "eu-central-1" }));
      request.setNews(encode(inputs));
      const response = await call("diff", request);
      const detailed = Array.from(
        response.getDetaileddiffMap().entries() as Iterable<[string, { getKind(): number }]>,
        ([path, difference]) => [path, difference.getKind()],
      );
      return [response.getChanges(), detailed, response.getReplacesList()];
    };
    const { DIFF_NONE, DIFF_SOME } = proto.DiffResponse.DiffChanges;
    const { UPDATE, UPDATE_REPLACE } = proto.PropertyDiff.Kind;
    assert.deepEqual(await diff({ name: "jobs", retentionInDays: 7 }), [DIFF_NONE, [], []]);
    assert.deepEqual(await diff({ name: "jobs", retentionInDays: 14 }), [DIFF_SOME, [["retentionInDays", UPDATE]], []]);
    assert.deepEqual(await diff({ name: "work", retentionInDays: 7 }), [
      DIFF_SOME,
      [["name", UPDATE_REPLACE]],
      ["name"],
    ]);
  });

  it("previews without asking AWS anything", async () => {
    const request = createRequest();
    request.setPreview(true);
    const response = await call("create", request);
    assert.equal(decode(response.getProperties()).values.name, "jobs");
    assert.deepEqual(actions, []);
  });
});
