// Requests made of botocore's models by the SDK's protocols, against those that botocore itself makes of them: every operation of a
// service for each protocol.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { CLIENTS } from "../../../../../localcloud/compute/stepfunctions/integrations/clients.js";
import { modelIndex } from "../../../../../localcloud/compute/stepfunctions/integrations/models/files.js";
import { modelledModule } from "../../../../../localcloud/compute/stepfunctions/integrations/models/module.js";
import { withPlainIds } from "../../../../../localcloud/compute/stepfunctions/integrations/models/route53.js";
import {
  hasEventStream,
  operationShapes,
  type SchemaRef,
  shapeOf,
} from "../../../../../localcloud/compute/stepfunctions/integrations/schema.js";
import { projectPython } from "../../../../../localcloud/server/paths.js";

interface Made {
  method: string;
  path: string;
  query: Record<string, unknown>;
  headers: Record<string, string>;
  body: string;
}

/** The same requests by botocore; times and bytes come as objects of one member. */
const SCRIPT = `
import base64, json, sys
from datetime import datetime
import botocore.serialize, botocore.session

def value(given):
    if isinstance(given, dict):
        if "$time" in given:
            return datetime.fromisoformat(given["$time"].replace("Z", "+00:00"))
        if "$bytes" in given:
            return base64.b64decode(given["$bytes"])
        return {name: value(member) for name, member in given.items()}
    return [value(item) for item in given] if isinstance(given, list) else given

models = {}
for line in open(sys.argv[1]):
    asked = json.loads(line)
    folder, protocol = asked["folder"], asked["protocol"]
    if folder not in models:
        models[folder] = botocore.session.get_session().get_service_model(folder)
    serializer = botocore.serialize.create_serializer(protocol, False)
    made = serializer.serialize_to_request(value(asked["input"]), models[folder].operation_model(asked["operation"]))
    body = made["body"]
    if isinstance(body, dict):
        body = {name: str(member).lower() if isinstance(member, bool) else str(member) for name, member in body.items()}
    elif isinstance(body, (bytes, bytearray)):
        body = body.decode()
    print(json.dumps({"method": made["method"], "path": made["url_path"], "query": made["query_string"] or {},
                      "headers": dict(made["headers"]), "body": body}))
`;

/** A value for everything that a shape has, a few levels deep. */
function sample(ref: SchemaRef, name = "", depth = 0): unknown {
  const shape = shapeOf(ref);
  switch (shape.kind) {
    case "structure":
      return Object.fromEntries(
        shape.names
          .map((member, index) => [member, shape.members[index]] as const)
          .filter(([member]) => depth < 4 || (depth < 8 && shape.required.includes(member)))
          .map(([member, inner]) => [member, sample(inner, member, depth + 1)]),
      );
    case "list":
      return [sample(shape.item, name, depth + 1), sample(shape.item, `${name}2`, depth + 1)];
    case "map":
      return { "a key": sample(shape.value, name, depth + 1) };
    case "number":
      return 7;
    case "boolean":
      return true;
    case "timestamp":
      return new Date("2026-01-02T03:04:05Z");
    case "blob":
      return Buffer.from("größer");
    default:
      return `${name} & ü`;
  }
}

/** For the script. */
function marked(value: unknown): unknown {
  if (value instanceof Date) return { $time: value.toISOString() };
  if (value instanceof Uint8Array) return { $bytes: Buffer.from(value).toString("base64") };
  if (Array.isArray(value)) return value.map(marked);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, marked(member)]));
}

/** Headers that a protocol or a member gives, not signing or sending. */
const headersOf = (headers: Record<string, string>) =>
  Object.fromEntries(
    Object.entries(headers)
      .map(([name, value]) => [name.toLowerCase(), value] as const)
      .filter(([name]) => /^(?:x-amz-target|x-amz-meta|x-amzn|if-|accept$)/.test(name)),
  );

const texts = (query: Record<string, unknown>) =>
  Object.fromEntries(Object.entries(query).map(([name, value]) => [name, [value].flat().map(String)]));

const compact = (xml: string): string => xml.replace(/^<\?xml[^>]*\?>/, "").replace(/<(\w+)([^>]*)\/>/g, "<$1$2></$1>");

