// S3, DynamoDB, ECR and Budgets: the infrastructure README's lines.
import assert from "node:assert/strict";
import { objectsBelow } from "./checks.js";
import type { CommandLine } from "./line.js";

export const storageLines: CommandLine[] = [
  {
    what: "shows the outputs, which were the stack's in CloudFormation",
    line: "crucible outputs infrastructure --json",
    check(answer, { platform }) {
      const { account } = platform;
      const outputs = JSON.parse(answer);
      assert.deepEqual(outputs, {
        S3BucketName: outputs.S3BucketName,
        DynamoDBTableName: "sanders_daily_customer_features_dev",
        ECRRepositoryURI: `${account}.dkr.ecr.eu-central-1.amazonaws.com/sanders-customer-platform-dev`,
        BatchJobQueueName: "sanders-batch-queue-dev",
        StepFunctionsStateMachineARN: `arn:aws:states:eu-central-1:${account}:stateMachine:sanders-orchestrator-dev`,
        VPCId: outputs.VPCId,
      });
      assert.match(outputs.S3BucketName, /^sanders-customer-platform-dev-[a-z0-9]+$/);
      assert.match(outputs.VPCId, /^vpc-[0-9a-f]+$/);
    },
  },
  {
    what: "says whose credentials these are",
    line: "aws sts get-caller-identity",
    check: (answer, { platform }) => assert.equal(JSON.parse(answer).Account, platform.account),
  },
  {
    what: "uploads a file",
    line: "aws s3 cp data.csv s3://sanders-customer-platform-dev/",
    async check(_answer, { platform }) {
      assert.deepEqual(await objectsBelow(platform, "data.csv"), { "": 34 });
    },
  },
  {
    what: "uploads a folder",
    line: "aws s3 sync ./data/ s3://sanders-customer-platform-dev/data/",
    async check(_answer, { platform }) {
      const { "tlc_raw.parquet": raw = 0, ...others } = await objectsBelow(platform, "data/");
      assert.ok(raw > 3_000_000, `the sample has ${raw} bytes`);
      assert.deepEqual(Object.keys(others), ["tlc_small.parquet"]);
    },
  },
  {
    what: "uploads nothing twice",
    line: "aws s3 sync ./data/ s3://sanders-customer-platform-dev/data/",
    check: (answer) => assert.equal(answer, ""),
  },
  {
    what: "lists the bucket",
    line: "aws s3 ls s3://sanders-customer-platform-dev/",
    check(answer) {
      assert.match(answer, /^ +PRE data\/$/m);
      assert.match(answer, /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d +34 data\.csv$/m);
    },
  },
  {
    what: "puts and gets an item with boto3",
    line: `python3 - <<'PROGRAM'
import boto3

dynamodb = boto3.resource('dynamodb', region_name='eu-central-1')
table = dynamodb.Table('sanders_daily_customer_features_dev')

# Put item
table.put_item(
    Item={
        'customer_id': '12345',
        'date': '2026-02-07',
        'feature_1': 100,
        'feature_2': 'value'
    }
)

# Get item
response = table.get_item(
    Key={
        'customer_id': '12345',
        'date': '2026-02-07'
    }
)
print(response['Item'])
PROGRAM`,
    check(answer) {
      for (const part of ["'customer_id': '12345'", "'feature_1': Decimal('100')", "'feature_2': 'value'"])
        assert.ok(answer.includes(part), answer);
    },
  },
  {
    what: "reviews the budget's file",
    line: "cat budget-config.json",
    check(answer) {
      const { BudgetLimit, CostFilters } = JSON.parse(answer);
      assert.deepEqual(BudgetLimit, { Amount: "10", Unit: "USD" });
      assert.deepEqual(CostFilters, { TagKeyValue: ["user:Project$sanders-customer-platform"] });
    },
  },
  {
    what: "creates a budget from it",
    line: "aws budgets create-budget --account-id YOUR-ACCOUNT-ID --budget file://budget-config.json",
    check: (answer) => assert.equal(answer, ""),
  },
  {
    what: "cannot create it a second time",
    line: "aws budgets create-budget --account-id YOUR-ACCOUNT-ID --budget file://budget-config.json",
    fails: true,
    check: (answer) => assert.match(answer, /\(DuplicateRecordException\) when calling the CreateBudget operation/),
  },
  {
    what: "updates it to another limit",
    line: `sed -i 's/"Amount": "10"/"Amount": "25"/' budget-config.json
aws budgets update-budget --account-id YOUR-ACCOUNT-ID --new-budget file://budget-config.json`,
    check: (answer) => assert.equal(answer, ""),
  },
  {
    what: "shows the stack's budget and this one",
    line: `aws budgets describe-budgets --account-id YOUR-ACCOUNT-ID --query "sort_by(Budgets,&BudgetName)[].[BudgetName,BudgetLimit.Amount,TimeUnit]"`,
    check: (answer) =>
      assert.deepEqual(JSON.parse(answer), [
        ["sanders-customer-platform-monthly", "25", "MONTHLY"],
        ["sanders-customer-platform-monthly-dev", "10", "MONTHLY"],
      ]),
  },
  {
    what: "deletes it",
    line: "aws budgets delete-budget --account-id YOUR-ACCOUNT-ID --budget-name sanders-customer-platform-monthly",
    check: (answer) => assert.equal(answer, ""),
  },
  {
    what: "logs in to the registry, whose pushes and pulls take that password",
    line: "aws ecr get-login-password --region eu-central-1",
    async check(answer, { platform }) {
      const catalogue = `${platform.client.endpoint}/v2/sanders-customer-platform-dev/tags/list`;
      const ask = async (password: string) => {
        const authorization = `Basic ${Buffer.from(`AWS:${password}`).toString("base64")}`;
        return await fetch(catalogue, { headers: { authorization } });
      };
      assert.equal((await ask("wrong")).status, 401);
      const response = await ask(answer.trim());
      assert.equal(response.status, 200);
      const { name, tags } = (await response.json()) as { name: string; tags: string[] };
      assert.equal(name, "sanders-customer-platform-dev");
      assert.ok(tags.includes("latest"), tags.join());
    },
  },
  {
    what: "describes the image that `up` has pushed",
    line: "aws ecr describe-images --repository-name sanders-customer-platform-dev --region eu-central-1",
    check(answer) {
      const { imageDetails } = JSON.parse(answer);
      assert.equal(imageDetails.length, 1);
      assert.match(imageDetails[0].imageDigest, /^sha256:[0-9a-f]{64}$/);
      assert.ok(imageDetails[0].imageTags.includes("latest"), imageDetails[0].imageTags.join());
    },
  },
];

