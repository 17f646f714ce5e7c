// aws:efs/fileSystem:FileSystem
import { randomUUID } from "node:crypto";
import {
  CreateFileSystemCommand,
  DeleteFileSystemCommand,
  DescribeFileSystemsCommand,
  DescribeLifecycleConfigurationCommand,
  EFSClient,
  type FileSystemDescription,
  type LifecyclePolicy,
  type PerformanceMode,
  PutLifecycleConfigurationCommand,
  type ReplicationOverwriteProtection,
  type ThroughputMode,
  UpdateFileSystemCommand,
  UpdateFileSystemProtectionCommand,
} from "@aws-sdk/client-efs";
import { type Context, resource } from "../../descriptor.js";
import { hasCode, orAbsent } from "../../errors.js";
import { flag, type Inputs, list, number, object, output, set, tagged, text } from "../../properties.js";
import { tagList, tagState } from "../../tags.js";
import { dnsName, isBusy, updateTags } from "./parts.js";

/** "LifecyclePolicy", Amazon EFS API Reference. */
const AFTER = [
  "AFTER_1_DAY",
  "AFTER_7_DAYS",
  "AFTER_14_DAYS",
  "AFTER_30_DAYS",
  "AFTER_60_DAYS",
  "AFTER_90_DAYS",
  "AFTER_180_DAYS",
  "AFTER_270_DAYS",
  "AFTER_365_DAYS",
] as const;

const properties = {
  creationToken: text({ computed: true, replace: true, min: 1, max: 64 }),
  availabilityZoneName: text({ computed: true, replace: true }),
  encrypted: flag({ computed: true, replace: true }),
  kmsKeyId: text({ computed: true, replace: true }),
  /** Each has one member. */
  lifecyclePolicies: set(
    object({
      transitionToArchive: text({ values: AFTER }),
      transitionToIa: text({ values: AFTER }),
      transitionToPrimaryStorageClass: text({ values: ["AFTER_1_ACCESS"] }),
    }),
    { max: 3 },
  ),
  performanceMode: text({ computed: true, replace: true, values: ["generalPurpose", "maxIO"] }),
  protection: object(
    { replicationOverwrite: text({ computed: true, values: ["ENABLED", "DISABLED", "REPLICATING"] }) },
    { computed: true },
  ),
  throughputMode: text({ default: "bursting", values: ["bursting", "elastic", "provisioned"] }),
  provisionedThroughputInMibps: number({ integer: false, min: 1 }),
  ...tagged,
  arn: output(text()),
  availabilityZoneId: output(text()),
  dnsName: output(text()),
  name: output(text(), { volatile: true }),
  numberOfMountTargets: output(number(), { volatile: true }),
  ownerId: output(text()),
  sizeInBytes: output(list(object({ value: number(), valueInIa: number(), valueInStandard: number() })), {
    volatile: true,
  }),
};

