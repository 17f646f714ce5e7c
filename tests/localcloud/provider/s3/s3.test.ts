import assert from "node:assert/strict";
import { ListBucketsCommand, PutBucketTaggingCommand, S3Client } from "@aws-sdk/client-s3";
import { Bucket } from "@pulumi/aws/s3/bucket.js";
import { type Life, testLives } from "../lifecycle.js";

const unique = Date.now().toString(36);

const lives: Life[] = [
  {
    name: "lake",
    declare: (version, options) =>
      new Bucket(
        "lake",
        {
          bucket: version === "replaced" ? `lake-${unique}-b` : `lake-${unique}-a`,
          tags: version === "created" ? { Project: "x", Old: "1" } : { Project: "y", New: "2" },
        },
        options,
      ),
    outputs: {
      created: (outputs) => {
        assert.equal(outputs.arn, `arn:aws:s3:::lake-${unique}-a`);
        assert.deepEqual(outputs.tagsAll, { Project: "x", Old: "1" });
      },
      updated: (outputs) => assert.deepEqual(outputs.tags, { Project: "y", New: "2" }),
    },
    disturb: async (id, { client }) => {
      const tagging = { TagSet: [{ Key: "Intruder", Value: "1" }] };
      await new S3Client({ ...client, forcePathStyle: true }).send(
        new PutBucketTaggingCommand({ Bucket: id, Tagging: tagging }),
      );
    },
  },
];

testLives("provider: s3", lives, async ({ client }) => {
  const buckets = await new S3Client({ ...client, forcePathStyle: true }).send(new ListBucketsCommand({}));
  return (buckets.Buckets ?? []).map((each) => each.Name ?? "");
});
