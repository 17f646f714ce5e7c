import assert from "node:assert/strict";
import { program } from "../../../stacks/index.js";
import { ACCOUNT, only, REGION, type Registered, run, settled } from "../../components/mocks.js";

/** Deploys Sanders onto mocks. */
async function deploy(crucible: Record<string, unknown> = {}, aws: Record<string, string> = { "aws:region": REGION }) {
  const config = Object.fromEntries(
    Object.entries({ image: "none", units: ["sanders"], ...crucible }).map(([key, value]) => [
      `crucible:${key}`,
      typeof value === "string" ? value : JSON.stringify(value),
    ]),
  );
  const { resources, result } = await run(program, { ...aws, ...config });
  const outputs: Record<string, unknown> = {};
  for (const [key, output] of Object.entries(result)) outputs[key] = await settled(output);
  return { resources, outputs };
}

const ofType = (resources: Registered[], type: string) => resources.filter((each) => each.type.endsWith(`:${type}`));

describe("Sanders", function () {
  this.timeout(60_000);

  it("bears the exact names and gives the six outputs", async () => {
    const { resources, outputs } = await deploy({ environment: "prod" });
    assert.deepEqual(outputs, {
      S3BucketName: "sanders-customer-platform-prod",
      DynamoDBTableName: "sanders_daily_customer_features_prod",
      ECRRepositoryURI: `${ACCOUNT}.dkr.ecr.${REGION}.amazonaws.com/sanders-customer-platform-prod`,
      BatchJobQueueName: "sanders-batch-queue-prod",
      StepFunctionsStateMachineARN: `arn:aws:states:${REGION}:${ACCOUNT}:stateMachine:sanders-orchestrator-prod`,
      VPCId: "vpc-sanders-customer-platform-vpc-prod",
    });
    assert.deepEqual(
      ofType(resources, "JobDefinition")
        .map(({ inputs }) => inputs.name)
        .sort(),
      ["sanders-job-16g-prod", "sanders-job-2g-prod", "sanders-job-8g-prod"],
    );
    assert.equal(only(resources, "Dashboard").inputs.dashboardName, "sanders-platform-prod");
  });

  it("has the table's keys, on demand, and the bucket encrypted, versioned, private and over TLS only", async () => {
    const { resources } = await deploy();
    const table = only(resources, "Table").inputs;
    assert.equal(table.billingMode, "PAY_PER_REQUEST");
    assert.equal(table.hashKey, "customer_id");
    assert.equal(table.rangeKey, "date");
    const versioning = only(resources, "BucketVersioning").inputs;
    assert.deepEqual(versioning.versioningConfiguration, { status: "Enabled" });
    const encryption = only(resources, "BucketServerSideEncryptionConfiguration").inputs;
    assert.deepEqual(encryption.rules, [{ applyServerSideEncryptionByDefault: { sseAlgorithm: "AES256" } }]);
    const block = only(resources, "BucketPublicAccessBlock").inputs;
    for (const key of ["blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets"])
      assert.equal(block[key], true, key);
    const [statement] = JSON.parse(String(only(resources, "BucketPolicy").inputs.policy)).Statement;
    assert.equal(statement.Effect, "Deny");
    assert.deepEqual(statement.Condition, { Bool: { "aws:SecureTransport": "false" } });
    assert.deepEqual(statement.Resource, [
      "arn:aws:s3:::sanders-customer-platform-dev",
      "arn:aws:s3:::sanders-customer-platform-dev/*",
    ]);
  });

  it("runs jobs of 2, 8 and 16 GB on Fargate in private subnets, with the names of bucket and table", async () => {
    const { resources } = await deploy();
    const container = (name: string) =>
      JSON.parse(String(only(resources, "JobDefinition", name).inputs.containerProperties));
    const sizes = ["2g", "8g", "16g"].map((kind) =>
      container(`sanders-job-${kind}`).resourceRequirements.map(({ value }: { value: string }) => value),
    );
    assert.deepEqual(sizes, [
      ["0.5", "2048"],
      ["2", "8192"],
      ["4", "16384"],
    ]);
    const job = container("sanders-job-8g");
    assert.match(job.image, /\/sanders-customer-platform-dev:sha-[0-9a-f]{12}$/);
    assert.deepEqual(job.networkConfiguration, { assignPublicIp: "DISABLED" });
    const environment = Object.fromEntries(
      job.environment.map((each: Record<string, string>) => [each.name, each.value]),
    );
    assert.equal(environment.SCP_ENV, "dev");
    assert.equal(environment.S3_BUCKET, "sanders-customer-platform-dev");
    assert.equal(environment.DYNAMODB_TABLE, "sanders_daily_customer_features_dev");
    const compute = only(resources, "ComputeEnvironment").inputs.computeResources as Record<string, unknown>;
    assert.equal(compute.type, "FARGATE");
    assert.deepEqual(compute.subnets, ["subnet-a", "subnet-b"]);
  });

  it("tags everything that can be tagged", async () => {
    const { resources } = await deploy({ environment: "prod", sanders: { monitoring: { emails: ["a@example.com"] } } });
    const untagged = resources
      .filter(({ inputs }) => inputs.tags === undefined)
      .map(({ type }) => type.split(":").at(-1));
    assert.deepEqual([...new Set(untagged)].sort(), [
      "BucketLifecycleConfiguration",
      "BucketPolicy",
      "BucketPublicAccessBlock",
      "BucketServerSideEncryptionConfiguration",
      "BucketVersioning",
      "Dashboard",
      "EventTarget",
      "LifecyclePolicy",
      "LogResourcePolicy",
      "RolePolicy",
      "RolePolicyAttachment",
      "Schedule",
      "TopicPolicy",
      "TopicSubscription",
    ]);
    const group = only(resources, "SecurityGroup").inputs;
    assert.deepEqual(group.tags, {
      Project: "sanders-customer-platform",
      Environment: "prod",
      ManagedBy: "Pulumi",
      Name: "sanders-batch-prod",
    });
  });

  it("puts a way out by NAT into dev, and endpoints in its place when there is none", async () => {
    const withNat = await deploy();
    assert.deepEqual(only(withNat.resources, "Vpc").inputs.natGateways, { strategy: "Single" });
    const kinds = (resources: Registered[], kind: string) =>
      ofType(resources, "VpcEndpoint")
        .map(({ inputs }) => inputs)
        .filter(({ vpcEndpointType }) => vpcEndpointType === kind);
    assert.deepEqual(kinds(withNat.resources, "Interface"), []);
    for (const { resources } of [withNat, await deploy({ sanders: { network: { natGateways: 0 } } })])
      assert.deepEqual(
        kinds(resources, "Gateway").map(({ serviceName, routeTableIds }) => [serviceName, routeTableIds]),
        ["dynamodb", "s3"].map((service) => [
          `com.amazonaws.${REGION}.${service}`,
          ["rtb-a", "rtb-b", "rtb-c", "rtb-d"],
        ]),
      );
    const without = await deploy({ sanders: { network: { natGateways: 0 } } });
    const vpc = only(without.resources, "Vpc").inputs;
    assert.deepEqual(vpc.natGateways, { strategy: "None" });
    const endpoints = kinds(without.resources, "Interface");
    assert.deepEqual(
      endpoints.map(({ serviceName }) => String(serviceName).split(`${REGION}.`)[1]),
      ["batch", "ecr.api", "ecr.dkr", "logs", "secretsmanager"],
    );
    for (const endpoint of endpoints) {
      assert.equal(endpoint.privateDnsEnabled, true);
      assert.deepEqual(endpoint.subnetIds, ["subnet-a", "subnet-b"]);
    }
    const ingress = only(without.resources, "SecurityGroupIngressRule").inputs;
    assert.deepEqual(
      [ingress.fromPort, ingress.toPort, ingress.referencedSecurityGroupId],
      [443, 443, "sanders-network-id"],
    );
  });

  it("destroys dev, and retains and protects what holds data in prod", async () => {
    const kept = (resources: Registered[]) =>
      resources.filter(({ protect, retainOnDelete }) => protect && retainOnDelete).map(({ name }) => name);
    const dev = await deploy();
    assert.deepEqual(kept(dev.resources), []);
    assert.equal(only(dev.resources, "Bucket").inputs.forceDestroy, true);
    assert.equal(only(dev.resources, "Repository").inputs.forceDelete, true);
    assert.equal(only(dev.resources, "Table").inputs.deletionProtectionEnabled, false);
    const prod = await deploy({ environment: "prod" });
    for (const name of ["sanders-lake", "sanders-features", "sanders-images", "sanders-trail-files"])
      assert.ok(kept(prod.resources).includes(name), name);
    assert.equal(only(prod.resources, "Bucket", "sanders-lake").inputs.forceDestroy, false);
    assert.equal(only(prod.resources, "Repository").inputs.forceDelete, false);
    assert.equal(only(prod.resources, "Table").inputs.deletionProtectionEnabled, true);
    assert.deepEqual(only(prod.resources, "Table").inputs.pointInTimeRecovery, { enabled: true });
    assert.deepEqual(only(dev.resources, "Table").inputs.pointInTimeRecovery, { enabled: false });
  });

  it("lets a throwaway of prod go, with a suffix on bucket names only", async () => {
    const { resources, outputs } = await deploy({ environment: "prod", throwaway: true, suffix: "k3x9" });
    assert.ok(resources.every(({ protect, retainOnDelete }) => !protect && !retainOnDelete));
    assert.deepEqual(
      ofType(resources, "Bucket").map(({ inputs }) => [inputs.bucket, inputs.forceDestroy]),
      [
        ["sanders-customer-platform-prod-k3x9", true],
        ["sanders-customer-platform-trail-prod-k3x9", true],
      ],
    );
    assert.equal(outputs.DynamoDBTableName, "sanders_daily_customer_features_prod");
    assert.equal(only(resources, "LogGroup", `batch-log-${REGION}`).inputs.name, "/aws/batch/job");
  });

  it("puts the suffix on every name, and leaves Batch's log group alone, in a shared account", async () => {
    const { resources, outputs } = await deploy({ throwaway: true, suffix: "k3x9", suffixAll: true });
    assert.equal(outputs.DynamoDBTableName, "sanders_daily_customer_features_dev_k3x9");
    assert.equal(outputs.BatchJobQueueName, "sanders-batch-queue-dev-k3x9");
    const names = resources.flatMap(({ inputs }) => [inputs.name, inputs.bucket, inputs.dashboardName]);
    const physical = names.filter((name): name is string => typeof name === "string" && name.includes("sanders"));
    const bare = physical.filter((name) => !/[-_]k3x9(-endpoints)?$/.test(name) && !name.endsWith("-id"));
    assert.deepEqual(bare, []);
    assert.equal(
      resources.some(({ inputs }) => inputs.name === "/aws/batch/job"),
      false,
    );
  });

  it("schedules daily features in prod only, and training nowhere by default", async () => {
    const states = async (environment: string) =>
      Object.fromEntries(
        ofType((await deploy({ environment })).resources, "Schedule").map(({ inputs }) => [
          inputs.name,
          [inputs.scheduleExpression, inputs.state],
        ]),
      );
    assert.deepEqual(await states("dev"), {
      "sanders-daily-features-dev": ["cron(0 2 * * ? *)", "DISABLED"],
      "sanders-weekly-training-dev": ["cron(0 3 ? * SUN *)", "DISABLED"],
    });
    assert.deepEqual(await states("prod"), {
      "sanders-daily-features-prod": ["cron(0 2 * * ? *)", "ENABLED"],
      "sanders-weekly-training-prod": ["cron(0 3 ? * SUN *)", "DISABLED"],
    });
  });

  it("submits to Batch by the schedule", async () => {
    const { resources } = await deploy();
    const target = only(resources, "Schedule", "sanders-daily-features").inputs.target as Record<string, unknown>;
    assert.equal(target.arn, "arn:aws:scheduler:::aws-sdk:batch:submitJob");
    assert.deepEqual(JSON.parse(String(target.input)), {
      JobName: "daily-features",
      JobQueue: `arn:aws:batch:${REGION}:${ACCOUNT}:job-queue/sanders-batch-queue-dev`,
      JobDefinition: `arn:aws:batch:${REGION}:${ACCOUNT}:job-definition/sanders-job-8g-dev:1`,
      ContainerOverrides: { Command: ["jobs/daily_features_tlc"] },
    });
  });

  it("tells the topic of failed jobs, stopped executions, alarms and the budget, and people by mail", async () => {
    const { resources } = await deploy({ sanders: { monitoring: { emails: ["a@example.com", "b@example.com"] } } });
    const topic = `arn:aws:sns:${REGION}:${ACCOUNT}:sanders-alerts-dev`;
    const queue = `arn:aws:batch:${REGION}:${ACCOUNT}:job-queue/sanders-batch-queue-dev`;
    const rule = only(resources, "EventRule", "sanders-monitoring-job-failures").inputs;
    assert.deepEqual(JSON.parse(String(rule.eventPattern)), {
      source: ["aws.batch"],
      "detail-type": ["Batch Job State Change"],
      detail: { jobQueue: [queue], status: ["FAILED"] },
    });
    assert.equal(only(resources, "EventTarget", "sanders-monitoring-job-failures-topic").inputs.arn, topic);
    const alarms = ofType(resources, "MetricAlarm").map(({ inputs }) => inputs);
    assert.deepEqual(
      alarms.map(({ name, namespace, metricName }) => [name, namespace, metricName]),
      [
        ["sanders-batch-failures-dev", "AWS/Events", "TriggeredRules"],
        ["sanders-dynamodb-writes-dev", "AWS/DynamoDB", "ConsumedWriteCapacityUnits"],
        ["sanders-execution-failures-dev", "AWS/States", "ExecutionsFailed"],
      ],
    );
    for (const alarm of alarms) assert.deepEqual(alarm.alarmActions, [topic]);
    assert.deepEqual(
      ofType(resources, "TopicSubscription").map(({ inputs }) => [inputs.protocol, inputs.endpoint]),
      [
        ["email", "a@example.com"],
        ["email", "b@example.com"],
      ],
    );
    const budget = only(resources, "Budget").inputs;
    assert.equal(budget.limitAmount, "10");
    assert.deepEqual(budget.costFilters, [{ name: "TagKeyValue", values: ["user:Project$sanders-customer-platform"] }]);
    const alerts = budget.notifications as Record<string, unknown>[];
    assert.deepEqual(
      alerts.map(({ notificationType, threshold }) => [notificationType, threshold]),
      [
        ["ACTUAL", 80],
        ["ACTUAL", 100],
        ["FORECASTED", 100],
      ],
    );
    for (const alert of alerts) assert.deepEqual(alert.subscriberSnsTopicArns, [topic]);
  });

  it("shows more on prod's dashboard than on dev's", async () => {
    const titles = async (environment: string) =>
      JSON.parse(String(only((await deploy({ environment })).resources, "Dashboard").inputs.dashboardBody)).widgets.map(
        ({ properties }: { properties: { title: string } }) => properties.title,
      );
    const basic = await titles("dev");
    const full = await titles("prod");
    assert.deepEqual(basic, ["Jobs by outcome", "Job failures", "Executions"]);
    for (const title of [
      ...basic,
      "Success rate of jobs, %",
      "Duration of jobs, seconds",
      "Capacity of the feature table",
    ])
      assert.ok(full.includes(title), title);
  });

  it("keeps an audit trail where it is asked for", async () => {
    assert.deepEqual(ofType((await deploy()).resources, "Trail"), []);
    const { resources } = await deploy({ sanders: { cloudTrail: { enabled: true } } });
    const trail = only(resources, "Trail").inputs;
    assert.deepEqual(
      [trail.name, trail.s3BucketName, trail.isMultiRegionTrail, trail.enableLogFileValidation],
      ["sanders-trail-dev", "sanders-customer-platform-trail-dev", true, true],
    );
  });

  it("gives jobs their secrets, and the role that starts them those secrets alone", async () => {
    const secret = `arn:aws:secretsmanager:${REGION}:${ACCOUNT}:secret:api-a1b2c3`;
    const { resources } = await deploy({ sanders: { secrets: { API_KEY: secret } } });
    const container = JSON.parse(String(only(resources, "JobDefinition", "sanders-job-2g").inputs.containerProperties));
    assert.deepEqual(container.secrets, [{ name: "API_KEY", valueFrom: secret }]);
    const policy = only(resources, "RolePolicy", "sanders-ecs-execution-role-policy").inputs.policy;
    const statement = JSON.parse(String(policy)).Statement.find(({ Sid }: { Sid: string }) => Sid === "ReadSecrets");
    assert.deepEqual([statement.Action, statement.Resource], ["secretsmanager:GetSecretValue", secret]);
  });

  it("puts everything that has a region into the system's when the stack's is another", async () => {
    const { resources, outputs } = await deploy({ sanders: { region: "eu-west-1" } });
    const regional = resources.filter(({ type }) => !/^aws:(iam|budgets)\//.test(type));
    assert.deepEqual(
      regional.filter(({ inputs }) => inputs.region !== "eu-west-1"),
      [],
    );
    const global = resources.filter(({ type }) => /^aws:(iam|budgets)\//.test(type));
    assert.ok(global.length > 5 && global.every(({ inputs }) => inputs.region === undefined));
    assert.equal(outputs.S3BucketName, "sanders-customer-platform-dev");
    const same = await deploy();
    assert.ok(same.resources.every(({ inputs }) => inputs.region === undefined));
  });

  it("refuses an account that is not the environment's before anything is made", async () => {
    let made: Registered[] = [];
    await assert.rejects(async () => {
      made = (await deploy({ environment: "prod", sanders: { allowedAccountIds: ["111122223333"] } })).resources;
    }, /Pulumi\.test\.yaml.*environment prod belongs into account 111122223333 \(crucible:sanders\.allowedAccountIds\).*account 123456789012/s);
    assert.deepEqual(made, []);
  });
});
