import assert from "node:assert/strict";
import { fakeCloud, jobOf } from "./fakes.js";

describe("Batch on EC2", () => {
  const cloud = fakeCloud();
  after(() => cloud.batch.close());
  before(async () => {
    await cloud.call("createcomputeenvironment", {
      computeEnvironmentName: "spot",
      type: "MANAGED",
      computeResources: { type: "SPOT", maxvCpus: 64, subnets: ["subnet-1"], instanceRole: "instance", minvCpus: 2 },
    });
    await cloud.settled();
    await cloud.call("createjobqueue", {
      jobQueueName: "queue",
      priority: 1,
      computeEnvironmentOrder: [{ order: 1, computeEnvironment: "spot" }],
    });
    await cloud.settled();
  });

  it("fills in what AWS fills in", async () => {
    const { computeEnvironments } = await cloud.call("describecomputeenvironments", {});
    const { minvCpus, desiredvCpus, instanceTypes, allocationStrategy } = computeEnvironments[0].computeResources;
    assert.deepEqual([minvCpus, desiredvCpus, instanceTypes, allocationStrategy], [2, 2, ["optimal"], "BEST_FIT"]);
    const { jobQueues } = await cloud.call("describejobqueues", {});
    assert.equal(jobQueues[0].jobQueueType, "ECS");
  });

  it("runs a definition with the deprecated vcpus and memory, and without an execution role", async () => {
    await cloud.call("registerjobdefinition", {
      jobDefinitionName: "legacy",
      type: "container",
      containerProperties: { image: "image", vcpus: 2, memory: 3000, command: ["run"] },
    });
    const { jobId } = await cloud.call("submitjob", {
      jobName: "j",
      jobQueue: "queue",
      jobDefinition: "legacy",
      containerOverrides: { memory: 5000 },
    });
    const { spec } = await cloud.executor.container(0);
    assert.deepEqual([spec.vcpus, spec.memoryMiB, spec.command], [2, 5000, ["run"]]);
    assert.equal(spec.environment.AWS_EXECUTION_ENV, "AWS_ECS_EC2");
    const job = await jobOf(cloud, jobId);
    assert.match(
      job.container.containerInstanceArn,
      /^arn:aws:ecs:eu-central-1:111122223333:container-instance\/AWSBatch-spot-/,
    );
    assert.deepEqual([job.container.vcpus, job.container.memory], [2, 5000]);
    cloud.executor.containers[0]?.exit(0);
    await cloud.settled();
  });

  it("has whole vCPUs", async () => {
    const register = (value: string) =>
      cloud.call("registerjobdefinition", {
        jobDefinitionName: "parts",
        type: "container",
        containerProperties: {
          image: "image",
          resourceRequirements: [
            { type: "VCPU", value },
            { type: "MEMORY", value: "512" },
          ],
        },
      });
    for (const value of ["0.25", "1.5"])
      await assert.rejects(register(value), /VCPU must be a whole number of at least 1/);
    await assert.rejects(register("0"), /VCPU must be a positive number/);
    await register("1");
    const override = { resourceRequirements: [{ type: "VCPU", value: "0.5" }] };
    await assert.rejects(
      cloud.call("submitjob", {
        jobName: "j",
        jobQueue: "queue",
        jobDefinition: "parts",
        containerOverrides: override,
      }),
      /VCPU must be a whole number of at least 1/,
    );
  });
});
