// aws:ec2/subnet:Subnet
import {
  AssociateSubnetCidrBlockCommand,
  CreateSubnetCommand,
  DeleteSubnetCommand,
  DescribeSubnetsCommand,
  DisassociateSubnetCidrBlockCommand,
  EC2Client,
  type HostnameType,
  ModifySubnetAttributeCommand,
  type Subnet,
} from "@aws-sdk/client-ec2";
import { type Context, type CreateContext, resource } from "../../descriptor.js";
import { hasCode } from "../../errors.js";
import { flag, output, type State, tagged, text } from "../../properties.js";
import { tagState } from "../../tags.js";
import { tagSpecifications, updateTags } from "./tags.js";

const properties = {
  vpcId: text({ required: true, replace: true }),
  cidrBlock: text({ computed: true, replace: true }),
  availabilityZone: text({ computed: true, replace: true }),
  availabilityZoneId: text({ computed: true, replace: true }),
  mapPublicIpOnLaunch: flag({ default: false }),
  assignIpv6AddressOnCreation: flag({ default: false }),
  enableDns64: flag({ default: false }),
  enableResourceNameDnsARecordOnLaunch: flag({ default: false }),
  enableResourceNameDnsAaaaRecordOnLaunch: flag({ default: false }),
  privateDnsHostnameTypeOnLaunch: text({ computed: true, values: ["ip-name", "resource-name"] }),
  ipv6CidrBlock: text(),
  ipv6Native: flag({ default: false, replace: true }),
  ...tagged,
  arn: output(text()),
  ipv6CidrBlockAssociationId: output(text(), { volatile: true }),
  ownerId: output(text()),
} as const;

/** Attributes, in an order in which AWS takes them, with the request that sets each. AWS takes one a call. */
const SETTERS = {
  enableDns64: (Value: boolean) => ({ EnableDns64: { Value } }),
  mapPublicIpOnLaunch: (Value: boolean) => ({ MapPublicIpOnLaunch: { Value } }),
  enableResourceNameDnsARecordOnLaunch: (Value: boolean) => ({ EnableResourceNameDnsARecordOnLaunch: { Value } }),
  enableResourceNameDnsAaaaRecordOnLaunch: (Value: boolean) => ({
    EnableResourceNameDnsAAAARecordOnLaunch: { Value },
  }),
  assignIpv6AddressOnCreation: (Value: boolean) => ({ AssignIpv6AddressOnCreation: { Value } }),
};
type Attribute = keyof typeof SETTERS;

