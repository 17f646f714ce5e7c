// The two halves one after the other, in stacks of their own, and what the second says as long as there is no bucket.
import assert from "node:assert/strict";
import { openWorkspace, type Workspace } from "../cli/workspace.js";

describe("CAT in two stacks", function () {
  this.timeout(240_000);

  let workspace: Workspace;
  const add = (unit: string, more: Record<string, string> = {}) =>
    workspace.addStack(`test-${unit}`, {
      "aws:region": "us-east-1",
      "crucible:environment": "test",
      "crucible:units": JSON.stringify([unit]),
      "crucible:separate": "true",
      ...more,
    });

  before(async () => {
    workspace = await openWorkspace("test", "us-east-1");
  });
  after(() => workspace.close());

  it("deploys the second after the first, whose bucket it uses, and says so as long as that is not there", async () => {
    const etl = await add("cat-etl");
    const normalize = await add("cat-normalize");
    await assert.rejects(
      etl("up", "--yes", "--skip-preview"),
      /has no output CatBucketName, which the unit cat-normalize would have given it\. Deploy cat-normalize first/,
    );
    await etl("config", "set", "--path", "crucible:cat.etl.dataBucketName", "cat-nowhere");
    await assert.rejects(
      etl("up", "--yes", "--skip-preview"),
      /the bucket cat-nowhere that crucible:cat\.etl\.dataBucketName names is not there\. Deploy cat-normalize/,
    );
    await normalize("up", "--yes", "--skip-preview");
    await etl("config", "rm", "--path", "crucible:cat.etl.dataBucketName");
    await etl("up", "--yes", "--skip-preview");
    const outputs = async (stack: Workspace["pulumi"]) =>
      JSON.parse(await stack("stack", "output", "--json")) as Record<string, string>;
    const [first, second] = [await outputs(normalize), await outputs(etl)];
    assert.equal(second.CatDataBucketName, first.CatBucketName);
    assert.ok(!("CatBucketName" in second), Object.keys(second).join());
    for (const stack of [normalize, etl]) await stack("preview", "--expect-no-changes");
    for (const stack of [etl, normalize]) await stack("destroy", "--yes", "--skip-preview");
  });
});
