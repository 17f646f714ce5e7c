import assert from "node:assert/strict";
import { lintPolicy } from "../../../components/iam/lint.js";
import type { PolicyDocument } from "../../../components/iam/policy.js";
import { units } from "../../../stacks/units.js";
import { ACCOUNT } from "../../components/mocks.js";
import { backend, deploy } from "./deploy.js";

const ALL = units.filter(({ system }) => system === "backend").map(({ name }) => name);

/** Every policy, by the name of its resource. */
async function policies(config: Record<string, unknown> = {}): Promise<Record<string, PolicyDocument>> {
  const { resources } = await deploy(ALL, {
    ...backend({ storage: { databricksAccountId: "111122223333" } }),
    ...config,
  });
  return Object.fromEntries(
    resources.flatMap(({ name, inputs }) =>
      [inputs.policy, inputs.assumeRolePolicy]
        .filter((text): text is string => typeof text === "string" && text.includes('"Statement"'))
        .map((text) => [name, JSON.parse(text)]),
    ),
  );
}

const statement = (document: PolicyDocument | undefined, sid: string) =>
  document?.Statement.find(({ Sid }) => Sid === sid);

describe("Policies of the backend", function () {
  this.timeout(60_000);

  for (const environment of ["dev", "test", "prod"])
    it(`allow no more than they must in ${environment}`, async () => {
      const all = await policies({ environment });
      for (const expected of [
        "backend-batch-host-role",
        "backend-batch-job-role-policy",
        "backend-ecs-execution-role-policy",
        "backend-p2a3xgb-role-policy",
        "backend-template-role-policy",
        "backend-alerts-policy",
        "backend-source-policy",
        "backend-files-policy",
      ])
        assert.ok(expected in all, `${expected} is not among ${Object.keys(all).join(", ")}`);
      const findings = Object.entries(all).flatMap(([name, document]) =>
        lintPolicy(document).map((finding) => `${name}: ${finding}`),
      );
      assert.deepEqual(findings, []);
    });

  it("let jobs at the bucket's prefixes, the file system through the entrance, and the credentials", async () => {
    const document = (await policies())["backend-batch-job-role-policy"];
    const bucket = "arn:aws:s3:::backend-source-data-dev";
    assert.deepEqual(statement(document, "ReadSource")?.Resource, [
      `${bucket}/completejourney/*`,
      `${bucket}/imports/*`,
    ]);
    assert.deepEqual(statement(document, "PublishArtefacts")?.Resource, `${bucket}/coop/*`);
    assert.deepEqual(statement(document, "ListBucket")?.Condition, {
      StringLike: { "s3:prefix": ["completejourney/*", "coop/*", "exports/*", "imports/*"] },
    });
    assert.deepEqual(statement(document, "MountFileSystem"), {
      Sid: "MountFileSystem",
      Effect: "Allow",
      Action: ["elasticfilesystem:ClientMount", "elasticfilesystem:ClientWrite"],
      Resource: `arn:aws:elasticfilesystem:eu-central-1:${ACCOUNT}:file-system/backend-files`,
      Condition: {
        StringEquals: {
          "elasticfilesystem:AccessPointArn": `arn:aws:elasticfilesystem:eu-central-1:${ACCOUNT}:access-point/backend-files-data`,
        },
      },
    });
    assert.equal([statement(document, "ReadCredentials")?.Resource].flat().length, 3);
  });

  it("let executions submit to the queues of their own steps only", async () => {
    const all = await policies();
    const tiers = (workflow: string) =>
      [statement(all[`backend-${workflow}-role-policy`], "SubmitJobs")?.Resource]
        .flat()
        .map((arn) => /(job-queue|job-definition)\/(.*)$/.exec(arn ?? "")?.[2]);
    assert.deepEqual(tiers("template"), ["backend-batch-xs-dev", "backend-job-xs-dev:*"]);
    assert.deepEqual(tiers("p2a3xgb"), [
      ...["s", "l", "m", "xxl"].map((tier) => `backend-batch-${tier}-dev`),
      ...["s", "l", "m", "xxl"].map((tier) => `backend-job-${tier}-dev:*`),
    ]);
    // Only who has partitions looks for the one that failed.
    assert.deepEqual(statement(all["backend-prepare-role-policy"], "FollowJobs")?.Action, "batch:DescribeJobs");
    assert.deepEqual(statement(all["backend-p2a3xgb-role-policy"], "FollowJobs")?.Action, [
      "batch:DescribeJobs",
      "batch:ListJobs",
    ]);
  });

  it("refuse the file system to whoever comes in clear, or by another way than an entrance", async () => {
    const document = (await policies())["backend-files-policy"];
    assert.deepEqual(
      document?.Statement.map(({ Effect, Condition }) => [Effect, Condition]),
      [
        ["Deny", { Bool: { "aws:SecureTransport": "false" } }],
        ["Deny", { Null: { "elasticfilesystem:AccessPointArn": "true" } }],
      ],
    );
  });
});
