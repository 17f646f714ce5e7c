import assert from "node:assert/strict";
import {
  DescribeAccessPointsCommand,
  DescribeBackupPolicyCommand,
  DescribeFileSystemPolicyCommand,
  DescribeFileSystemsCommand,
  DescribeLifecycleConfigurationCommand,
  DescribeMountTargetSecurityGroupsCommand,
  DescribeMountTargetsCommand,
  EFSClient,
  ModifyMountTargetSecurityGroupsCommand,
  PutBackupPolicyCommand,
  PutFileSystemPolicyCommand,
  TagResourceCommand,
  UpdateFileSystemCommand,
} from "@aws-sdk/client-efs";
import { SecurityGroup } from "@pulumi/aws/ec2/securityGroup.js";
import { Subnet } from "@pulumi/aws/ec2/subnet.js";
import { Vpc } from "@pulumi/aws/ec2/vpc.js";
import { AccessPoint } from "@pulumi/aws/efs/accessPoint.js";
import { BackupPolicy } from "@pulumi/aws/efs/backupPolicy.js";
import { FileSystem } from "@pulumi/aws/efs/fileSystem.js";
import { FileSystemPolicy } from "@pulumi/aws/efs/fileSystemPolicy.js";
import { MountTarget } from "@pulumi/aws/efs/mountTarget.js";
import { type Life, type Surroundings, testLives } from "../lifecycle.js";
import { by, id, type Others, steady } from "../versions.js";

const efs = ({ client }: Surroundings) => new EFSClient(client);

const policy = (actions: string[]) =>
  JSON.stringify({
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Principal: { AWS: "*" }, Action: actions }],
  });

const group = (name: string): Life => ({
  name,
  declare: (_version, options, others) =>
    new SecurityGroup(name, { name, vpcId: id(others, "net"), description: name }, options),
  ...steady,
});

/** Two file systems: one that is changed itself, and one whose parts are. */
const house = (others: Others) => id(others, "house");

