import assert from "node:assert/strict";
import { units } from "../../../stacks/units.js";
import { ACCOUNT, only, type Registered } from "../../components/mocks.js";
import { backend, deploy, ofType, REGION } from "./deploy.js";

const ALL = ["network", ...units.filter(({ system }) => system === "backend").map(({ name }) => name)];
const container = (resources: Registered[], name: string) =>
  JSON.parse(String(only(resources, "JobDefinition", name).inputs.containerProperties));

describe("The backend", function () {
  this.timeout(60_000);

  it("has a queue and a job definition of the seed's size for each tier", async () => {
    const { resources, outputs } = await deploy(["backend-core"], backend());
    const sizes = ["xs", "s", "m", "l", "xxl"].map((tier) => {
      const { resourceRequirements } = container(resources, `backend-job-${tier}`);
      const compute = only(resources, "ComputeEnvironment", `backend-batch-${tier}-compute`).inputs;
      const { instanceTypes } = compute.computeResources as { instanceTypes: string[] };
      return [tier, ...resourceRequirements.map(({ value }: { value: string }) => Number(value)), instanceTypes];
    });
    const gib = 1024;
    assert.deepEqual(sizes, [
      ["xs", 4, 14 * gib, ["m7a.xlarge"]],
      ["s", 8, 28 * gib, ["m7a.2xlarge"]],
      ["m", 16, 60 * gib, ["r7a.2xlarge", "m6a.4xlarge"]],
      ["l", 16, 120 * gib, ["r7a.4xlarge", "r6a.4xlarge"]],
      ["xxl", 192, 1470 * gib, ["r7a.48xlarge", "r6a.48xlarge"]],
    ]);
    assert.deepEqual((outputs.BackendTiers as Record<string, unknown>).XXL, {
      queueArn: `arn:aws:batch:${"eu-central-1"}:${ACCOUNT}:job-queue/backend-batch-xxl-dev`,
      queueName: "backend-batch-xxl-dev",
      jobDefinitionArn: `arn:aws:batch:${"eu-central-1"}:${ACCOUNT}:job-definition/backend-job-xxl-dev:1`,
      jobDefinitionArnPrefix: `arn:aws:batch:${"eu-central-1"}:${ACCOUNT}:job-definition/backend-job-xxl-dev`,
    });
  });

  it("runs jobs on Spot instances in dev and on demand in prod, with Batch's own role", async () => {
    const types = async (environment: string) => {
      const { resources } = await deploy(["backend-core"], { environment, ...backend() });
      return ofType(resources, "ComputeEnvironment").map(({ inputs }) => {
        const { type, allocationStrategy } = inputs.computeResources as Record<string, string>;
        return [type, allocationStrategy, inputs.serviceRole].join(" ");
      });
    };
    assert.deepEqual(new Set(await types("dev")), new Set(["SPOT SPOT_PRICE_CAPACITY_OPTIMIZED "]));
    assert.deepEqual(new Set(await types("prod")), new Set(["EC2 BEST_FIT_PROGRESSIVE "]));
  });

  it("takes other sizes by configuration", async () => {
    const { resources } = await deploy(
      ["backend-core"],
      backend({ tiers: { M: { vcpus: 8, capacity: "EC2", maxVcpus: 80 } } }),
    );
    const { computeResources } = only(resources, "ComputeEnvironment", "backend-batch-m-compute").inputs;
    const { type, maxVcpus } = computeResources as Record<string, unknown>;
    assert.deepEqual([type, maxVcpus], ["EC2", 80]);
    const job = container(resources, "backend-job-m");
    assert.deepEqual(job.resourceRequirements[0], { type: "VCPU", value: "8" });
    const environment = Object.fromEntries(
      job.environment.map(({ name, value }: Record<string, string>) => [name, value]),
    );
    assert.deepEqual([environment.VCPUS, environment.MEMORY_LIMIT_MIB], ["8", String(60 * 1024)]);
  });

  it("mounts the file system through its entrance, encrypted, and writes a log of its own", async () => {
    const { resources } = await deploy(["backend-core"], backend());
    const job = container(resources, "backend-job-xs");
    assert.deepEqual(job.volumes, [
      {
        name: "shared",
        efsVolumeConfiguration: {
          fileSystemId: "backend-files-id",
          transitEncryption: "ENABLED",
          authorizationConfig: { accessPointId: "backend-files-data-id", iam: "ENABLED" },
        },
      },
    ]);
    assert.deepEqual(job.mountPoints, [{ sourceVolume: "shared", containerPath: "/mnt/data", readOnly: false }]);
    assert.deepEqual(job.logConfiguration, {
      logDriver: "awslogs",
      options: {
        "awslogs-group": "/aws/batch/backend-jobs-dev",
        "awslogs-region": REGION,
        "awslogs-stream-prefix": "xs",
      },
    });
    const entrance = only(resources, "AccessPoint").inputs;
    assert.deepEqual(entrance.posixUser, { uid: 1000, gid: 1000 });
    assert.equal((entrance.rootDirectory as { path: string }).path, "/data");
    assert.deepEqual(
      ofType(resources, "MountTarget").map(({ inputs }) => inputs.subnetId),
      ["subnet-a", "subnet-b"],
    );
    const [nfsIn, nfsOut] = [
      only(resources, "SecurityGroupIngressRule", "backend-files-nfs-in").inputs,
      only(resources, "SecurityGroupEgressRule", "backend-files-nfs-out").inputs,
    ];
    assert.deepEqual([nfsIn.fromPort, nfsIn.referencedSecurityGroupId], [2049, nfsOut.securityGroupId]);
    assert.equal(nfsOut.referencedSecurityGroupId, nfsIn.securityGroupId);
  });

  it("lets the address validation's network out to the configured blocks and its own endpoints, and nowhere else", async () => {
    const { resources } = await deploy(["network"], {
      backend: { networks: { melissa: { egressCidrs: ["208.73.200.0/24", "203.0.113.8/32"] } } },
    });
    assert.equal(ofType(resources, "Vpc").length, 3);
    const egress = (network: string) =>
      ofType(resources, "SecurityGroupEgressRule")
        .filter(({ inputs }) => inputs.securityGroupId === `backend-network-${network}-id`)
        .map(({ inputs }) => [
          inputs.cidrIpv4 ?? inputs.prefixListId ?? inputs.referencedSecurityGroupId,
          inputs.fromPort,
          inputs.toPort,
        ]);
    assert.deepEqual(egress("general"), [["0.0.0.0/0", 443, 443]]);
    assert.deepEqual(egress("emr"), [["0.0.0.0/0", 443, 443]]);
    assert.deepEqual(egress("melissa").sort(), [
      ["203.0.113.8/32", 443, 443],
      ["208.73.200.0/24", 443, 443],
      ["backend-network-melissa-endpoints-id", 443, 443],
      ["pl-com.amazonaws.us-east-1.dynamodb", 443, 443],
      ["pl-com.amazonaws.us-east-1.s3", 443, 443],
    ]);
    const endpoints = ofType(resources, "VpcEndpoint").filter(({ inputs }) => inputs.vpcEndpointType === "Interface");
    assert.ok(endpoints.length > 0);
    assert.ok(endpoints.every(({ inputs }) => inputs.vpcId === "vpc-backend-vpc4melissa-dev"));
    const closed = await deploy(["vpc4melissa"]);
    assert.ok(ofType(closed.resources, "SecurityGroupEgressRule").every(({ inputs }) => inputs.cidrIpv4 === undefined));
  });

  it("lets the configured Databricks account read the artefacts, and nobody without it", async () => {
    const policy = async (settings: Record<string, unknown>) => {
      const { resources } = await deploy(["backend-core"], backend(settings));
      return JSON.parse(String(only(resources, "BucketPolicy").inputs.policy)).Statement;
    };
    assert.deepEqual(
      (await policy({})).map(({ Sid }: { Sid: string }) => Sid),
      ["RefusePlainHttp"],
    );
    const [, lists, reads] = await policy({ storage: { databricksAccountId: "111122223333" } });
    const Principal = { AWS: "arn:aws:iam::111122223333:root" };
    assert.deepEqual(lists, {
      Sid: "DatabricksLists",
      Effect: "Allow",
      Principal,
      Action: "s3:ListBucket",
      Resource: "arn:aws:s3:::backend-source-data-dev",
      Condition: { StringLike: { "s3:prefix": "coop/*" } },
    });
    assert.deepEqual(reads, {
      Sid: "DatabricksReads",
      Effect: "Allow",
      Principal,
      Action: "s3:GetObject",
      Resource: "arn:aws:s3:::backend-source-data-dev/coop/*",
    });
  });

  it("keeps credentials as secrets: those of the configuration, and placeholders that differ", async () => {
    const { resources } = await deploy(["backend-core"], backend(), {
      "credentials:dashboards": '{"user":"batch","password":"hunter2"}',
    });
    assert.deepEqual(
      ofType(resources, "Secret").map(({ inputs }) => inputs.name),
      ["backend-dashboards-dev", "backend-melissa-data-dev", "backend-mongodb-atlas-dev"],
    );
    const value = (system: string) => only(resources, "SecretVersion", `backend-credentials-${system}-value`).inputs;
    // As it goes to the engine: marked as secret.
    const SECRET = "1b47061264138c4ac30d75fd1eb44270";
    const plain = (system: string) => {
      const { secretString } = value(system) as { secretString: Record<string, string> };
      assert.equal(secretString["4dabf18193072939515e22adb298388d"], SECRET, `${system} is in clear`);
      return secretString.value;
    };
    assert.equal(plain("dashboards"), '{"user":"batch","password":"hunter2"}');
    assert.match(String(plain("melissa-data")), /^\{"placeholder":"[0-9a-f]{32}"\}$/);
    assert.notEqual(plain("melissa-data"), plain("mongodb-atlas"));
  });

  it("tags everything that can be tagged, and bears its environment in every name", async () => {
    const { resources } = await deploy(ALL, { environment: "prod", ...backend() });
    const untagged = resources
      .filter(({ inputs }) => inputs.tags === undefined)
      .map(({ type }) => type.split(":").at(-1));
    assert.deepEqual([...new Set(untagged)].sort(), [
      "BackupPolicy",
      "BucketLifecycleConfiguration",
      "BucketPolicy",
      "BucketPublicAccessBlock",
      "BucketServerSideEncryptionConfiguration",
      "BucketVersioning",
      "EventTarget",
      "FileSystemPolicy",
      "LifecyclePolicy",
      "MountTarget",
      "RolePolicy",
      "RolePolicyAttachment",
      "SecretVersion",
      "TopicPolicy",
    ]);
    for (const { inputs, name } of resources.filter(({ inputs: { tags } }) => tags !== undefined)) {
      const { Project, Environment } = inputs.tags as Record<string, string>;
      assert.deepEqual([Project, Environment], ["path2response-backend", "prod"], name);
    }
    const names = resources
      .flatMap(({ inputs }) => [inputs.name, inputs.bucket])
      .filter((name) => typeof name === "string");
    const bare = names.filter(
      (name) => name.includes("backend") && !/-prod(-endpoints)?$/.test(name) && !name.endsWith("-id"),
    );
    assert.deepEqual(bare, []);
  });

  it("retains and protects in prod what holds data, and lets a throwaway go", async () => {
    const kept = ({ resources }: { resources: Registered[] }) =>
      resources.filter(({ protect, retainOnDelete }) => protect && retainOnDelete).map(({ name }) => name);
    const prod = await deploy(["backend-core"], { environment: "prod", ...backend() });
    for (const name of [
      "backend-source",
      "backend-files",
      "backend-images-batch-orders",
      "backend-images-lambda-orders",
      "backend-credentials-dashboards",
    ])
      assert.ok(kept(prod).includes(name), name);
    assert.deepEqual(only(prod.resources, "BackupPolicy").inputs.backupPolicy, { status: "ENABLED" });
    const throwaway = await deploy(["backend-core"], {
      environment: "prod",
      throwaway: true,
      suffix: "k3x9",
      ...backend(),
    });
    assert.deepEqual(kept(throwaway), []);
    assert.deepEqual(ofType(throwaway.resources, "BackupPolicy"), []);
    assert.ok(ofType(throwaway.resources, "Secret").every(({ inputs }) => inputs.recoveryWindowInDays === 0));
    assert.equal(throwaway.outputs.BackendSourceBucketName, "backend-source-data-prod-k3x9");
  });

  it("goes into its own region when the stack's is another", async () => {
    const { resources } = await deploy(ALL, backend(), { "aws:region": "eu-central-1" });
    const regional = resources.filter(({ type }) => !/^aws:iam\//.test(type));
    assert.deepEqual(
      regional.filter(({ inputs }) => inputs.region !== REGION).map(({ name }) => name),
      [],
    );
  });

  it("has one state machine for each workflow, named as its people know it", async () => {
    const { resources, outputs } = await deploy(ALL, backend());
    assert.deepEqual(
      ofType(resources, "StateMachine").map(({ inputs }) => inputs.name),
      [
        "backend-HotlineSiteVisitorProspects-dev",
        "backend-P2A3-CountsOnly-dev",
        "backend-P2A3XGB-dev",
        "backend-P2A3XGB-MCMC-dev",
        "backend-Prepare-dev",
        "backend-Template-dev",
      ],
    );
    for (const { workflows } of units.filter(({ system }) => system === "backend"))
      for (const output of Object.values(workflows)) assert.match(String(outputs[output]), /:stateMachine:backend-/);
  });

  it("refuses wrong settings with key and value", async () => {
    const wrong: [Record<string, unknown>, RegExp][] = [
      [{ networks: { melissa: { egressCidrs: ["10.0.0.1/8"] } } }, /egressCidrs\.0: '10\.0\.0\.1\/8' has bits set/],
      [{ tiers: { XS: { capacity: "FARGATE" } } }, /crucible:backend\.tiers\.XS\.capacity: .*but it is "FARGATE"/],
      [{ tiers: { XL: { vcpus: 4 } } }, /crucible:backend\.tiers\.XL is not a setting/],
      [
        { storage: { databricksAccountId: "123" } },
        /databricksAccountId: must be an account's 12 digits, but it is "123"/,
      ],
      [{ workflows: { stepTimeoutSeconds: { p2a3: { Train: 60 } } } }, /there is no workflow p2a3; there are/],
      [
        { workflows: { stepTimeoutSeconds: { template: { Train: 60 } } } },
        /template has no step Train; it has Initialize/,
      ],
    ];
    for (const [settings, message] of wrong) await assert.rejects(deploy(["template"], backend(settings)), message);
  });
});
