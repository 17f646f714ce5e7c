// aws:efs/mountTarget:MountTarget
import {
  CreateMountTargetCommand,
  DeleteMountTargetCommand,
  DescribeMountTargetSecurityGroupsCommand,
  DescribeMountTargetsCommand,
  EFSClient,
  type IpAddressType,
  ModifyMountTargetSecurityGroupsCommand,
  type MountTargetDescription,
} from "@aws-sdk/client-efs";
import { type Context, resource } from "../../descriptor.js";
import { orAbsent } from "../../errors.js";
import { output, set, text } from "../../properties.js";
import { dnsName, fileSystemArn, isBusy } from "./parts.js";

export const mountTarget = resource({
  type: "aws:efs/mountTarget:MountTarget",
  properties: {
    fileSystemId: text({ required: true, replace: true }),
    subnetId: text({ required: true, replace: true }),
    ipAddress: text({ computed: true, replace: true }),
    ipAddressType: text({
      computed: true,
      replace: true,
      unread: true,
      values: ["IPV4_ONLY", "IPV6_ONLY", "DUAL_STACK"],
    }),
    ipv6Address: text({ computed: true, replace: true }),
    securityGroups: set(text(), { computed: true }),
    availabilityZoneId: output(text()),
    availabilityZoneName: output(text()),
    dnsName: output(text()),
    fileSystemArn: output(text()),
    mountTargetDnsName: output(text()),
    networkInterfaceId: output(text()),
    ownerId: output(text()),
  },
  // A file system has one mount target in an availability zone: the old one has to go first.
  identity: ["fileSystemId", "subnetId"],

  async create(inputs, context) {
    const request = new CreateMountTargetCommand({
      FileSystemId: inputs.fileSystemId,
      SubnetId: inputs.subnetId,
      IpAddress: inputs.ipAddress,
      IpAddressType: inputs.ipAddressType as IpAddressType | undefined,
      Ipv6Address: inputs.ipv6Address,
      SecurityGroups: inputs.securityGroups,
    });
    const made = await context.retry(() => context.client(EFSClient).send(request), isBusy, 600);
    const id = made.MountTargetId as string;
    context.created(id);
    await context.waitFor(
      `mount target ${id} to be available`,
      async () => {
        const found = await describe(id, context);
        if (found?.LifeCycleState === "error") throw new Error(`mount target ${id} could not be made`);
        return found?.LifeCycleState === "available" ? true : undefined;
      },
      1800,
    );
    return id;
  },

  async read(id, context) {
    const found = await describe(id, context);
    if (!found || found.LifeCycleState === "deleting" || found.LifeCycleState === "deleted") return undefined;
    const { SecurityGroups } = await context
      .client(EFSClient)
      .send(new DescribeMountTargetSecurityGroupsCommand({ MountTargetId: id }));
    const fileSystemId = found.FileSystemId ?? "";
    return {
      fileSystemId,
      subnetId: found.SubnetId,
      ipAddress: found.IpAddress ?? "",
      ipv6Address: found.Ipv6Address ?? "",
      securityGroups: SecurityGroups ?? [],
      availabilityZoneId: found.AvailabilityZoneId,
      availabilityZoneName: found.AvailabilityZoneName,
      dnsName: dnsName(fileSystemId, context),
      fileSystemArn: await fileSystemArn(fileSystemId, context),
      mountTargetDnsName: `${found.AvailabilityZoneName}.${dnsName(fileSystemId, context)}`,
      networkInterfaceId: found.NetworkInterfaceId,
      ownerId: found.OwnerId,
    };
  },

  async update({ id, inputs, changes }, context) {
    if (changes("securityGroups"))
      await context
        .client(EFSClient)
        .send(new ModifyMountTargetSecurityGroupsCommand({ MountTargetId: id, SecurityGroups: inputs.securityGroups }));
  },

  async delete(id, _state, context) {
    await context.client(EFSClient).send(new DeleteMountTargetCommand({ MountTargetId: id }));
    await context.waitFor(
      `mount target ${id} to be deleted`,
      async () => {
        const found = await orAbsent(describe(id, context));
        return !found || found.LifeCycleState === "deleted" ? true : undefined;
      },
      600,
    );
  },
});

async function describe(id: string, context: Context): Promise<MountTargetDescription | undefined> {
  const found = await context.client(EFSClient).send(new DescribeMountTargetsCommand({ MountTargetId: id }));
  return found.MountTargets?.[0];
}
