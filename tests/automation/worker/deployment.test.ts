import assert from "node:assert/strict";
import { readDeployment } from "../../../automation/worker/deployment.js";

const SECRET = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", ciphertext: "v1:x" };

describe("a stack's deployment", () => {
  it("flags outputs that are secret, or hold a secret at any depth", () => {
    const outputs = { name: "lake", key: SECRET, nested: { user: "me", keys: [{ a: SECRET }] } };
    const resources = [
      { urn: "urn:1", type: "pulumi:pulumi:Stack", outputs },
      { urn: "urn:2", type: "pulumi:providers:aws", custom: true },
      { urn: "urn:3", type: "aws:s3/bucket:Bucket", custom: true, outputs: { id: "x" } },
      { urn: "urn:4", type: "crucible:s3:DataBucket", custom: false },
    ];
    const read = readDeployment({ resources });
    assert.equal(read.resources, 1);
    assert.deepEqual(
      Object.entries(read.outputs).map(([name, { secret }]) => [name, secret]),
      [
        ["name", false],
        ["key", true],
        ["nested", true],
      ],
    );
    assert.equal(read.outputs.name?.value, "lake");
  });

  it("of a stack that is empty has nothing", () => {
    assert.deepEqual(readDeployment({}), { outputs: {}, resources: 0 });
    assert.deepEqual(readDeployment(null), { outputs: {}, resources: 0 });
  });
});