export const subnet = resource({
  type: "aws:ec2/subnet:Subnet",
  properties,
  identity: ["vpcId", "cidrBlock"],

  check(inputs) {
    return inputs.availabilityZone !== undefined && inputs.availabilityZoneId !== undefined
      ? [{ property: "availabilityZoneId", reason: "cannot be given together with availabilityZone" }]
      : [];
  },

  async create(inputs, context: CreateContext) {
    const ec2 = context.client(EC2Client);
    const made = await ec2.send(
      new CreateSubnetCommand({
        VpcId: inputs.vpcId,
        CidrBlock: inputs.cidrBlock,
        AvailabilityZone: inputs.availabilityZone,
        AvailabilityZoneId: inputs.availabilityZoneId,
        Ipv6CidrBlock: inputs.ipv6CidrBlock,
        Ipv6Native: inputs.ipv6Native || undefined,
        TagSpecifications: tagSpecifications("subnet", inputs.tags),
      }),
    );
    const id = made.Subnet?.SubnetId as string;
    context.created(id);
    await context.waitFor(
      `subnet ${id} to be available`,
      async () => ((await describe(id, context))?.State === "available" ? true : undefined),
      600,
    );
    for (const [name, setter] of Object.entries(SETTERS))
      if (inputs[name as Attribute]) await modify(id, setter(true), context);
    const hostnameType = inputs.privateDnsHostnameTypeOnLaunch;
    if (hostnameType) await modify(id, { PrivateDnsHostnameTypeOnLaunch: hostnameType as HostnameType }, context);
    return id;
  },

  async read(id, context) {
    const found = await describe(id, context);
    if (!found) return undefined;
    const ipv6 = found.Ipv6CidrBlockAssociationSet?.find((each) => each.Ipv6CidrBlockState?.State === "associated");
    const names = found.PrivateDnsNameOptionsOnLaunch;
    return {
      vpcId: found.VpcId,
      cidrBlock: found.CidrBlock,
      availabilityZone: found.AvailabilityZone,
      availabilityZoneId: found.AvailabilityZoneId,
      mapPublicIpOnLaunch: found.MapPublicIpOnLaunch,
      assignIpv6AddressOnCreation: found.AssignIpv6AddressOnCreation,
      enableDns64: found.EnableDns64,
      enableResourceNameDnsARecordOnLaunch: names?.EnableResourceNameDnsARecord,
      enableResourceNameDnsAaaaRecordOnLaunch: names?.EnableResourceNameDnsAAAARecord,
      privateDnsHostnameTypeOnLaunch: names?.HostnameType,
      ipv6CidrBlock: ipv6?.Ipv6CidrBlock,
      ipv6Native: found.Ipv6Native,
      ...tagState(found.Tags),
      arn: found.SubnetArn,
      ipv6CidrBlockAssociationId: ipv6?.AssociationId,
      ownerId: found.OwnerId,
    };
  },

  async update({ id, old, inputs, changes }, context) {
    if (changes("ipv6CidrBlock")) await changeIpv6(id, old, inputs.ipv6CidrBlock, context);
    for (const [name, setter] of Object.entries(SETTERS))
      if (changes(name as Attribute)) await modify(id, setter(inputs[name as Attribute] ?? false), context);
    if (changes("privateDnsHostnameTypeOnLaunch"))
      await modify(
        id,
        { PrivateDnsHostnameTypeOnLaunch: inputs.privateDnsHostnameTypeOnLaunch as HostnameType },
        context,
      );
    if (changes("tags")) await updateTags(id, old.tags, inputs.tags, context);
  },

  async delete(id, _state, context) {
    const ec2 = context.client(EC2Client);
    // Network interfaces of services that were just deleted linger for a while.
    await context.retry(
      () => ec2.send(new DeleteSubnetCommand({ SubnetId: id })),
      (error) => hasCode(error, ["DependencyViolation"]),
      1200,
    );
  },
});

async function describe(id: string, context: Context): Promise<Subnet | undefined> {
  const { Subnets } = await context.client(EC2Client).send(new DescribeSubnetsCommand({ SubnetIds: [id] }));
  return Subnets?.[0];
}

function modify(id: string, attribute: object, context: Context): Promise<unknown> {
  return context.client(EC2Client).send(new ModifySubnetAttributeCommand({ SubnetId: id, ...attribute }));
}

async function changeIpv6(id: string, old: State<typeof properties>, block: string | undefined, context: Context) {
  const ec2 = context.client(EC2Client);
  if (old.ipv6CidrBlockAssociationId) {
    if (old.assignIpv6AddressOnCreation) await modify(id, SETTERS.assignIpv6AddressOnCreation(false), context);
    await ec2.send(new DisassociateSubnetCidrBlockCommand({ AssociationId: old.ipv6CidrBlockAssociationId }));
  }
  if (!block) return;
  await ec2.send(new AssociateSubnetCidrBlockCommand({ SubnetId: id, Ipv6CidrBlock: block }));
  await context.waitFor(
    `the IPv6 block ${block} of subnet ${id} to be associated`,
    async () => {
      const all = (await describe(id, context))?.Ipv6CidrBlockAssociationSet ?? [];
      return all.find((each) => each.Ipv6CidrBlock === block && each.Ipv6CidrBlockState?.State === "associated");
    },
    600,
  );
}
