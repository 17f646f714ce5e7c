import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { besideServer, projectPython } from "../../../localcloud/server/paths.js";

/** One or more of each protocol: EC2's, JSON, query, REST in JSON and XML. */
const SERVICES = [
  "ec2",
  "dynamodb",
  "batch",
  "logs",
  "iam",
  "sns",
  "sqs",
  "s3",
  "stepfunctions",
  "lambda",
  "ecr",
  "cloudwatch",
];

/** The metadata that decide about an answer's content type, as our reader finds them and as botocore does. */
const SCRIPT = `
import json, os, sys
sys.path.insert(0, sys.argv[1])
import botocore.session
from bridge.content_types import service_metadata
session = botocore.session.get_session()
found = {}
for name in sys.argv[2:]:
    theirs, ours = session.get_service_model(name).metadata, service_metadata(name) or {}
    found[name] = [[each.get("protocol"), each.get("jsonVersion")] for each in (ours, theirs)]
print(json.dumps({"found": found, "unknown": service_metadata("no-such-service")}))
`;

describe("bridge: content types", () => {
  it("reads the protocol of every service as botocore does, without its model", async () => {
    const { stdout } = await promisify(execFile)(projectPython(), ["-c", SCRIPT, besideServer("."), ...SERVICES]);
    const { found, unknown } = JSON.parse(stdout) as { found: Record<string, [unknown, unknown]>; unknown: unknown };
    for (const name of SERVICES) assert.deepEqual(found[name]?.[0], found[name]?.[1], name);
    assert.deepEqual(found.dynamodb?.[0], ["json", "1.0"]);
    assert.equal(unknown, null);
  });
});
