import assert from "node:assert/strict";
import { lintPolicy } from "../../../components/iam/lint.js";
import type { PolicyDocument } from "../../../components/iam/policy.js";
import { ACCOUNT, only, REGION } from "../../components/mocks.js";
import { deploy, ofType } from "../backend/deploy.js";

const UNIT = ["preprocessing"];

/** Every policy of the pipeline, by the name of its resource. */
async function policies(crucible: Record<string, unknown> = {}): Promise<Record<string, PolicyDocument>> {
  const { resources } = await deploy(UNIT, crucible);
  return Object.fromEntries(
    resources.flatMap(({ name, inputs }) =>
      [inputs.policy, inputs.assumeRolePolicy]
        .filter((text): text is string => typeof text === "string" && text.includes('"Statement"'))
        .map((text) => [name, JSON.parse(text) as PolicyDocument]),
    ),
  );
}

const container = (resources: Parameters<typeof only>[0]) =>
  JSON.parse(String(only(resources, "TaskDefinition").inputs.containerDefinitions))[0];

describe("Preprocessing", function () {
  this.timeout(60_000);

  it("bears its users' names in dev, and is in Singapore", async () => {
    const { resources, outputs } = await deploy(UNIT);
    assert.equal(outputs.PreprocessingBucketName, "test-container-development");
    assert.match(String(outputs.PreprocessingRepositoryURI), /\/test-preprocessing$/);
    assert.match(String(outputs.PreprocessingStateMachineARN), /:stateMachine:TestPreprocessingStateMachine$/);
    assert.equal(outputs.PreprocessingLogGroupName, "/aws/ecs/test-preprocessing");
    assert.equal(only(resources, "TaskDefinition").inputs.region, "ap-southeast-1");
    assert.equal(only(resources, "StateMachine").inputs.region, "ap-southeast-1");
  });

  it("has names of their own in other environments, and for a throwaway in a shared account", async () => {
    const prod = await deploy(UNIT, { environment: "prod" });
    assert.equal(prod.outputs.PreprocessingBucketName, "test-container-production");
    assert.match(String(prod.outputs.PreprocessingStateMachineARN), /:TestPreprocessingStateMachine-prod$/);
    const shared = await deploy(UNIT, { throwaway: true, suffix: "k3x9", suffixAll: true });
    const names = shared.resources.flatMap(({ inputs }) => [inputs.name, inputs.bucket, inputs.family]);
    const physical = names.filter((name): name is string => typeof name === "string" && /test-|Test/.test(name));
    assert.deepEqual(
      physical.filter((name) => !/k3x9(-endpoints)?$/.test(name)),
      [],
    );
  });

  it("runs the image that is tagged latest, in a task of Fargate that has all of its memory", async () => {
    const { resources } = await deploy(UNIT);
    const task = only(resources, "TaskDefinition").inputs;
    assert.deepEqual(
      [task.requiresCompatibilities, task.networkMode, task.cpu, task.memory],
      [["FARGATE"], "awsvpc", "512", "1024"],
    );
    const { image, memory, environment, logConfiguration } = container(resources);
    assert.match(image, /\/test-preprocessing:latest$/);
    assert.equal(memory, undefined);
    assert.deepEqual(environment, [
      { name: "AWS_REGION", value: "ap-southeast-1" },
      { name: "DATA_URL", value: "s3://test-container-development" },
      { name: "SCRIPT_TIMEOUT_SECONDS", value: "3600" },
    ]);
    assert.deepEqual(logConfiguration, {
      logDriver: "awslogs",
      options: {
        "awslogs-group": "/aws/ecs/test-preprocessing",
        "awslogs-region": "ap-southeast-1",
        "awslogs-stream-prefix": "preprocessing",
      },
    });
  });

  it("runs the same tag where the image is pushed by hand", async () => {
    const { resources } = await deploy(UNIT, { image: "none" });
    assert.match(container(resources).image, /\/test-preprocessing:latest$/);
  });

  it("takes another tag, and a limit to the container's memory that the task's size does not have", async () => {
    const changed = { container: { imageTag: "invalid-tag", memoryLimitMiB: 128 } };
    const { resources } = await deploy(UNIT, { preprocessing: changed });
    const { image, memory } = container(resources);
    assert.match(image, /\/test-preprocessing:invalid-tag$/);
    assert.equal(memory, 128);
    await assert.rejects(
      deploy(UNIT, { preprocessing: { task: { vcpus: 0.25, memoryMiB: 128 } } }),
      /test-preprocessing: Fargate has no 128 MiB for 0.25 vCPU; it has 512, 1024, 2048/,
    );
    await assert.rejects(
      deploy(UNIT, { preprocessing: { container: { memoryLimitMiB: 4096 } } }),
      /the container cannot have 4096 MiB; it takes 6 to 1024, the task's memory/,
    );
  });

  it("names a setting that there is not", async () => {
    await assert.rejects(
      deploy(UNIT, { preprocessing: { memoryLimitMiB: 128 } }),
      /crucible:preprocessing.memoryLimitMiB is not a setting/,
    );
  });

  it("keeps and protects bucket and repository in prod, and lets a throwaway of prod go", async () => {
    const kept = async (crucible: Record<string, unknown>) =>
      (await deploy(UNIT, crucible)).resources
        .filter(({ protect, retainOnDelete, type }) => protect && retainOnDelete && /:(Bucket|Repository)$/.test(type))
        .map(({ name }) => name)
        .sort();
    assert.deepEqual(await kept({ environment: "prod" }), ["preprocessing-data", "preprocessing-images"]);
    assert.deepEqual(await kept({ environment: "prod", throwaway: true, suffix: "k3x9" }), []);
  });

  it("has functions on Node 20 whose code holds their libraries, but not the SDK", async () => {
    const { resources } = await deploy(UNIT);
    const functions = ofType(resources, "Function");
    assert.deepEqual(functions.map(({ inputs }) => inputs.name).sort(), [
      "test-preprocessing-check-input",
      "test-preprocessing-summarize-result",
    ]);
    for (const { inputs } of functions) {
      assert.deepEqual([inputs.runtime, inputs.handler], ["nodejs22.x", "index.handler"]);
      assert.deepEqual(inputs.environment, { variables: { BUCKET: "test-container-development" } });
    }
  });

  for (const environment of ["dev", "prod"])
    it(`allows no more than it must in ${environment}`, async () => {
      const all = await policies({ environment });
      for (const expected of [
        "preprocessing-task-role-policy",
        "preprocessing-execution-role-policy",
        "preprocessing-check-input-role-policy",
        "preprocessing-summarize-result-role-policy",
        "preprocessing-workflow-role-policy",
        "preprocessing-data-policy",
      ])
        assert.ok(expected in all, `${expected} is not among ${Object.keys(all).join(", ")}`);
      const findings = Object.entries(all).flatMap(([name, document]) =>
        lintPolicy(document).map((finding) => `${name}: ${finding}`),
      );
      assert.deepEqual(findings, []);
    });

  it("lets the container read artifacts and input, and write output, and nothing else", async () => {
    const { Statement } = (await policies())["preprocessing-task-role-policy"] as PolicyDocument;
    const bucket = "arn:aws:s3:::test-container-development";
    assert.deepEqual(
      Statement.map(({ Action, Resource }) => [Action, Resource]),
      [
        ["s3:ListBucket", bucket],
        ["s3:GetObject", [`${bucket}/artifacts/*`, `${bucket}/input/*`]],
        [["s3:AbortMultipartUpload", "s3:PutObject"], `${bucket}/output/*`],
      ],
    );
  });

  it("lets executions run this task in this cluster only, with its two roles", async () => {
    const { Statement } = (await policies())["preprocessing-workflow-role-policy"] as PolicyDocument;
    const of = (sid: string) => Statement.find(({ Sid }) => Sid === sid);
    assert.deepEqual(of("RunTask")?.Condition, {
      ArnEquals: { "ecs:cluster": `arn:aws:ecs:${REGION}:${ACCOUNT}:cluster/test-preprocessing` },
    });
    assert.deepEqual(of("GiveRolesToTasks")?.Resource, [
      `arn:aws:iam::${ACCOUNT}:role/test-preprocessing-task-role`,
      `arn:aws:iam::${ACCOUNT}:role/test-preprocessing-execution-role`,
    ]);
  });
});
