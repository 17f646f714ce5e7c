import assert from "node:assert/strict";
import {
  type FakeCloud,
  fakeCloud,
  type Json,
  jobOf,
  refused,
  SMALL_CONTAINER,
  submit,
  withQueue,
  wrapped,
} from "./fakes.js";

const ARN = "arn:aws:batch:eu-central-1:111122223333";

describe("the AWS Batch API", () => {
  let cloud: FakeCloud;
  beforeEach(() => {
    cloud = fakeCloud();
  });
  afterEach(() => cloud.batch.close());

  const refuses = (operation: string, body: Record<string, unknown>, message: string | RegExp) =>
    refused(cloud, operation, body, message);

  describe("job definitions", () => {
    const register = (containerProperties: object, more: object = {}) =>
      cloud.call("registerjobdefinition", {
        jobDefinitionName: "d",
        type: "container",
        platformCapabilities: ["FARGATE"],
        containerProperties,
        ...more,
      });

    it("numbers revisions, and goes on counting after one was deregistered", async () => {
      assert.equal((await register(SMALL_CONTAINER)).revision, 1);
      assert.equal((await register(SMALL_CONTAINER)).jobDefinitionArn, `${ARN}:job-definition/d:2`);
      await cloud.call("deregisterjobdefinition", { jobDefinition: `${ARN}:job-definition/d:2` });
      const active = await cloud.call("describejobdefinitions", { jobDefinitionName: "d", status: "ACTIVE" });
      assert.deepEqual(
        active.jobDefinitions.map(({ revision }: Json) => revision),
        [1],
      );
      const all = await cloud.call("describejobdefinitions", { jobDefinitionName: "d" });
      assert.deepEqual(
        all.jobDefinitions.map(({ revision, status }: Json) => [revision, status]),
        [
          [2, "INACTIVE"],
          [1, "ACTIVE"],
        ],
      );
      assert.equal((await register(SMALL_CONTAINER)).revision, 3);
    });

    it("is found by name, name:revision and ARN, with the latest ACTIVE one where none is named", async () => {
      await withQueue(cloud);
      for (let revision = 2; revision <= 3; revision += 1)
        await cloud.call("registerjobdefinition", {
          jobDefinitionName: "definition",
          type: "container",
          platformCapabilities: ["FARGATE"],
          containerProperties: { ...SMALL_CONTAINER, command: [`revision-${revision}`] },
        });
      await cloud.call("deregisterjobdefinition", { jobDefinition: "definition:3" });
      const used = async (jobDefinition: string) =>
        (await jobOf(cloud, await submit(cloud, { jobDefinition }))).jobDefinition;
      for (const name of [
        "definition",
        "definition:2",
        `${ARN}:job-definition/definition`,
        `${ARN}:job-definition/definition:2`,
      ])
        assert.equal(await used(name), `${ARN}:job-definition/definition:2`);
      assert.equal(await used("definition:1"), `${ARN}:job-definition/definition:1`);
      await refuses(
        "submitjob",
        { jobName: "j", jobQueue: "queue", jobDefinition: "definition:3" },
        "JobDefinition definition:3 is not ACTIVE.",
      );
      await refuses(
        "submitjob",
        { jobName: "j", jobQueue: "queue", jobDefinition: "none" },
        "JobDefinition none not found.",
      );
    });

    it("refuses Fargate sizes that do not exist, here and at submission", async () => {
      const sized = (VCPU: string, MEMORY: string) => ({
        ...SMALL_CONTAINER,
        resourceRequirements: [
          { type: "VCPU", value: VCPU },
          { type: "MEMORY", value: MEMORY },
        ],
      });
      for (const [vcpu, memory] of [
        ["0.5", "2048"],
        ["2", "8192"],
        ["4", "16384"],
        ["8", "20480"],
        ["16", "122880"],
        [".25", "512"],
      ])
        await register(sized(vcpu ?? "", memory ?? ""));
      await assert.rejects(register(sized("1", "4000")), {
        message: "Fargate resource requirements (1.00 vCPU, 4000 MiB) not valid.",
      });
      await assert.rejects(register(sized("3", "8192")), {
        message: "Fargate resource requirements (3.00 vCPU, 8192 MiB) not valid.",
      });
      await withQueue(cloud);
      await refuses(
        "submitjob",
        {
          jobName: "j",
          jobQueue: "queue",
          jobDefinition: "definition",
          containerOverrides: { resourceRequirements: [{ type: "MEMORY", value: "4096" }] },
        },
        "Fargate resource requirements (0.25 vCPU, 4096 MiB) not valid.",
      );
      await refuses(
        "submitjob",
        { jobName: "j", jobQueue: "queue", jobDefinition: "definition", containerOverrides: { vcpus: 1 } },
        "vcpus is not applicable for Fargate. Use resource requirements instead.",
      );
    });

    it("refuses what AWS refuses, in its words", async () => {
      const { image: _image, ...imageless } = SMALL_CONTAINER;
      const refusals: [object, object, string][] = [
        [{ ...SMALL_CONTAINER, resourceRequirements: [] }, {}, wrapped("vCPU is not provided.")],
        [
          SMALL_CONTAINER,
          { platformCapabilities: ["EC2"], containerProperties: { ...SMALL_CONTAINER, networkConfiguration: {} } },
          wrapped("networkConfiguration not applicable for EC2."),
        ],
        [SMALL_CONTAINER, { retryStrategy: {} }, wrapped("RetryAttempts must be provided with retry strategy")],
        [SMALL_CONTAINER, { retryStrategy: { attempts: 11 } }, wrapped("RetryAttempts must be between 1 and 10")],
        [
          SMALL_CONTAINER,
          { timeout: { attemptDurationSeconds: 59 } },
          wrapped("attemptDurationSeconds must be at least 60 seconds."),
        ],
        [imageless, {}, wrapped("Container image is not provided.")],
        [
          { ...SMALL_CONTAINER, environment: [{ name: "AWS_BATCH_X", value: "" }] },
          {},
          wrapped("Environment variable AWS_BATCH_X is reserved: names must not start with AWS_BATCH."),
        ],
      ];
      for (const [container, more, message] of refusals)
        await assert.rejects(register(container, more), { code: "ClientException", message });
      await assert.rejects(register(SMALL_CONTAINER, { nodeProperties: {} }), {
        message: /multi-node parallel job definition is not supported by the local cloud/,
      });
    });

    it("names the parameter that a placeholder lacks", async () => {
      await withQueue(cloud);
      await refuses(
        "submitjob",
        {
          jobName: "j",
          jobQueue: "queue",
          jobDefinition: "definition",
          containerOverrides: { command: ["Ref::job_id"] },
        },
        "Unable to substitute value. No parameter found for reference job_id",
      );
    });
  });
});
