// SharedFileSystem: an EFS file system that containers of one network share: encrypted at rest and on the way, entered through
// access points only.

import { SecurityGroup, type SecurityGroupArgs } from "@pulumi/aws/ec2/securityGroup.js";
import { AccessPoint } from "@pulumi/aws/efs/accessPoint.js";
import { BackupPolicy } from "@pulumi/aws/efs/backupPolicy.js";
import { FileSystem, type FileSystemArgs } from "@pulumi/aws/efs/fileSystem.js";
import { FileSystemPolicy } from "@pulumi/aws/efs/fileSystemPolicy.js";
import { MountTarget } from "@pulumi/aws/efs/mountTarget.js";
import { SecurityGroupEgressRule } from "@pulumi/aws/vpc/securityGroupEgressRule.js";
import { SecurityGroupIngressRule } from "@pulumi/aws/vpc/securityGroupIngressRule.js";
import * as pulumi from "@pulumi/pulumi";
import { type Removal, removalOptions, type Transform, transformed } from "../component.js";
import { policyDocument, type Statement } from "../iam/policy.js";

/** A way into the file system. */
export interface Entrance {
  /** Its root directory, which is made when it is first mounted; what is above it cannot be seen. */
  path: string;
  /** User and group that every file operation is done as, whoever the container runs as. */
  uid: number;
  gid: number;
  /** Mode of the root directory, octal digits. @default "0755" */
  permissions?: string;
}

export interface SharedFileSystemArgs<K extends string> {
  /** The `Name` tag, which the console shows. */
  name: string;
  vpcId: pulumi.Input<string>;
  /** Subnets in different availability zones: each gets a mount target. */
  subnetIds: pulumi.Input<string[]>;
  /** How many subnets there are. */
  zones: number;
  /** Group of the containers that mount it; it is let out to the mount targets, and into them. */
  clientSecurityGroupId: pulumi.Input<string>;
  /** Name of the mount targets' security group. */
  securityGroupName: string;
  entrances: Record<K, Entrance>;
  /** Days after which a file that nobody read moves to cheaper storage; it comes back when it is read. @default never */
  infrequentAccessAfterDays?: 7 | 14 | 30 | 60 | 90;
  /** Daily backups by AWS Backup, kept for 35 days. @default false */
  backup?: boolean;
  /** What becomes of the content when the stack goes. */
  removal: Removal;
  transform?: { fileSystem?: Transform<FileSystemArgs>; securityGroup?: Transform<SecurityGroupArgs> };
}

const NFS = 2049;
const CLIENT_ACTIONS = [
  "elasticfilesystem:ClientMount",
  "elasticfilesystem:ClientRootAccess",
  "elasticfilesystem:ClientWrite",
];

export class SharedFileSystem<K extends string> extends pulumi.ComponentResource {
  /** Resolves when the file system can be mounted. */
  readonly fileSystemId: pulumi.Output<string>;
  readonly arn: pulumi.Output<string>;
  /** What each entrance's access point is known by. */
  readonly entrances: Record<K, { id: pulumi.Output<string>; arn: pulumi.Output<string> }>;
  readonly nodes: {
    fileSystem: FileSystem;
    securityGroup: SecurityGroup;
    mountTargets: MountTarget[];
    accessPoints: Record<K, AccessPoint>;
    policy: FileSystemPolicy;
    backup?: BackupPolicy;
  };

