import assert from "node:assert/strict";
import {
  CloudTrailClient,
  DescribeTrailsCommand,
  GetEventSelectorsCommand,
  StopLoggingCommand,
} from "@aws-sdk/client-cloudtrail";
import { Trail } from "@pulumi/aws/cloudtrail/trail.js";
import { type Life, testLives } from "../lifecycle.js";
import { by } from "../versions.js";

const lives: Life[] = [
  {
    name: "audit",
    declare: (version, options) =>
      new Trail(
        "audit",
        {
          name: by(version, "audit", "audit", "audit-2"),
          s3BucketName: "audit-logs",
          s3KeyPrefix: by(version, "a", "b"),
          isMultiRegionTrail: by(version, false, true),
          enableLogFileValidation: true,
          eventSelectors: by(version, undefined, [
            {
              readWriteType: "WriteOnly",
              includeManagementEvents: true,
              dataResources: [{ type: "AWS::S3::Object", values: ["arn:aws:s3:::lake/"] }],
            },
          ]),
          tags: by<Record<string, string>>(version, { a: "1", b: "1" }, { a: "2" }),
        },
        options,
      ),
    outputs: {
      created: (outputs) => {
        assert.match(String(outputs.arn), /^arn:aws:cloudtrail:eu-central-1:\d{12}:trail\/audit$/);
        assert.equal(outputs.enableLogging, true);
        assert.equal(outputs.homeRegion, "eu-central-1");
        assert.deepEqual(outputs.tagsAll, { a: "1", b: "1" });
      },
    },
    verify: {
      updated: async (name, { client }) => {
        const found = await new CloudTrailClient(client).send(new GetEventSelectorsCommand({ TrailName: name }));
        assert.equal(found.EventSelectors?.[0]?.ReadWriteType, "WriteOnly");
      },
    },
    disturb: async (name, { client }) => {
      await new CloudTrailClient(client).send(new StopLoggingCommand({ Name: name }));
    },
  },
  {
    name: "quiet",
    declare: (version, options) =>
      new Trail(
        "quiet",
        {
          name: by(version, "quiet", "quiet", "quiet-2"),
          s3BucketName: "audit-logs",
          enableLogging: by(version, false, true),
          advancedEventSelectors: [
            {
              name: by(version, "management", "all management"),
              fieldSelectors: [{ field: "eventCategory", equals: ["Management"] }],
            },
          ],
        },
        options,
      ),
    outputs: { created: (outputs) => assert.equal(outputs.enableLogging, false) },
  },
];

testLives("provider: cloudtrail", lives, async ({ client }) => {
  const found = await new CloudTrailClient(client).send(new DescribeTrailsCommand({}));
  return (found.trailList ?? []).map((each) => each.Name ?? "");
});
