import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { isRegional, isTaggable } from "../../../components/system/placement.js";
import { projectRoot } from "../../../stacks/paths.js";
import { walkTypes } from "../types.js";

const sdk = dirname(createRequire(import.meta.url).resolve("@pulumi/aws/package.json"));

/** The arguments that the SDK declares for a type, e.g. of `aws:s3/bucket:Bucket`. */
function argumentsOf(type: string): string {
  const [, path, name] = /^aws:(.+):(\w+)$/.exec(type) ?? [];
  const text = readFileSync(join(sdk, `${path}.d.ts`), "utf8");
  return text.slice(text.indexOf(`export interface ${name}Args`));
}

describe("What a system lays over its resources", () => {
  const types = walkTypes(join(projectRoot(), "components"), join(projectRoot(), "stacks"));

  it("is asked of every type that components and stacks use", () => {
    assert.ok(types.length > 25, `${types.length}`);
    for (const type of types) assert.ok(existsSync(join(sdk, `${/^aws:(.+):/.exec(type)?.[1]}.d.ts`)), type);
  });

  for (const type of types)
    it(`fits ${type}`, () => {
      const text = argumentsOf(type);
      assert.equal(isTaggable(type), /^ {4}tags\?/m.test(text), "tags");
      assert.equal(isRegional(type), /^ {4}region\?/m.test(text), "region");
    });

  it("reaches awsx's VPC, and nothing that is not AWS's", () => {
    assert.deepEqual([isTaggable("awsx:ec2:Vpc"), isRegional("awsx:ec2:Vpc")], [true, true]);
    for (const type of ["crucible:s3:DataBucket", "pulumi:pulumi:Stack", "random:index/randomId:RandomId"])
      assert.deepEqual([isTaggable(type), isRegional(type)], [false, false]);
  });
});
