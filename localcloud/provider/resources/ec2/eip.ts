// aws:ec2/eip:Eip: an Elastic IP address, and its association with an instance or network interface.
import {
  type Address,
  AllocateAddressCommand,
  AssociateAddressCommand,
  DescribeAddressesCommand,
  DisassociateAddressCommand,
  EC2Client,
  ReleaseAddressCommand,
} from "@aws-sdk/client-ec2";
import { type Context, resource } from "../../descriptor.js";
import { hasCode, orAbsent } from "../../errors.js";
import { output, tagged, text } from "../../properties.js";
import { tagState } from "../../tags.js";
import { ec2Arn, tagSpecifications, updateTags } from "./tags.js";

export const eip = resource({
  type: "aws:ec2/eip:Eip",
  properties: {
    domain: text({ computed: true, replace: true, values: ["vpc"] }),
    address: text({ replace: true, unread: true }),
    publicIpv4Pool: text({ computed: true, replace: true }),
    networkBorderGroup: text({ computed: true, replace: true }),
    instance: text({ computed: true }),
    networkInterface: text({ computed: true }),
    associateWithPrivateIp: text({ unread: true }),
    ...tagged,
    allocationId: output(text()),
    arn: output(text()),
    associationId: output(text(), { volatile: true }),
    carrierIp: output(text()),
    customerOwnedIp: output(text()),
    privateDns: output(text(), { volatile: true }),
    privateIp: output(text(), { volatile: true }),
    ptrRecord: output(text()),
    publicDns: output(text()),
    publicIp: output(text()),
  },

  async create(inputs, context) {
    const made = await context.client(EC2Client).send(
      new AllocateAddressCommand({
        Domain: "vpc",
        Address: inputs.address,
        PublicIpv4Pool: inputs.publicIpv4Pool,
        NetworkBorderGroup: inputs.networkBorderGroup,
        TagSpecifications: tagSpecifications("elastic-ip", inputs.tags),
      }),
    );
    const id = made.AllocationId as string;
    context.created(id);
    await associate(id, inputs, context);
    return id;
  },

  async read(id, context) {
    const found = await describe(id, context);
    if (!found) return undefined;
    return {
      domain: found.Domain,
      publicIpv4Pool: found.PublicIpv4Pool,
      networkBorderGroup: found.NetworkBorderGroup,
      instance: found.InstanceId ?? "",
      networkInterface: found.NetworkInterfaceId ?? "",
      ...tagState(found.Tags),
      allocationId: id,
      arn: await ec2Arn(`elastic-ip/${id}`, context),
      associationId: found.AssociationId ?? "",
      carrierIp: found.CarrierIp ?? "",
      customerOwnedIp: found.CustomerOwnedIp ?? "",
      privateDns: found.PrivateIpAddress && `ip-${dashed(found.PrivateIpAddress)}.${hostDomain(context, "internal")}`,
      privateIp: found.PrivateIpAddress,
      ptrRecord: "",
      publicDns: found.PublicIp && `ec2-${dashed(found.PublicIp)}.${hostDomain(context, context.dnsSuffix)}`,
      publicIp: found.PublicIp,
    };
  },

  async update({ id, old, inputs, changes }, context) {
    if (changes("instance", "networkInterface", "associateWithPrivateIp")) {
      await disassociate(old.associationId, context);
      await associate(id, inputs, context);
    }
    if (changes("tags")) await updateTags(id, old.tags, inputs.tags, context);
  },

  async delete(id, state, context) {
    const found = await describe(id, context);
    if (!found) return;
    // An address that a NAT gateway holds is its own to give back.
    if (state.instance || state.networkInterface) await disassociate(found.AssociationId, context);
    await context.retry(
      () => context.client(EC2Client).send(new ReleaseAddressCommand({ AllocationId: id })),
      (error) => hasCode(error, ["InvalidIPAddress.InUse", "AuthFailure"]),
    );
  },
});

async function describe(id: string, context: Context): Promise<Address | undefined> {
  const { Addresses } = await context.client(EC2Client).send(new DescribeAddressesCommand({ AllocationIds: [id] }));
  return Addresses?.[0];
}

interface Target {
  instance?: string;
  networkInterface?: string;
  associateWithPrivateIp?: string;
}

async function associate(id: string, target: Target, context: Context): Promise<void> {
  if (!target.instance && !target.networkInterface) return;
  const command = new AssociateAddressCommand({
    AllocationId: id,
    InstanceId: target.instance || undefined,
    NetworkInterfaceId: target.networkInterface || undefined,
    PrivateIpAddress: target.associateWithPrivateIp,
  });
  await context.retry(
    () => context.client(EC2Client).send(command),
    (error) => hasCode(error, ["InvalidAllocationID.NotFound", "IncorrectInstanceState"]),
  );
}

async function disassociate(associationId: string | undefined, context: Context): Promise<void> {
  if (!associationId) return;
  await orAbsent(
    context.client(EC2Client).send(new DisassociateAddressCommand({ AssociationId: associationId })),
    "AuthFailure",
  );
}

function dashed(address: string): string {
  return address.replaceAll(".", "-");
}

/** The domain of EC2's host names ("EC2 instance hostnames and domains"): us-east-1 has names of its own. */
function hostDomain(context: Context, top: string): string {
  if (context.region !== "us-east-1") return `${context.region}.compute.${top}`;
  return top === "internal" ? "ec2.internal" : `compute-1.${top}`;
}
