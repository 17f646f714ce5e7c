import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { regionsIn, regionsOf } from "../../../automation/environments/regions.js";
import { freshHome } from "../support.js";

describe("the regions of an environment", () => {
  const home = freshHome();

  it("are found in ARNs, zones and settings, and nowhere else", () => {
    const text = '"arn:aws:sqs:eu-central-1:123456789012:q", "us-east-1a", "region": "ap-southeast-2", "us-gov-west-1"';
    assert.deepEqual([...regionsIn(text)].sort(), ["ap-southeast-2", "eu-central-1", "us-east-1", "us-gov-west-1"]);
    assert.deepEqual([...regionsIn("sanders-eu-job-1 bus-east-1x2 status-up-1")], []);
  });

  it("are its own, and those that its stacks had, also after they are destroyed", async () => {
    const history = join(home.path(), ".pulumi", "history", "crucible", "dev");
    mkdirSync(history, { recursive: true });
    writeFileSync(join(history, "dev-1.checkpoint.json"), '{"arn": "arn:aws:s3:eu-west-1:1:x"}');
    assert.deepEqual(await regionsOf("us-east-1", home.path()), ["us-east-1", "eu-west-1"]);
    assert.deepEqual(await regionsOf("us-east-1", join(home.path(), "nothing")), ["us-east-1"]);
  });
});