/** The clean-up by hand, which takes from under the stack what it knows. */
export const cleanUpLines: CommandLine[] = [
  {
    what: "empties the bucket",
    line: "aws s3 rm s3://sanders-customer-platform-dev --recursive",
    check: async (_answer, { platform }) => assert.deepEqual(await objectsBelow(platform, ""), {}),
  },
  {
    what: "does not delete a bucket that keeps old versions",
    line: "aws s3 rb s3://sanders-customer-platform-dev",
    fails: true,
    check: (answer) => assert.match(answer, /\(BucketNotEmpty\) when calling the DeleteBucket operation/),
  },
  {
    what: "deletes the image",
    line: `aws ecr batch-delete-image \\
  --repository-name sanders-customer-platform-dev \\
  --image-ids imageTag=latest \\
  --region eu-central-1`,
    check(answer) {
      const { imageIds, failures } = JSON.parse(answer);
      assert.deepEqual([imageIds.map(({ imageTag }: { imageTag: string }) => imageTag), failures], [["latest"], []]);
    },
  },
  {
    what: "deletes the table",
    line: `aws dynamodb delete-table \\
  --table-name sanders_daily_customer_features_dev \\
  --region eu-central-1`,
    check: (answer) =>
      assert.equal(JSON.parse(answer).TableDescription.TableName, "sanders_daily_customer_features_dev"),
  },
];
