import assert from "node:assert/strict";
import { lintPolicy } from "../../../components/iam/lint.js";
import type { PolicyDocument } from "../../../components/iam/policy.js";
import { program } from "../../../stacks/index.js";
import { ACCOUNT, only, REGION, run } from "../../components/mocks.js";

const SANDERS = { "aws:region": REGION, "crucible:image": "none", "crucible:units": '["sanders"]' };

/** Every policy of the platform, by the name of its resource. */
async function policies(config: Record<string, string>): Promise<Record<string, PolicyDocument>> {
  const { resources } = await run(program, { ...SANDERS, ...config });
  return Object.fromEntries(
    resources.flatMap(({ name, inputs }) =>
      [inputs.policy, inputs.assumeRolePolicy, inputs.policyDocument]
        .filter((text): text is string => typeof text === "string" && text.includes('"Statement"'))
        .map((text) => [name, JSON.parse(text)]),
    ),
  );
}

const statement = (document: PolicyDocument | undefined, sid: string) =>
  document?.Statement.find(({ Sid }) => Sid === sid);

describe("Policies of Sanders", function () {
  this.timeout(60_000);

  for (const environment of ["dev", "test", "prod"])
    it(`allow no more than they must in ${environment}`, async () => {
      const all = await policies({
        "crucible:environment": environment,
        "crucible:sanders": JSON.stringify({ cloudTrail: { enabled: true } }),
      });
      const names = Object.keys(all);
      // Roles (trust and permissions), bucket and topic policies, log access: a policy that is not looked at is none.
      for (const expected of [
        "sanders-batch-service-role",
        "sanders-ecs-execution-role-policy",
        "sanders-batch-job-role-policy",
        "sanders-orchestrator-role-policy",
        "sanders-scheduler-role-policy",
        "sanders-alerts-policy",
        "sanders-lake-policy",
        "sanders-trail-files-policy",
        "sanders-monitoring-job-events-access",
      ])
        assert.ok(names.includes(expected), `${expected} is not among ${names.join(", ")}`);
      const findings = Object.entries(all).flatMap(([name, document]) =>
        lintPolicy(document).map((finding) => `${name}: ${finding}`),
      );
      assert.deepEqual(findings, []);
    });

  it("let jobs at the platform's bucket and table, and nothing else", async () => {
    const document = (await policies({}))["sanders-batch-job-role-policy"];
    const resources = document?.Statement.flatMap(({ Resource }) => Resource ?? []);
    assert.deepEqual(resources, [
      "arn:aws:s3:::sanders-customer-platform-dev",
      "arn:aws:s3:::sanders-customer-platform-dev/*",
      `arn:aws:dynamodb:${REGION}:${ACCOUNT}:table/sanders_daily_customer_features_dev`,
    ]);
  });

  it("let executions submit these jobs to this queue, and follow them by the rule of Step Functions", async () => {
    const document = (await policies({}))["sanders-orchestrator-role-policy"];
    assert.deepEqual(statement(document, "SubmitJobs")?.Resource, [
      `arn:aws:batch:${REGION}:${ACCOUNT}:job-queue/sanders-batch-queue-dev`,
      `arn:aws:batch:${REGION}:${ACCOUNT}:job-definition/sanders-job-2g-dev:*`,
      `arn:aws:batch:${REGION}:${ACCOUNT}:job-definition/sanders-job-8g-dev:*`,
      `arn:aws:batch:${REGION}:${ACCOUNT}:job-definition/sanders-job-16g-dev:*`,
    ]);
    assert.deepEqual(statement(document, "HearOfJobs"), {
      Sid: "HearOfJobs",
      Effect: "Allow",
      Action: ["events:DescribeRule", "events:PutRule", "events:PutTargets"],
      Resource: `arn:aws:events:${REGION}:${ACCOUNT}:rule/StepFunctionsGetEventsForBatchJobsRule`,
    });
  });

  it("trust services on behalf of this account only", async () => {
    const all = await policies({});
    const trusts = Object.entries(all).filter(([, { Statement }]) => Statement[0]?.Action === "sts:AssumeRole");
    assert.equal(trusts.length, 5);
    for (const [name, { Statement }] of trusts)
      assert.deepEqual(Statement[0]?.Condition, { StringEquals: { "aws:SourceAccount": ACCOUNT } }, name);
  });

  it("let EventBridge publish without a condition, which it cannot meet, and alarms for this account only", async () => {
    const { resources } = await run(program, SANDERS);
    const document = JSON.parse(String(only(resources, "TopicPolicy").inputs.policy)) as PolicyDocument;
    assert.equal(statement(document, "Events")?.Condition, undefined);
    assert.deepEqual(statement(document, "AlarmsAndBudgets")?.Condition, {
      StringEquals: { "aws:SourceAccount": ACCOUNT },
    });
  });
});