export const fileSystem = resource({
  type: "aws:efs/fileSystem:FileSystem",
  properties,

  check(inputs) {
    const isProvisioned = inputs.throughputMode === "provisioned";
    if (isProvisioned && inputs.provisionedThroughputInMibps === undefined)
      return [{ property: "provisionedThroughputInMibps", reason: "is required for the throughput mode provisioned" }];
    return [];
  },

  async create(inputs, context) {
    const efs = context.client(EFSClient);
    const made = await efs.send(
      new CreateFileSystemCommand({
        CreationToken: inputs.creationToken ?? randomUUID(),
        AvailabilityZoneName: inputs.availabilityZoneName,
        Encrypted: inputs.encrypted,
        KmsKeyId: inputs.kmsKeyId,
        PerformanceMode: inputs.performanceMode as PerformanceMode | undefined,
        ThroughputMode: inputs.throughputMode as ThroughputMode,
        ProvisionedThroughputInMibps: inputs.provisionedThroughputInMibps,
        Tags: tagList(inputs.tags),
      }),
    );
    const id = made.FileSystemId as string;
    context.created(id);
    await untilAvailable(id, context);
    if (inputs.lifecyclePolicies?.length) await putLifecycle(id, inputs.lifecyclePolicies, context);
    if (inputs.protection?.replicationOverwrite) await protect(id, inputs.protection.replicationOverwrite, context);
    return id;
  },

  async read(id, context) {
    const found = await describe(id, context);
    if (!found || found.LifeCycleState === "deleting" || found.LifeCycleState === "deleted") return undefined;
    const { LifecyclePolicies = [] } = await context
      .client(EFSClient)
      .send(new DescribeLifecycleConfigurationCommand({ FileSystemId: id }));
    const size = found.SizeInBytes;
    const sizeInBytes = {
      value: size?.Value ?? 0,
      valueInIa: size?.ValueInIA ?? 0,
      valueInStandard: size?.ValueInStandard ?? 0,
    };
    return {
      creationToken: found.CreationToken,
      availabilityZoneName: found.AvailabilityZoneName ?? "",
      encrypted: found.Encrypted ?? false,
      kmsKeyId: found.KmsKeyId ?? "",
      lifecyclePolicies: LifecyclePolicies.map((each) => ({
        transitionToArchive: each.TransitionToArchive,
        transitionToIa: each.TransitionToIA,
        transitionToPrimaryStorageClass: each.TransitionToPrimaryStorageClass,
      })),
      performanceMode: found.PerformanceMode,
      protection: { replicationOverwrite: found.FileSystemProtection?.ReplicationOverwriteProtection },
      throughputMode: found.ThroughputMode,
      provisionedThroughputInMibps: found.ProvisionedThroughputInMibps,
      ...tagState(found.Tags),
      arn: found.FileSystemArn,
      availabilityZoneId: found.AvailabilityZoneId ?? "",
      dnsName: dnsName(id, context),
      name: found.Name ?? "",
      numberOfMountTargets: found.NumberOfMountTargets,
      ownerId: found.OwnerId,
      sizeInBytes: [sizeInBytes] as (typeof sizeInBytes)[],
    };
  },

  async update({ id, old, inputs, changes }, context) {
    if (changes("throughputMode", "provisionedThroughputInMibps")) {
      const isProvisioned = inputs.throughputMode === "provisioned";
      const request = new UpdateFileSystemCommand({
        FileSystemId: id,
        ThroughputMode: inputs.throughputMode as ThroughputMode,
        ...(isProvisioned && { ProvisionedThroughputInMibps: inputs.provisionedThroughputInMibps }),
      });
      await context.retry(() => context.client(EFSClient).send(request), isBusy, 600);
      await untilAvailable(id, context);
    }
    if (changes("lifecyclePolicies")) await putLifecycle(id, inputs.lifecyclePolicies ?? [], context);
    const overwrite = inputs.protection?.replicationOverwrite;
    if (changes("protection") && overwrite) await protect(id, overwrite, context);
    if (changes("tags")) await updateTags(id, old.tags, inputs.tags, context);
  },

  async delete(id, _state, context) {
    const request = new DeleteFileSystemCommand({ FileSystemId: id });
    // The mount targets of a moment ago may still be on their way out.
    await context.retry(
      () => context.client(EFSClient).send(request),
      (error) => hasCode(error, ["FileSystemInUse"]) || isBusy(error),
      600,
    );
    await context.waitFor(
      `file system ${id} to be deleted`,
      async () => {
        const found = await orAbsent(describe(id, context));
        return !found || found.LifeCycleState === "deleted" ? true : undefined;
      },
      600,
    );
  },
});

async function describe(id: string, context: Context): Promise<FileSystemDescription | undefined> {
  const found = await context.client(EFSClient).send(new DescribeFileSystemsCommand({ FileSystemId: id }));
  return found.FileSystems?.[0];
}

async function untilAvailable(id: string, context: Context): Promise<void> {
  await context.waitFor(
    `file system ${id} to be available`,
    async () => {
      const found = await describe(id, context);
      if (found?.LifeCycleState === "error") throw new Error(`file system ${id} could not be made`);
      return found?.LifeCycleState === "available" ? true : undefined;
    },
    600,
  );
}

type Lifecycle = NonNullable<Inputs<typeof properties>["lifecyclePolicies"]>;

/** EFS takes the policies one member each, whichever way they were grouped. */
async function putLifecycle(id: string, policies: Lifecycle, context: Context): Promise<void> {
  const LifecyclePolicies = policies.flatMap((each): LifecyclePolicy[] => [
    ...(each.transitionToIa ? [{ TransitionToIA: each.transitionToIa as LifecyclePolicy["TransitionToIA"] }] : []),
    ...(each.transitionToArchive
      ? [{ TransitionToArchive: each.transitionToArchive as LifecyclePolicy["TransitionToArchive"] }]
      : []),
    ...(each.transitionToPrimaryStorageClass ? [{ TransitionToPrimaryStorageClass: "AFTER_1_ACCESS" as const }] : []),
  ]);
  const request = new PutLifecycleConfigurationCommand({ FileSystemId: id, LifecyclePolicies });
  await context.retry(() => context.client(EFSClient).send(request), isBusy, 600);
}

async function protect(id: string, overwrite: string, context: Context): Promise<void> {
  const request = new UpdateFileSystemProtectionCommand({
    FileSystemId: id,
    ReplicationOverwriteProtection: overwrite as ReplicationOverwriteProtection,
  });
  await context.retry(() => context.client(EFSClient).send(request), isBusy, 600);
}
