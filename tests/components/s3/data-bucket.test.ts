import assert from "node:assert/strict";
import { DataBucket, lifecycleRules } from "../../../components/s3/data-bucket.js";
import { only, run, settled } from "../mocks.js";

describe("A bucket for data", () => {
  it("always tidies up unfinished uploads and old versions, then does what it is told, in order", () => {
    assert.deepEqual(
      lifecycleRules({
        oldVersionsDays: 14,
        tidying: [
          { prefix: "raw/2024", infrequentAccessAfterDays: 60, expireAfterDays: 365 },
          { prefix: "", expireAfterDays: 999 },
        ],
      }),
      [
        {
          id: "unfinished-and-old",
          status: "Enabled",
          filter: { prefix: "" },
          abortIncompleteMultipartUpload: { daysAfterInitiation: 7 },
          noncurrentVersionExpiration: { noncurrentDays: 14 },
        },
        {
          id: "tidy-raw-2024",
          status: "Enabled",
          filter: { prefix: "raw/2024" },
          transitions: [{ days: 60, storageClass: "STANDARD_IA" }],
          expiration: { days: 365 },
        },
        { id: "tidy-all", status: "Enabled", filter: { prefix: "" }, expiration: { days: 999 } },
      ],
    );
  });

  it("gives its name and ARN, and takes statements and transforms", async () => {
    const { resources, result } = await run(
      () =>
        new DataBucket("lake", {
          name: "lake-dev",
          removal: "destroy",
          statements: (arn) => [
            { sid: "More", principal: { service: "a.amazonaws.com" }, actions: ["s3:GetObject"], resources: [arn] },
          ],
          transform: { bucket: { forceDestroy: false } },
        }),
    );
    assert.deepEqual([await settled(result.name), await settled(result.arn)], ["lake-dev", "arn:aws:s3:::lake-dev"]);
    assert.equal(only(resources, "Bucket").inputs.forceDestroy, false);
    const { Statement } = JSON.parse(String(only(resources, "BucketPolicy").inputs.policy));
    assert.deepEqual(
      Statement.map(({ Sid, Effect }: Record<string, string>) => [Sid, Effect]),
      [
        ["RefusePlainHttp", "Deny"],
        ["More", "Allow"],
      ],
    );
  });
});
