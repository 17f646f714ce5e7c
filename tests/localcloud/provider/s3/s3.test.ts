import assert from "node:assert/strict";
import {
  DeleteBucketPolicyCommand,
  GetObjectCommand,
  ListBucketsCommand,
  PutBucketEncryptionCommand,
  PutBucketLifecycleConfigurationCommand,
  PutBucketNotificationConfigurationCommand,
  PutBucketOwnershipControlsCommand,
  PutBucketTaggingCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  PutObjectTaggingCommand,
  PutPublicAccessBlockCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { Bucket } from "@pulumi/aws/s3/bucket.js";
import { BucketLifecycleConfiguration } from "@pulumi/aws/s3/bucketLifecycleConfiguration.js";
import { BucketNotification } from "@pulumi/aws/s3/bucketNotification.js";
import { BucketObject } from "@pulumi/aws/s3/bucketObject.js";
import { BucketObjectv2 } from "@pulumi/aws/s3/bucketObjectv2.js";
import { BucketOwnershipControls } from "@pulumi/aws/s3/bucketOwnershipControls.js";
import { BucketPolicy } from "@pulumi/aws/s3/bucketPolicy.js";
import { BucketPublicAccessBlock } from "@pulumi/aws/s3/bucketPublicAccessBlock.js";
import { BucketServerSideEncryptionConfiguration } from "@pulumi/aws/s3/bucketServerSideEncryptionConfiguration.js";
import { BucketVersioning } from "@pulumi/aws/s3/bucketVersioning.js";
import { getBucketOutput } from "@pulumi/aws/s3/getBucket.js";
import { StringAsset } from "@pulumi/pulumi/asset/index.js";
import { type Life, type Surroundings, testLives } from "../lifecycle.js";

const unique = Date.now().toString(36);
const s3 = ({ client }: Surroundings) => new S3Client({ ...client, forcePathStyle: true });
const bucketOf = (others: Record<string, unknown>) => (others.lake as Bucket).id;

const lives: Life[] = [
  {
    name: "lake",
    declare: (version, options) =>
      new Bucket(
        "lake",
        {
          bucket: version === "replaced" ? `lake-${unique}-b` : `lake-${unique}-a`,
          forceDestroy: true,
          tags: version === "created" ? { Project: "x", Old: "1" } : { Project: "y", New: "2" },
        },
        options,
      ),
    unimportable: ["forceDestroy"],
    outputs: {
      created: (outputs) => {
        assert.equal(outputs.arn, `arn:aws:s3:::lake-${unique}-a`);
        assert.equal(outputs.bucketRegionalDomainName, `lake-${unique}-a.s3.eu-central-1.amazonaws.com`);
        assert.equal(outputs.region, "eu-central-1");
        assert.deepEqual(outputs.tagsAll, { Project: "x", Old: "1" });
      },
      updated: (outputs) => assert.deepEqual(outputs.tags, { Project: "y", New: "2" }),
    },
    disturb: async (id, surroundings) => {
      const Tagging = { TagSet: [{ Key: "Intruder", Value: "1" }] };
      await s3(surroundings).send(new PutBucketTaggingCommand({ Bucket: id, Tagging }));
    },
  },
  {
    name: "versioning",
    declare: (version, options, others) =>
      new BucketVersioning(
        "versioning",
        {
          bucket: bucketOf(others),
          versioningConfiguration: { status: version === "created" ? "Suspended" : "Enabled" },
        },
        options,
      ),
    disturb: async (id, surroundings) => {
      const VersioningConfiguration = { Status: "Suspended" as const };
      await s3(surroundings).send(new PutBucketVersioningCommand({ Bucket: id, VersioningConfiguration }));
    },
  },
  {
    name: "encryption",
    declare: (version, options, others) =>
      new BucketServerSideEncryptionConfiguration(
        "encryption",
        {
          bucket: bucketOf(others),
          rules: [
            {
              applyServerSideEncryptionByDefault: { sseAlgorithm: version === "created" ? "AES256" : "aws:kms" },
              bucketKeyEnabled: version !== "created",
            },
          ],
        },
        options,
      ),
    disturb: async (id, surroundings) => {
      const rule = { ApplyServerSideEncryptionByDefault: { SSEAlgorithm: "AES256" as const } };
      const ServerSideEncryptionConfiguration = { Rules: [rule] };
      await s3(surroundings).send(new PutBucketEncryptionCommand({ Bucket: id, ServerSideEncryptionConfiguration }));
    },
  },
  {
    name: "access",
    declare: (version, options, others) =>
      new BucketPublicAccessBlock(
        "access",
        {
          bucket: bucketOf(others),
          blockPublicAcls: true,
          blockPublicPolicy: version !== "created",
          ignorePublicAcls: true,
          restrictPublicBuckets: version !== "created",
        },
        options,
      ),
    disturb: async (id, surroundings) => {
      const PublicAccessBlockConfiguration = { BlockPublicAcls: false };
      await s3(surroundings).send(new PutPublicAccessBlockCommand({ Bucket: id, PublicAccessBlockConfiguration }));
    },
  },
  {
    name: "lifecycle",
    declare: (version, options, others) =>
      new BucketLifecycleConfiguration(
        "lifecycle",
        {
          bucket: bucketOf(others),
          rules: [
            {
              id: "old-versions",
              status: "Enabled",
              filter: version === "created" ? {} : { prefix: "features/" },
              noncurrentVersionExpiration: { noncurrentDays: version === "created" ? 30 : 60 },
              abortIncompleteMultipartUpload: { daysAfterInitiation: 7 },
            },
            {
              id: "archive",
              status: "Enabled",
              filter: { and: { prefix: "raw/", tags: { tier: "cold" }, objectSizeGreaterThan: 1024 } },
              transitions: [
                { days: 90, storageClass: "GLACIER" },
                { days: 30, storageClass: "STANDARD_IA" },
              ],
              expiration: { days: 365 },
            },
          ],
        },
        options,
      ),
    disturb: async (id, surroundings) => {
      const rule = { ID: "old-versions", Status: "Disabled" as const, Filter: { Prefix: "" }, Expiration: { Days: 1 } };
      const LifecycleConfiguration = { Rules: [rule] };
      await s3(surroundings).send(new PutBucketLifecycleConfigurationCommand({ Bucket: id, LifecycleConfiguration }));
    },
  },
  {
    name: "policy",
    declare: (version, options, others) =>
      new BucketPolicy(
        "policy",
        {
          bucket: bucketOf(others),
          policy: (others.lake as Bucket).arn.apply((arn) =>
            JSON.stringify({
              Version: "2012-10-17",
              Statement: [
                {
                  Sid: version === "created" ? "TlsOnly" : "TlsAlways",
                  Effect: "Deny",
                  Principal: "*",
                  Action: ["s3:PutObject", "s3:GetObject"],
                  Resource: [`${arn}/*`],
                  Condition: {
                    Bool: { "aws:SecureTransport": "false" },
                    StringEquals: { "aws:PrincipalTag/x": "never" },
                  },
                },
              ],
            }),
          ),
        },
        options,
      ),
    disturb: async (id, surroundings) => {
      await s3(surroundings).send(new DeleteBucketPolicyCommand({ Bucket: id }));
    },
  },
  {
    name: "notification",
    declare: (version, options, others) =>
      new BucketNotification("notification", { bucket: bucketOf(others), eventbridge: version !== "created" }, options),
    disturb: async (id, surroundings) => {
      const request = { Bucket: id, NotificationConfiguration: {} };
      await s3(surroundings).send(new PutBucketNotificationConfigurationCommand(request));
    },
  },
  {
    name: "ownership",
    declare: (version, options, others) =>
      new BucketOwnershipControls(
        "ownership",
        {
          bucket: bucketOf(others),
          rule: { objectOwnership: version === "created" ? "BucketOwnerPreferred" : "BucketOwnerEnforced" },
        },
        options,
      ),
    disturb: async (id, surroundings) => {
      const OwnershipControls = { Rules: [{ ObjectOwnership: "ObjectWriter" as const }] };
      await s3(surroundings).send(new PutBucketOwnershipControlsCommand({ Bucket: id, OwnershipControls }));
    },
  },
  {
    name: "config/readme.txt",
    declare: (version, options, others) =>
      new BucketObjectv2(
        "config/readme.txt",
        {
          bucket: bucketOf(others),
          source: new StringAsset(version === "created" ? "hello" : "hello again"),
          contentType: "text/plain",
          metadata: { origin: "test" },
        },
        // Its key is its name and its bucket goes on with versions: the object is there until the bucket is.
        options,
      ),
    unimportable: ["source"],
    importId: (outputs) => `${outputs.bucket}/config/readme.txt`,
    outputs: { created: (outputs) => assert.equal(outputs.etag, "5d41402abc4b2a76b9719d911017c592") },
    verify: {
      updated: async (id, surroundings) => {
        const found = await s3(surroundings).send(new GetObjectCommand({ Bucket: `lake-${unique}-a`, Key: id }));
        assert.equal(await found.Body?.transformToString(), "hello again");
        assert.equal(found.ContentType, "text/plain");
        assert.deepEqual(found.Metadata, { origin: "test" });
      },
    },
    disturb: async (id, surroundings) => {
      const request = { Bucket: `lake-${unique}-a`, Key: id, Body: "tampered", ContentType: "text/plain" };
      await s3(surroundings).send(new PutObjectCommand({ ...request, Metadata: { origin: "test" } }));
    },
  },
  {
    name: "config/old.txt",
    declare: (version, options, others) =>
      new BucketObject(
        "config/old.txt",
        {
          bucket: bucketOf(others),
          key: "config/old.txt",
          content: version === "created" ? "one" : "two",
          contentType: "text/plain",
          tags: { stage: version },
        },
        options,
      ),
    unimportable: ["content"],
    importId: (outputs) => `${outputs.bucket}/config/old.txt`,
    outputs: { updated: ({ tags }) => assert.deepEqual(tags, { stage: "updated" }) },
    verify: {
      updated: async (_id, surroundings) => {
        const request = { Bucket: `lake-${unique}-a`, Key: "config/old.txt" };
        const found = await s3(surroundings).send(new GetObjectCommand(request));
        assert.equal(await found.Body?.transformToString(), "two");
      },
    },
    disturb: async (_id, surroundings) => {
      const Tagging = { TagSet: [{ Key: "stage", Value: "lost" }] };
      const request = { Bucket: `lake-${unique}-a`, Key: "config/old.txt", Tagging };
      await s3(surroundings).send(new PutObjectTaggingCommand(request));
    },
  },
  {
    // What the function answers, carried by a resource that takes texts.
    name: "known",
    declare: (_version, options, others) => {
      const found = getBucketOutput({ bucket: bucketOf(others) });
      const tags = { arn: found.arn, region: found.bucketRegion, domain: found.bucketRegionalDomainName };
      return new BucketObjectv2("known", { bucket: found.id, source: new StringAsset("known"), tags }, options);
    },
    updated: "same",
    unimportable: ["source"],
    importId: (outputs) => `${outputs.bucket}/known`,
    outputs: {
      created: ({ tags }) =>
        assert.deepEqual(tags, {
          arn: `arn:aws:s3:::lake-${unique}-a`,
          region: "eu-central-1",
          domain: `lake-${unique}-a.s3.eu-central-1.amazonaws.com`,
        }),
    },
  },
];

testLives("provider: s3", lives, async (surroundings) => {
  const buckets = await s3(surroundings).send(new ListBucketsCommand({}));
  return (buckets.Buckets ?? []).map((each) => each.Name ?? "");
});
