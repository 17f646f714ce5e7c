import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { EventTap } from "../../../../../localcloud/compute/eventTap.js";
import type { ComputeContext, ServiceEvent } from "../../../../../localcloud/compute/service.js";
import type { Definition } from "../../../../../localcloud/compute/stepfunctions/definition/types.js";
import { CLIENTS } from "../../../../../localcloud/compute/stepfunctions/integrations/clients.js";
import {
  javaExceptionName,
  javaMember,
  javaName,
  serviceName,
} from "../../../../../localcloud/compute/stepfunctions/integrations/naming.js";
import { nearest } from "../../../../../localcloud/compute/stepfunctions/integrations/nearest.js";
import { parseTaskResource } from "../../../../../localcloud/compute/stepfunctions/integrations/resource.js";
import { checkResources } from "../../../../../localcloud/compute/stepfunctions/integrations/validity.js";

describe("parts of the integrations", () => {
  it("names are those of the AWS SDK for Java 2", () => {
    const names = {
      DBInstanceIdentifier: "DbInstanceIdentifier",
      SSEKMSKeyId: "SsekmsKeyId",
      ETag: "ETag",
      stateMachineArn: "StateMachineArn",
      "CloudWatch Logs": "CloudWatchLogs",
      "Resource Groups Tagging API": "ResourceGroupsTaggingApi",
      DynamoDB: "DynamoDb",
      EC2: "Ec2",
      S3: "S3",
      SFN: "Sfn",
      MD5OfMessageBody: "Md5OfMessageBody",
      BOOL: "Bool",
      VpcId: "VpcId",
      privateIPv4Address: "PrivateIpV4Address",
      ListObjectsV2: "ListObjectsV2",
      WAFV2: "Wafv2",
    };
    for (const [api, java] of Object.entries(names)) assert.equal(javaName(api), java);
    assert.equal(javaMember("equals"), "EqualsValue");
    assert.equal(serviceName("Database Migration Service"), "DatabaseMigration");
    assert.equal(serviceName("Directory Service Data"), "DirectoryServiceData");
    assert.equal(javaExceptionName("NoSuchKey"), "NoSuchKeyException");
    assert.equal(javaExceptionName("DBInstanceNotFoundFault"), "DbInstanceNotFoundException");
    assert.equal(javaExceptionName("KMSInvalidStateException"), "KmsInvalidStateException");
  });

  it("the nearest name is one that differs by at most a third", () => {
    const names = ["putRecord", "putRecords", "getRecords"];
    assert.equal(nearest("putRecrod", names), "putRecord");
    assert.equal(nearest("PutRecords", names), "putRecords");
    assert.equal(nearest("describeStream", names), undefined);
  });

  it("resources are taken apart", () => {
    const arn = "arn:aws:lambda:eu-central-1:111122223333:function:f:live";
    assert.deepEqual(parseTaskResource(arn), { kind: "function", arn });
    const parsed = (rest: string) => {
      const resource = parseTaskResource(`arn:aws:states:::${rest}`);
      return resource && "service" in resource
        ? [resource.kind, resource.service, resource.action, resource.pattern, resource.variant]
        : resource;
    };
    assert.deepEqual(parsed("states:startExecution.sync:2"), ["optimized", "states", "startExecution", "sync", ":2"]);
    assert.deepEqual(parsed("sqs:sendMessage.waitForTaskToken"), [
      "optimized",
      "sqs",
      "sendMessage",
      "waitForTaskToken",
      "",
    ]);
    assert.deepEqual(parsed("aws-sdk:s3:getObject"), ["aws-sdk", "s3", "getObject", "requestResponse", ""]);
    assert.equal(parsed("sqs:sendMessage.waitForTaskToken:2"), undefined);
    assert.equal(parsed("sqs"), undefined);
  });

  it("every client of the SDK that is installed can be used", async () => {
    const { dependencies } = JSON.parse(readFileSync("package.json", "utf8")) as { dependencies: object };
    const installed = Object.keys(dependencies).filter((name) => name.startsWith("@aws-sdk/client-"));
    assert.deepEqual(
      Object.keys(CLIENTS).sort(),
      installed.map((name) => name.slice("@aws-sdk/client-".length).replaceAll("-", "")).sort(),
    );
  });

  it("a definition's tasks are checked for resources that do not exist, at every depth", async () => {
    const task = (resource: string) => ({ Type: "Task" as const, Resource: `arn:aws:states:::${resource}`, End: true });
    const definition: Definition = {
      StartAt: "Good",
      States: {
        Good: task("aws-sdk:s3:getObject"),
        Bad: task("aws-sdk:s3:fetchObject"),
        Capital: task("aws-sdk:s3:GetObject"),
        Waits: task("aws-sdk:s3:getObject.sync"),
        Branches: {
          Type: "Parallel",
          Branches: [
            { StartAt: "In", States: { In: task("dynamodb:getItem.sync"), Fine: task("batch:submitJob.sync") } },
          ],
          End: true,
        },
        Each: {
          Type: "Map",
          ItemProcessor: { StartAt: "Item", States: { Item: task("nothing:here") } },
          End: true,
        },
      },
    };
    const found = await checkResources(definition);
    assert.deepEqual(
      found.map(({ location }) => location),
      [
        "/States/Bad/Resource",
        "/States/Capital/Resource",
        "/States/Waits/Resource",
        "/States/Branches/Branches[0]/States/In/Resource",
        "/States/Each/ItemProcessor/States/Item/Resource",
      ],
    );
    assert.match(
      found[0]?.message ?? "",
      /^The resource provided arn:aws:states:::aws-sdk:s3:fetchObject is not recognized/,
    );
  });

  it("events of services are heard from when a watch is opened to when it is closed, and put on the bus as well", async () => {
    const put: string[] = [];
    const tap = new EventTap();
    const context = tap.tapped({
      putEvent: async (_account: string, _region: string, { detail }: ServiceEvent) =>
        void put.push((detail as { said: string }).said),
    } as unknown as ComputeContext);
    const tell = (detail: string, account = "1", detailType = "Kind") =>
      context.putEvent(account, "r", {
        source: "s",
        detailType,
        detail: { said: detail, kept: undefined },
        resources: [],
      });
    await tell("before");
    const watch = tap.watch("1", "r", ["Kind", "Other"]);
    await tell("early");
    await tell("someone else's", "2");
    await tell("of no interest", "1", "Third");
    const heard: unknown[] = [];
    watch.follow(({ detail }) => heard.push(detail));
    await tell("late", "1", "Other");
    watch.close();
    await tell("after");
    assert.deepEqual(heard, [{ said: "early" }, { said: "late" }]);
    assert.deepEqual(put, ["before", "early", "someone else's", "of no interest", "late", "after"]);
  });
});