const lives: Life[] = [
  { name: "net", declare: (_version, options) => new Vpc("net", { cidrBlock: "10.0.0.0/16" }, options), ...steady },
  ...["a", "b"].map(
    (zone, at): Life => ({
      name: `zone-${zone}`,
      declare: (_version, options, others) =>
        new Subnet(
          `zone-${zone}`,
          { vpcId: id(others, "net"), cidrBlock: `10.0.${at}.0/24`, availabilityZone: `eu-central-1${zone}` },
          options,
        ),
      ...steady,
    }),
  ),
  group("clients"),
  group("others"),
  {
    name: "data",
    declare: (version, options) =>
      new FileSystem(
        "data",
        {
          creationToken: by(version, "data-one", "data-one", "data-two"),
          encrypted: true,
          throughputMode: by(version, "bursting", "elastic"),
          lifecyclePolicies: by<{ transitionToIa?: string; transitionToPrimaryStorageClass?: string }[]>(
            version,
            [{ transitionToIa: "AFTER_30_DAYS" }],
            [{ transitionToIa: "AFTER_7_DAYS" }, { transitionToPrimaryStorageClass: "AFTER_1_ACCESS" }],
          ),
          protection: { replicationOverwrite: by(version, "ENABLED", "DISABLED") },
          tags: by<Record<string, string>>(version, { Name: "data", Old: "1", Older: "1" }, { Name: "data, better" }),
        },
        options,
      ),
    outputs: {
      created: (outputs) => {
        assert.match(String(outputs.arn), /^arn:aws:elasticfilesystem:eu-central-1:\d{12}:file-system\/fs-\w+$/);
        assert.match(String(outputs.dnsName), /^fs-\w+\.efs\.eu-central-1\.amazonaws\.com$/);
        assert.deepEqual([outputs.name, outputs.performanceMode], ["data", "generalPurpose"]);
      },
      updated: (outputs) => assert.deepEqual(outputs.tagsAll, { Name: "data, better" }),
    },
    verify: {
      updated: async (FileSystemId, surroundings) => {
        const client = efs(surroundings);
        const { FileSystems } = await client.send(new DescribeFileSystemsCommand({ FileSystemId }));
        assert.equal(FileSystems?.[0]?.ThroughputMode, "elastic");
        assert.deepEqual(FileSystems?.[0]?.Tags, [{ Key: "Name", Value: "data, better" }]);
        assert.equal(FileSystems?.[0]?.FileSystemProtection?.ReplicationOverwriteProtection, "DISABLED");
        const { LifecyclePolicies } = await client.send(new DescribeLifecycleConfigurationCommand({ FileSystemId }));
        assert.deepEqual(LifecyclePolicies, [
          { TransitionToIA: "AFTER_7_DAYS" },
          { TransitionToPrimaryStorageClass: "AFTER_1_ACCESS" },
        ]);
      },
    },
    disturb: async (FileSystemId, surroundings) => {
      await efs(surroundings).send(new UpdateFileSystemCommand({ FileSystemId, ThroughputMode: "bursting" }));
    },
  },
  {
    name: "house",
    declare: (_version, options) => new FileSystem("house", {}, options),
    drifting: ["numberOfMountTargets"],
    ...steady,
  },
  {
    name: "target",
    declare: (version, options, others) =>
      new MountTarget(
        "target",
        {
          fileSystemId: house(others),
          subnetId: id(others, by(version, "zone-a", "zone-a", "zone-b")),
          securityGroups: [id(others, by(version, "clients", "others"))],
        },
        options,
      ),
    outputs: {
      created: (outputs) => {
        assert.equal(outputs.availabilityZoneName, "eu-central-1a");
        assert.match(String(outputs.ipAddress), /^10\.0\.0\.\d+$/);
        assert.match(String(outputs.mountTargetDnsName), /^eu-central-1a\.fs-\w+\.efs\./);
      },
      replaced: (outputs) => assert.equal(outputs.availabilityZoneName, "eu-central-1b"),
    },
    disturb: async (MountTargetId, surroundings, outputs) => {
      const client = efs(surroundings);
      const { SecurityGroups = [] } = await client.send(
        new DescribeMountTargetSecurityGroupsCommand({ MountTargetId }),
      );
      assert.deepEqual(SecurityGroups, outputs.securityGroups);
      await client.send(new ModifyMountTargetSecurityGroupsCommand({ MountTargetId, SecurityGroups: [] }));
    },
  },
  {
    name: "jobs",
    declare: (version, options, others) =>
      new AccessPoint(
        "jobs",
        {
          fileSystemId: house(others),
          posixUser: { uid: 1000, gid: 1000 },
          rootDirectory: {
            path: by(version, "/data", "/data", "/data-2"),
            creationInfo: { ownerUid: 1000, ownerGid: 1000, permissions: "0750" },
          },
          tags: { Version: version },
        },
        options,
      ),
    outputs: {
      created: (outputs) => {
        assert.match(String(outputs.arn), /:access-point\/fsap-\w+$/);
        assert.match(String(outputs.fileSystemArn), /:file-system\/fs-\w+$/);
      },
    },
    verify: {
      replaced: async (AccessPointId, surroundings) => {
        const { AccessPoints } = await efs(surroundings).send(new DescribeAccessPointsCommand({ AccessPointId }));
        assert.deepEqual(AccessPoints?.[0]?.RootDirectory, {
          Path: "/data-2",
          CreationInfo: { OwnerUid: 1000, OwnerGid: 1000, Permissions: "0750" },
        });
        assert.deepEqual(AccessPoints?.[0]?.PosixUser, { Uid: 1000, Gid: 1000 });
      },
    },
    disturb: async (ResourceId, surroundings) => {
      await efs(surroundings).send(new TagResourceCommand({ ResourceId, Tags: [{ Key: "Intruder", Value: "1" }] }));
    },
  },
  {
    name: "whole",
    declare: (_version, options, others) => new AccessPoint("whole", { fileSystemId: house(others) }, options),
    outputs: { created: (outputs) => assert.deepEqual(outputs.rootDirectory, { path: "/" }) },
    ...steady,
  },
  {
    name: "access",
    declare: (version, options, others) =>
      new FileSystemPolicy(
        "access",
        {
          fileSystemId: by(version, house(others), house(others), id(others, "data")),
          policy: policy(
            by(
              version,
              ["elasticfilesystem:ClientMount"],
              ["elasticfilesystem:ClientWrite", "elasticfilesystem:ClientMount"],
            ),
          ),
        },
        options,
      ),
    verify: {
      updated: async (FileSystemId, surroundings) => {
        const { Policy } = await efs(surroundings).send(new DescribeFileSystemPolicyCommand({ FileSystemId }));
        assert.deepEqual(JSON.parse(Policy ?? "").Statement[0].Action, [
          "elasticfilesystem:ClientWrite",
          "elasticfilesystem:ClientMount",
        ]);
      },
    },
    disturb: async (FileSystemId, surroundings) => {
      const Policy = policy(["elasticfilesystem:ClientRootAccess"]);
      await efs(surroundings).send(new PutFileSystemPolicyCommand({ FileSystemId, Policy }));
    },
  },
  {
    name: "backup",
    declare: (version, options, others) =>
      new BackupPolicy(
        "backup",
        {
          fileSystemId: by(version, house(others), house(others), id(others, "data")),
          backupPolicy: { status: by(version, "ENABLED", "DISABLED", "ENABLED") },
        },
        options,
      ),
    verify: {
      created: async (FileSystemId, surroundings) => {
        const { BackupPolicy: found } = await efs(surroundings).send(new DescribeBackupPolicyCommand({ FileSystemId }));
        assert.equal(found?.Status, "ENABLED");
      },
    },
    disturb: async (FileSystemId, surroundings) => {
      await efs(surroundings).send(new PutBackupPolicyCommand({ FileSystemId, BackupPolicy: { Status: "ENABLED" } }));
    },
  },
];

testLives("provider: efs", lives, async ({ client }) => {
  const api = new EFSClient(client);
  const { FileSystems = [] } = await api.send(new DescribeFileSystemsCommand({}));
  const { AccessPoints = [] } = await api.send(new DescribeAccessPointsCommand({}));
  const targets = await Promise.all(
    FileSystems.map(({ FileSystemId }) => api.send(new DescribeMountTargetsCommand({ FileSystemId }))),
  );
  return [
    ...FileSystems.map(({ FileSystemId = "" }) => FileSystemId),
    ...AccessPoints.map(({ AccessPointId = "" }) => AccessPointId),
    ...targets.flatMap(({ MountTargets = [] }) => MountTargets.map(({ MountTargetId = "" }) => MountTargetId)),
  ];
});
