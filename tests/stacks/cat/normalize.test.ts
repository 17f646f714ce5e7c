import assert from "node:assert/strict";
import { lintPolicy } from "../../../components/iam/lint.js";
import type { PolicyDocument } from "../../../components/iam/policy.js";
import { ACCOUNT, only, type Registered } from "../../components/mocks.js";
import { deploy, ofType, REGION } from "../backend/deploy.js";

const UNIT = ["cat-normalize"];

/** Tags of a resource that has any. */
const tagsOf = ({ inputs }: Registered) => inputs.tags as Record<string, string>;

describe("cat-normalize", function () {
  this.timeout(60_000);

  for (const environment of ["test", "prod"])
    it(`bears its users' names in ${environment}`, async () => {
      const { resources, outputs } = await deploy(UNIT, { environment });
      assert.deepEqual(outputs, {
        CatBucketName: `cat-${environment}-normalize-reports`,
        CatNormalizeFunctionName: `cat-${environment}-lambda-normalize`,
        CatNormalizeLogGroupName: `/aws/lambda/cat-${environment}-lambda-normalize`,
        CatNormalizeAlertsTopicARN: `arn:aws:sns:eu-central-1:${ACCOUNT}:cat-${environment}-normalize-alerts`,
        CatConversationsTableName: `cat-${environment}-conversations`,
      });
      assert.deepEqual(ofType(resources, "Table"), [], "the table is another system's");
    });

  it("gives the function what it has to know, its dependencies in a layer, and its environment's size", async () => {
    const sizes: Record<string, unknown[]> = {};
    for (const environment of ["test", "prod"]) {
      const { resources } = await deploy(UNIT, { environment });
      const { inputs } = only(resources, "Function");
      assert.deepEqual(inputs.environment, {
        variables: {
          S3_BUCKET_NAME: `cat-${environment}-normalize-reports`,
          DYNAMODB_TABLE_NAME: `cat-${environment}-conversations`,
          PROJECT_ID: "P2124",
          ENVIRONMENT: environment,
          CLIENT: "cat",
          REPORTS_PREFIX: "reports/etl-process1/",
          SCAN_SEGMENTS: environment === "prod" ? "8" : "4",
          FILE_MIB: environment === "prod" ? "64" : "16",
        },
      });
      assert.deepEqual(inputs.layers, [
        `arn:aws:lambda:eu-central-1:${ACCOUNT}:layer:cat-${environment}-normalize-dependencies:1`,
      ]);
      sizes[environment] = [inputs.timeout, inputs.memorySize];
    }
    assert.deepEqual(sizes, { test: [300, 512], prod: [900, 2048] });
  });

  it("is started at 04:30 UTC in prod, and by hand in test", async () => {
    const rules: unknown[] = [];
    for (const environment of ["test", "prod"]) {
      const { resources } = await deploy(UNIT, { environment });
      const { inputs } = only(resources, "EventRule");
      rules.push([inputs.scheduleExpression, inputs.state]);
      const permission = only(resources, "Permission").inputs;
      assert.deepEqual(
        [permission.principal, permission.function, permission.sourceArn],
        [
          "events.amazonaws.com",
          `cat-${environment}-lambda-normalize`,
          `arn:aws:events:eu-central-1:${ACCOUNT}:rule/cat-${environment}-normalize-daily`,
        ],
      );
    }
    assert.deepEqual(rules, [
      ["cron(30 4 * * ? *)", "DISABLED"],
      ["cron(30 4 * * ? *)", "ENABLED"],
    ]);
  });

  it("tells whom it is told to of an export that failed", async () => {
    const { resources } = await deploy(UNIT, { cat: { normalize: { emails: ["data@example.com"] } } });
    const { metricName, dimensions, threshold, alarmActions } = only(resources, "MetricAlarm").inputs;
    assert.deepEqual(
      [metricName, dimensions, threshold, alarmActions],
      [
        "Errors",
        { FunctionName: "cat-dev-lambda-normalize" },
        1,
        [`arn:aws:sns:eu-central-1:${ACCOUNT}:cat-dev-normalize-alerts`],
      ],
    );
    assert.equal(only(resources, "TopicSubscription").inputs.endpoint, "data@example.com");
  });

  it("tags everything that can be tagged with what it is", async () => {
    const { resources } = await deploy(UNIT, { environment: "test", throwaway: true, suffix: "k3x9" });
    const tagged = resources.filter(({ inputs }) => inputs.tags !== undefined);
    const kinds: Record<string, string> = {};
    for (const resource of tagged) {
      const { ResourceType, ...others } = tagsOf(resource);
      kinds[resource.type.split(":").at(-1) ?? ""] = ResourceType ?? "";
      assert.deepEqual(
        others,
        {
          Environment: "TEST",
          Project: "CAT-NORMALIZE",
          ProjectId: "P2124",
          ManagedBy: "Pulumi",
          ETLComponent: "ETL-1",
          ETLStage: "EXTRACT-TRANSFORM",
        },
        resource.name,
      );
    }
    assert.deepEqual(kinds, {
      Bucket: "STORAGE",
      EventRule: "ORCHESTRATION",
      Function: "COMPUTE",
      LogGroup: "COMPUTE",
      MetricAlarm: "ORCHESTRATION",
      Role: "COMPUTE",
      Table: "STORAGE",
      Topic: "ORCHESTRATION",
    });
  });

  it("deletes replaced files after 30 days, or another time, or never", async () => {
    const expirations: unknown[] = [];
    for (const lifecycle of [{}, { noncurrentVersionExpiration: 7 }, { enabled: false }]) {
      const { resources } = await deploy(UNIT, { cat: { normalize: { lifecycle } } });
      const [rule] = only(resources, "BucketLifecycleConfiguration").inputs.rules as Record<string, unknown>[];
      expirations.push(rule?.noncurrentVersionExpiration);
    }
    assert.deepEqual(expirations, [{ noncurrentDays: 30 }, { noncurrentDays: 7 }, undefined]);
  });

  it("makes the table in a throwaway, or when it is told to, but in prod only when it is told to", async () => {
    const made = async (crucible: Record<string, unknown>) =>
      ofType((await deploy(UNIT, crucible)).resources, "Table").map(({ inputs }) => inputs.name);
    const throwaway = { throwaway: true, suffix: "k3x9" };
    assert.deepEqual(await made({ environment: "test", ...throwaway }), ["cat-test-conversations"]);
    assert.deepEqual(await made({ environment: "test", ...throwaway, suffixAll: true }), [
      "cat-test-conversations-k3x9",
    ]);
    assert.deepEqual(await made({ environment: "prod", ...throwaway }), []);
    assert.deepEqual(await made({ cat: { normalize: { createTable: true, dynamoTableName: "talks" } } }), ["talks"]);
    assert.deepEqual(await made({ ...throwaway, cat: { normalize: { createTable: false } } }), []);
  });

  it("takes names, table and region from the configuration", async () => {
    const { resources, outputs } = await deploy(UNIT, {
      cat: {
        region: "sa-east-1",
        normalize: { s3BucketName: "talks-lake", dynamoTableName: "talks", lambda: { name: "talks-to-csv" } },
      },
    });
    assert.deepEqual(
      [outputs.CatBucketName, outputs.CatNormalizeFunctionName, outputs.CatConversationsTableName],
      ["talks-lake", "talks-to-csv", "talks"],
    );
    assert.equal(only(resources, "Function").inputs.region, "sa-east-1");
    await assert.rejects(
      deploy(UNIT, { cat: { normalize: { lambda: { timeout: 901 } } } }),
      /crucible:cat\.normalize\.lambda\.timeout: .*900.*901/,
    );
    await assert.rejects(
      deploy(UNIT, { cat: { normalize: { tableName: "x" } } }),
      /crucible:cat\.normalize\.tableName is not a setting/,
    );
  });

  it("keeps and protects its data in prod, and lets a throwaway of prod go", async () => {
    const kept = async (crucible: Record<string, unknown>) =>
      (await deploy(UNIT, crucible)).resources
        .filter(({ protect, retainOnDelete, type }) => protect && retainOnDelete && type.endsWith(":Bucket"))
        .map(({ name }) => name);
    assert.deepEqual(await kept({ environment: "prod" }), ["cat-reports"]);
    assert.deepEqual(await kept({ environment: "prod", throwaway: true, suffix: "k3x9" }), []);
  });

  it("lets the function read the table, keep its reports, invoke itself and write its log: nothing else", async () => {
    const { resources } = await deploy(UNIT, { environment: "test" });
    const policy = only(resources, "RolePolicy").inputs.policy as string;
    const document = JSON.parse(policy) as PolicyDocument;
    assert.deepEqual(lintPolicy(document), []);
    const bucket = "arn:aws:s3:::cat-test-normalize-reports";
    const here = (service: string, resource: string) => `arn:aws:${service}:${REGION}:${ACCOUNT}:${resource}`;
    assert.deepEqual(
      document.Statement.map(({ Sid, Action, Resource, Condition }) => [Sid, Action, Resource, Condition]),
      [
        ["ScanConversations", "dynamodb:Scan", here("dynamodb", "table/cat-test-conversations"), undefined],
        ["ListReports", "s3:ListBucket", bucket, { StringLike: { "s3:prefix": ["reports/etl-process1/*"] } }],
        [
          "KeepReports",
          ["s3:DeleteObject", "s3:GetObject", "s3:PutObject"],
          `${bucket}/reports/etl-process1/*`,
          undefined,
        ],
        ["GoOn", "lambda:InvokeFunction", here("lambda", "function:cat-test-lambda-normalize"), undefined],
        [
          "WriteLog",
          ["logs:CreateLogStream", "logs:PutLogEvents"],
          `arn:aws:logs:eu-central-1:${ACCOUNT}:log-group:/aws/lambda/cat-test-lambda-normalize:*`,
          undefined,
        ],
      ],
    );
    const trust = JSON.parse(only(resources, "Role").inputs.assumeRolePolicy as string) as PolicyDocument;
    assert.deepEqual(trust.Statement[0]?.Principal, { Service: "lambda.amazonaws.com" });
  });
});