  constructor(name: string, args: SharedFileSystemArgs<K>, options?: pulumi.ComponentResourceOptions) {
    super("crucible:efs:SharedFileSystem", name, {}, options);
    const fileSystem = this.#fileSystem(name, args);
    const securityGroup = this.#securityGroup(name, args);
    const subnetIds = pulumi.output(args.subnetIds);
    const mountTargets = Array.from(
      { length: args.zones },
      (_, at) =>
        new MountTarget(
          `${name}-${at}`,
          {
            fileSystemId: fileSystem.id,
            subnetId: subnetIds.apply((ids) => ids[at] as string),
            securityGroups: [securityGroup.id],
          },
          { parent: this },
        ),
    );
    const policy = new FileSystemPolicy(
      `${name}-policy`,
      { fileSystemId: fileSystem.id, policy: policyDocument(fileSystemStatements(fileSystem.arn)) },
      { parent: this },
    );
    const backup = args.backup
      ? new BackupPolicy(
          `${name}-backup`,
          { fileSystemId: fileSystem.id, backupPolicy: { status: "ENABLED" } },
          { parent: this },
        )
      : undefined;
    const keys = Object.keys(args.entrances) as K[];
    const accessPoints = Object.fromEntries(
      keys.map((key) => [key, this.#accessPoint(`${name}-${key}`, fileSystem, args.entrances[key])]),
    ) as Record<K, AccessPoint>;
    this.nodes = { fileSystem, securityGroup, mountTargets, accessPoints, policy, backup };
    this.fileSystemId = pulumi
      .all([fileSystem.id, policy.id, mountTargets.map(({ id }) => id)])
      .apply(([fileSystemId]) => fileSystemId);
    this.arn = fileSystem.arn;
    this.entrances = Object.fromEntries(
      keys.map((key) => [key, { id: accessPoints[key].id, arn: accessPoints[key].arn }]),
    ) as Record<K, { id: pulumi.Output<string>; arn: pulumi.Output<string> }>;
    this.registerOutputs({ fileSystemId: this.fileSystemId, arn: this.arn, entrances: this.entrances });
  }

  #fileSystem(name: string, args: SharedFileSystemArgs<K>): FileSystem {
    const days = args.infrequentAccessAfterDays;
    return new FileSystem(
      ...transformed<FileSystemArgs>(
        args.transform?.fileSystem,
        name,
        {
          encrypted: true,
          // Pays for what is read and written: the load comes in bursts of a job, with nothing in between.
          throughputMode: "elastic",
          ...(days !== undefined && {
            lifecyclePolicies: [
              { transitionToIa: `AFTER_${days}_DAYS` },
              { transitionToPrimaryStorageClass: "AFTER_1_ACCESS" },
            ],
          }),
          tags: { Name: args.name },
        },
        { parent: this, ...removalOptions(args.removal) },
      ),
    );
  }

  #securityGroup(name: string, args: SharedFileSystemArgs<K>): SecurityGroup {
    const group = new SecurityGroup(
      ...transformed<SecurityGroupArgs>(
        args.transform?.securityGroup,
        `${name}-targets`,
        {
          name: args.securityGroupName,
          description: "Mount targets: NFS from the containers",
          vpcId: args.vpcId,
          tags: { Name: args.securityGroupName },
        },
        { parent: this },
      ),
    );
    const nfs = { ipProtocol: "tcp", fromPort: NFS, toPort: NFS };
    new SecurityGroupIngressRule(
      `${name}-nfs-in`,
      { securityGroupId: group.id, referencedSecurityGroupId: args.clientSecurityGroupId, ...nfs },
      { parent: group },
    );
    new SecurityGroupEgressRule(
      `${name}-nfs-out`,
      { securityGroupId: args.clientSecurityGroupId, referencedSecurityGroupId: group.id, ...nfs },
      { parent: group },
    );
    return group;
  }

  #accessPoint(name: string, fileSystem: FileSystem, entrance: Entrance): AccessPoint {
    const { path, uid, gid, permissions = "0755" } = entrance;
    return new AccessPoint(
      name,
      {
        fileSystemId: fileSystem.id,
        posixUser: { uid, gid },
        rootDirectory: { path, creationInfo: { ownerUid: uid, ownerGid: gid, permissions } },
        tags: { Name: name },
      },
      { parent: this },
    );
  }
}

/**
 * What a file system refuses to everybody. With a policy it allows nobody anything by itself: clients need an identity that may
 * mount ("Using IAM to control file system data access", Amazon EFS User Guide).
 */
function fileSystemStatements(arn: pulumi.Output<string>): Statement[] {
  const refuse = { effect: "Deny", principal: { aws: "*" }, actions: CLIENT_ACTIONS, resources: [arn] } as const;
  return [
    { sid: "RefusePlainText", ...refuse, conditions: { Bool: { "aws:SecureTransport": "false" } } },
    { sid: "RefuseOtherEntrances", ...refuse, conditions: { Null: { "elasticfilesystem:AccessPointArn": "true" } } },
  ];
}

/**
 * What mounting through an access point, reading and writing takes ("Actions, resources, and condition keys for Amazon Elastic
 * File System").
 */
export function mountStatement(arns: {
  fileSystem: pulumi.Input<string>;
  accessPoint: pulumi.Input<string>;
}): Statement {
  return {
    sid: "MountFileSystem",
    actions: ["elasticfilesystem:ClientMount", "elasticfilesystem:ClientWrite"],
    resources: [arns.fileSystem],
    conditions: { StringEquals: { "elasticfilesystem:AccessPointArn": arns.accessPoint } },
  };
}
