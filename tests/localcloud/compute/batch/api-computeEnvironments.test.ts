import assert from "node:assert/strict";
import {
  FARGATE_RESOURCES,
  type FakeCloud,
  fakeCloud,
  type Json,
  jobOf,
  refused,
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

  describe("compute environments", () => {
    const create = (name: string, more: Record<string, unknown> = {}) =>
      cloud.call("createcomputeenvironment", {
        computeEnvironmentName: name,
        type: "MANAGED",
        computeResources: FARGATE_RESOURCES,
        ...more,
      });
    const described = async (name: string) =>
      (await cloud.call("describecomputeenvironments", { computeEnvironments: [name] })).computeEnvironments[0];

    it("is CREATING, then VALID; shows AWS's service-linked role where none was named", async () => {
      assert.deepEqual(await create("one", { tags: { Project: "sanders" } }), {
        computeEnvironmentName: "one",
        computeEnvironmentArn: `${ARN}:compute-environment/one`,
      });
      assert.equal((await described("one")).status, "CREATING");
      await cloud.settled();
      const environment = await described(`${ARN}:compute-environment/one`);
      assert.equal(environment.status, "VALID");
      assert.equal(environment.statusReason, "ComputeEnvironment Healthy");
      assert.equal(environment.state, "ENABLED");
      assert.equal(environment.containerOrchestrationType, "ECS");
      assert.equal(environment.computeResources.maxvCpus, 16);
      assert.match(environment.serviceRole, /aws-service-role\/batch\.amazonaws\.com\/AWSServiceRoleForBatch$/);
      assert.match(environment.ecsClusterArn, /^arn:aws:ecs:eu-central-1:111122223333:cluster\/AWSBatch-one-/);
      assert.deepEqual(environment.tags, { Project: "sanders" });
    });

    it("is INVALID with the reason when role or network are not there, and takes no queue", async () => {
      const reason = "CLIENT_ERROR - Not authorized to perform sts:AssumeRole (Service: AWSSecurityTokenService; …)";
      cloud = fakeCloud({ checkEnvironment: async ({ name }) => (name === "bad" ? reason : undefined) });
      await create("bad");
      await cloud.settled();
      const { status, statusReason } = await described("bad");
      assert.deepEqual([status, statusReason], ["INVALID", reason]);
      await refuses(
        "createjobqueue",
        { jobQueueName: "q", priority: 1, computeEnvironmentOrder: [{ order: 1, computeEnvironment: "bad" }] },
        /must be created and valid before attaching/,
      );
    });

    it("refuses what AWS refuses, in its words", async () => {
      await create("one");
      await refuses(
        "createcomputeenvironment",
        { computeEnvironmentName: "one", type: "MANAGED", computeResources: FARGATE_RESOURCES },
        "Object already exists",
      );
      await assert.rejects(create("x", { computeResources: { ...FARGATE_RESOURCES, desiredvCpus: 1 } }), {
        message: wrapped("desiredvCpus is not applicable for Fargate."),
      });
      await assert.rejects(create("x", { computeResources: { ...FARGATE_RESOURCES, tags: {} } }), {
        message: wrapped("tags is not applicable for Fargate."),
      });
      await assert.rejects(create("x", { computeResources: { type: "EC2", maxvCpus: 1, subnets: ["s"] } }), {
        message: wrapped("Instance role is required."),
      });
      await assert.rejects(create("x", { type: "UNMANAGED", computeResources: undefined }), {
        message: wrapped("ServiceRole is required."),
      });
      await assert.rejects(create("no spaces"), { code: "ClientException" });
      await refuses(
        "createcomputeenvironment",
        { type: "MANAGED" },
        wrapped("computeEnvironmentName must not be null."),
      );
      await refuses(
        "updatecomputeenvironment",
        { computeEnvironment: "nope" },
        `${ARN}:compute-environment/nope does not exist`,
      );
    });

    it("changes what its kind and its role let it change", async () => {
      const update = (computeEnvironment: string, computeResources: Record<string, unknown>) =>
        cloud.call("updatecomputeenvironment", { computeEnvironment, computeResources });
      const machines = {
        type: "SPOT",
        maxvCpus: 16,
        subnets: ["s-1"],
        securityGroupIds: ["g-1"],
        instanceRole: "ecs",
        allocationStrategy: "SPOT_CAPACITY_OPTIMIZED",
      };
      const serviceRole = "batch";
      await create("fargate", { serviceRole });
      await create("spot", { computeResources: machines });
      await create("own-role", { computeResources: machines, serviceRole });
      await create("best-fit", { computeResources: { ...machines, allocationStrategy: "BEST_FIT" } });
      await cloud.settled();
      const changed = async (name: string, resources: Record<string, unknown>) => {
        await update(name, resources);
        await cloud.settled();
        const { computeResources } = await described(name);
        for (const [member, value] of Object.entries(resources)) assert.deepEqual(computeResources[member], value);
      };
      await changed("fargate", { type: "FARGATE_SPOT", subnets: ["s-2"], securityGroupIds: ["g-2"], maxvCpus: 3 });
      await update("fargate", { subnets: [] });
      await cloud.settled();
      assert.deepEqual((await described("fargate")).computeResources.subnets, ["s-2"]);
      await changed("spot", { type: "EC2", allocationStrategy: "BEST_FIT_PROGRESSIVE", subnets: ["s-2", "s-3"] });
      await changed("own-role", { maxvCpus: 4, minvCpus: 1, desiredvCpus: 2 });
      await update("own-role", { subnets: ["s-1"] });
      await cloud.settled();
      const refusals: [name: string, resources: Record<string, unknown>, message: RegExp][] = [
        ["fargate", { type: "EC2", instanceRole: "ecs" }, /type cannot be changed from FARGATE_SPOT to EC2/],
        ["own-role", { subnets: ["s-2"] }, /changing subnets requires .*service-linked role AWSServiceRoleForBatch/],
        [
          "best-fit",
          { instanceTypes: ["m5"] },
          /changing instanceTypes requires .*allocationStrategy must be BEST_FIT_P/,
        ],
        ["best-fit", { allocationStrategy: "BEST_FIT_PROGRESSIVE" }, /changing allocationStrategy requires/],
        ["spot", { spotIamFleetRole: "fleet" }, /spotIamFleetRole cannot be changed/],
      ];
      for (const [computeEnvironment, computeResources, message] of refusals) {
        const before = await described(computeEnvironment);
        await refuses("updatecomputeenvironment", { computeEnvironment, computeResources }, message);
        assert.deepEqual(await described(computeEnvironment), before);
      }
      await refuses(
        "updatecomputeenvironment",
        { computeEnvironment: "spot", serviceRole },
        /cannot be changed between the service-linked role and another service role/,
      );
    });

    it("takes tags as AWS restricts them", async () => {
      const wrong: [Record<string, string>, RegExp][] = [
        [{ "aws:owner": "x" }, /tags\.aws:owner: .*must not begin with aws:/],
        [{ "AWS:owner": "x" }, /must not begin with aws:/],
        [{ ["k".repeat(129)]: "x" }, /1 to 128 characters/],
        [{ "": "x" }, /1 to 128 characters/],
        [{ key: "v".repeat(257) }, /at most 256 characters/],
        [Object.fromEntries(Array.from({ length: 51 }, (_, index) => [`k${index}`, "v"])), /at most 50 tags/],
      ];
      for (const [tags, message] of wrong) await assert.rejects(create("one", { tags }), message);
      await create("three", { tags: { ["k".repeat(128)]: "v".repeat(256), awsome: "x" } });
    });

    it("goes only when it is settled, unused and disabled", async () => {
      await withQueue(cloud);
      const disable = () => cloud.call("updatecomputeenvironment", { computeEnvironment: "ce", state: "DISABLED" });
      await refuses(
        "deletecomputeenvironment",
        { computeEnvironment: "ce" },
        "Cannot delete, found existing JobQueue relationship",
      );
      await disable();
      assert.equal((await described("ce")).status, "UPDATING");
      await refuses(
        "deletecomputeenvironment",
        { computeEnvironment: "ce" },
        "Cannot delete, resource is being modified",
      );
      await cloud.settled();
      await cloud.call("updatejobqueue", { jobQueue: "queue", state: "DISABLED" });
      await refuses("deletejobqueue", { jobQueue: "queue" }, "Cannot delete, resource is being modified");
      await cloud.settled();
      await cloud.call("deletejobqueue", { jobQueue: "queue" });
      await cloud.settled();
      await cloud.call("deletecomputeenvironment", { computeEnvironment: "ce" });
      assert.equal((await described("ce")).status, "DELETING");
      await cloud.settled();
      assert.equal(await described("ce"), undefined);
    });

    it("is not deleted while ENABLED", async () => {
      await create("one");
      await cloud.settled();
      await refuses(
        "deletecomputeenvironment",
        { computeEnvironment: "one" },
        "Cannot delete, compute environment must be disabled",
      );
    });

    it("keeps jobs RUNNABLE while DISABLED, and starts them once it is enabled or grown", async () => {
      await withQueue(cloud, {}, 0);
      const id = await submit(cloud);
      await cloud.settled();
      assert.match((await jobOf(cloud, id)).statusReason, /^MISCONFIGURATION:JOB_RESOURCE_REQUIREMENT/);
      await cloud.call("updatecomputeenvironment", {
        computeEnvironment: "ce",
        state: "DISABLED",
        computeResources: { maxvCpus: 4 },
      });
      await cloud.settled();
      assert.equal((await jobOf(cloud, id)).status, "RUNNABLE");
      const { computeResources } = await described("ce");
      assert.deepEqual(computeResources, { ...FARGATE_RESOURCES, maxvCpus: 4 });
      await cloud.call("updatecomputeenvironment", { computeEnvironment: "ce", state: "ENABLED" });
      (await cloud.executor.container(0)).exit(0);
      await cloud.settled();
      const job = await jobOf(cloud, id);
      assert.deepEqual([job.status, job.statusReason], ["SUCCEEDED", "Essential container in task exited"]);
    });

    it("pages through names", async () => {
      for (const name of ["c", "a", "b"]) await create(name);
      const first = await cloud.call("describecomputeenvironments", { maxResults: 2 });
      assert.deepEqual(
        first.computeEnvironments.map((each: Json) => each.computeEnvironmentName),
        ["a", "b"],
      );
      const second = await cloud.call("describecomputeenvironments", { maxResults: 2, nextToken: first.nextToken });
      assert.deepEqual(
        second.computeEnvironments.map((each: Json) => each.computeEnvironmentName),
        ["c"],
      );
      assert.equal(second.nextToken, undefined);
      await refuses("describecomputeenvironments", { nextToken: "forged" }, wrapped("Invalid nextToken."));
    });
  });
});