describe("models of services without a client package", () => {
  const folder = mkdtempSync(join(tmpdir(), "crucible-models-"));
  after(() => rmSync(folder, { recursive: true, force: true }));

  const services = [
    ["kinesis", "kinesis", "json"],
    ["autoscaling", "autoscaling", "query"],
    ["route53", "route53", "rest-xml"],
    ["apigateway", "apigateway", "rest-json"],
  ] as const;
  for (const [service, botocores, protocol] of services)
    it(`${service}: requests are botocore's (${protocol})`, async () => {
      const module = await modelledModule(service);
      assert.ok(module);
      let sent: Made | undefined;
      const handle = async (request: Made) => {
        const { body } = request as { body?: string | Uint8Array };
        sent = { ...request, body: typeof body === "string" ? body : new TextDecoder().decode(body) };
        throw new Error("not sent");
      };
      const client = module.newClient({
        region: "eu-central-1",
        endpoint: "http://127.0.0.1:1",
        credentials: { accessKeyId: "a", secretAccessKey: "b" },
        maxAttempts: 1,
        requestHandler: { handle },
      });
      const asked: string[] = [];
      const ours: Made[] = [];
      for (const operation of module.operations()) {
        const Command = module.command(operation);
        assert.ok(Command);
        const { schema } = new Command({});
        if (hasEventStream(schema)) continue;
        const input = sample(operationShapes(schema).input) as object;
        asked.push(JSON.stringify({ folder: botocores, protocol, operation, input: marked(input) }));
        await assert.rejects(client.send(new Command(input)), /not sent/);
        ours.push(sent as Made);
      }
      assert.ok(ours.length > 30);
      assert.match(ours[0]?.headers.authorization ?? "", new RegExp(`/eu-central-1/${service}/aws4_request`));
      const file = join(folder, service);
      writeFileSync(file, asked.join("\n"));
      const { stdout } = await promisify(execFile)(projectPython(), ["-c", SCRIPT, file], { maxBuffer: 64_000_000 });
      const lines = stdout.trim().split("\n");
      assert.equal(lines.length, ours.length);
      for (const [index, line] of lines.entries()) {
        const theirs = JSON.parse(line) as Made & { body: string | Record<string, string> };
        const mine = ours[index] as Made;
        const what = asked[index];
        const [path, search] = theirs.path.split("?");
        assert.equal(mine.method, theirs.method, what);
        assert.equal(decodeURIComponent(mine.path), decodeURIComponent(path ?? ""), what);
        const query = protocol.startsWith("rest") ? mine.query : {};
        assert.deepEqual(
          texts(query),
          texts({ ...theirs.query, ...Object.fromEntries(new URLSearchParams(search)) }),
          what,
        );
        assert.deepEqual(headersOf(mine.headers), headersOf(theirs.headers), what);
        if (protocol === "query")
          assert.deepEqual(Object.fromEntries(new URLSearchParams(mine.body)), theirs.body, what);
        else if (protocol === "rest-xml") assert.equal(compact(mine.body), compact(theirs.body), what);
        else if (mine.body !== theirs.body)
          assert.deepEqual(JSON.parse(mine.body || "{}"), JSON.parse(theirs.body || "{}"), what);
      }
    });

  it("services are named as AWS's table of integrations names them", async () => {
    const index = await modelIndex();
    // Names that are not the command line's, or that the SDK for Java 2 shortens.
    for (const service of [
      "acmpca",
      "applicationdiscovery",
      "autoscalingplans",
      "cognitoidentityprovider",
      "config",
      "costandusagereport",
      "databasemigration",
      "directory",
      "directoryservicedata",
      "elasticloadbalancing",
      "elasticloadbalancingv2",
      "elasticsearch",
      "iotdataplane",
      "lexmodelbuilding",
      "lexruntimev2",
      "marketplaceentitlement",
      "pinpointemail",
      "resourceexplorer2",
      "sagemakera2iruntime",
      "servicecatalogappregistry",
      "sesv2",
      "wafv2",
    ])
      assert.ok(index.has(service), service);
    for (const service of Object.keys(CLIENTS)) assert.ok(index.has(service), service);
    assert.ok(index.size > 400);
  });

  it("every model that is read is the newest of its service", async () => {
    const module = await modelledModule("cloudfront");
    const index = await modelIndex();
    assert.match(index.get("cloudfront") ?? "", /botocore.data.cloudfront$/);
    assert.ok(module?.operations().includes("CreateDistribution"));
    assert.equal(await modelledModule("no-such-service"), undefined);
  });

  it("ids of Route 53 are those that its requests take", () => {
    const zone = {
      HostedZone: { Id: "/hostedzone/Z1", Name: "a/b" },
      ChangeInfo: { Id: "/change/C1", SubmittedAt: new Date(0) },
    };
    assert.deepEqual(withPlainIds("CreateHostedZone", zone), {
      HostedZone: { Id: "Z1", Name: "a/b" },
      ChangeInfo: { Id: "C1", SubmittedAt: new Date(0) },
    });
    assert.equal(withPlainIds("ListHostedZonesByName", zone), zone);
  });
});
