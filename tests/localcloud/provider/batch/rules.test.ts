import assert from "node:assert/strict";
import { isUpdatable } from "../../../../localcloud/provider/resources/batch/computeResources.js";
import { isSameProperties } from "../../../../localcloud/provider/resources/batch/properties.js";

describe("Batch job properties", () => {
  const same = (left: unknown, right: unknown) => isSameProperties(JSON.stringify(left), JSON.stringify(right));

  it("mean the same with AWS's defaults and empty lists filled in, and in any order", () => {
    const given = {
      image: "jobs",
      Command: ["a", "b"],
      environment: [
        { name: "B", value: "2" },
        { name: "A", value: "1" },
      ],
      resourceRequirements: [
        { type: "VCPU", value: "1" },
        { type: "MEMORY", value: "2048" },
      ],
    };
    const told = {
      resourceRequirements: [
        { value: "2048", type: "MEMORY" },
        { value: "1", type: "VCPU" },
      ],
      environment: [
        { name: "A", value: "1" },
        { name: "B", value: "2" },
      ],
      command: ["a", "b"],
      image: "jobs",
      volumes: [],
      mountPoints: [],
      ulimits: [],
      secrets: [],
      networkConfiguration: { assignPublicIp: "DISABLED" },
      fargatePlatformConfiguration: { platformVersion: "LATEST" },
      readonlyRootFilesystem: false,
    };
    assert.ok(same(given, told));
    assert.ok(
      same(
        { taskProperties: [{ containers: [{ image: "jobs" }] }] },
        { taskProperties: [{ containers: [{ image: "jobs", privileged: false, environment: [] }] }] },
      ),
    );
  });

  it("differ by command, order of the command, image, value or a setting that is not the default", () => {
    const base = { image: "jobs", command: ["a", "b"], environment: [{ name: "A", value: "1" }] };
    for (const other of [
      { ...base, command: ["b", "a"] },
      { ...base, image: "other" },
      { ...base, environment: [{ name: "A", value: "2" }] },
      { ...base, networkConfiguration: { assignPublicIp: "ENABLED" } },
      { ...base, readonlyRootFilesystem: true },
    ])
      assert.ok(!same(base, other), JSON.stringify(other));
  });
});

describe("Batch compute resources", () => {
  const fargate = { type: "FARGATE", maxVcpus: 4, subnets: ["a"], securityGroupIds: ["g"] };
  const ec2 = { type: "EC2", maxVcpus: 4, subnets: ["a"], instanceTypes: ["m5"], allocationStrategy: "BEST_FIT" };
  const progressive = { ...ec2, allocationStrategy: "BEST_FIT_PROGRESSIVE" };
  const linked = "arn:aws:iam::1:role/aws-service-role/batch.amazonaws.com/AWSServiceRoleForBatch";

  it("are changed in place as AWS allows", () => {
    assert.ok(isUpdatable(fargate, { ...fargate, maxVcpus: 8, subnets: ["b"], type: "FARGATE_SPOT" }, "role"));
    assert.ok(isUpdatable(ec2, { ...ec2, maxVcpus: 8 }, "role"));
    assert.ok(isUpdatable(progressive, { ...progressive, instanceTypes: ["c5"] }, linked));
  });

  it("are replaced otherwise", () => {
    assert.ok(!isUpdatable(fargate, ec2, linked), "from Fargate to EC2");
    assert.ok(!isUpdatable(ec2, { ...ec2, instanceTypes: ["c5"] }, linked), "with the strategy BEST_FIT");
    assert.ok(!isUpdatable(ec2, { ...progressive, instanceTypes: ["c5"] }, linked), "from the strategy BEST_FIT");
    assert.ok(!isUpdatable(progressive, { ...progressive, instanceTypes: ["c5"] }, "role"), "with a role of one's own");
  });
});
