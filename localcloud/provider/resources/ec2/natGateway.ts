// aws:ec2/natGateway:NatGateway
import {
  CreateNatGatewayCommand,
  DeleteNatGatewayCommand,
  DescribeAddressesCommand,
  DescribeNatGatewaysCommand,
  EC2Client,
  type NatGateway,
} from "@aws-sdk/client-ec2";
import { type Context, resource } from "../../descriptor.js";
import { hasCode, orAbsent } from "../../errors.js";
import { output, tagged, text } from "../../properties.js";
import { tagState } from "../../tags.js";
import { tagSpecifications, updateTags } from "./tags.js";

export const natGateway = resource({
  type: "aws:ec2/natGateway:NatGateway",
  properties: {
    subnetId: text({ required: true, replace: true }),
    allocationId: text({ replace: true }),
    connectivityType: text({ default: "public", replace: true, values: ["public", "private"] }),
    privateIp: text({ computed: true, replace: true }),
    ...tagged,
    associationId: output(text()),
    networkInterfaceId: output(text()),
    publicIp: output(text()),
  },
  // An address serves one gateway at a time.
  identity: ["allocationId"],

  async create(inputs, context) {
    if ((inputs.connectivityType === "public") !== (inputs.allocationId !== undefined))
      throw new Error("a public NAT gateway needs an allocationId, a private one takes none");
    const made = await context.client(EC2Client).send(
      new CreateNatGatewayCommand({
        SubnetId: inputs.subnetId,
        AllocationId: inputs.allocationId,
        ConnectivityType: inputs.connectivityType as "public",
        PrivateIpAddress: inputs.privateIp,
        TagSpecifications: tagSpecifications("natgateway", inputs.tags),
      }),
    );
    const id = made.NatGateway?.NatGatewayId as string;
    context.created(id);
    await context.waitFor(
      `NAT gateway ${id} to be available`,
      async () => {
        const found = await describe(id, context);
        if (found?.State === "failed")
          throw new Error(`NAT gateway ${id} failed: ${found.FailureCode}: ${found.FailureMessage}`);
        return found?.State === "available" ? true : undefined;
      },
      600,
    );
    return id;
  },

  async read(id, context, known) {
    const found = await describe(id, context);
    if (!found || isEnding(found)) return undefined;
    const address = found.NatGatewayAddresses?.find((each) => each.IsPrimary) ?? found.NatGatewayAddresses?.[0];
    const allocationId = address?.AllocationId ?? known.allocationId;
    return {
      subnetId: found.SubnetId,
      allocationId,
      connectivityType: found.ConnectivityType,
      privateIp: address?.PrivateIp,
      ...tagState(found.Tags),
      associationId: address?.AssociationId,
      networkInterfaceId: address?.NetworkInterfaceId,
      publicIp: address?.PublicIp ?? (allocationId && (await publicAddress(allocationId, context))),
    };
  },

  async update({ id, old, inputs }, context) {
    await updateTags(id, old.tags, inputs.tags, context);
  },

  async delete(id, _state, context) {
    const ec2 = context.client(EC2Client);
    await ec2.send(new DeleteNatGatewayCommand({ NatGatewayId: id }));
    await context.waitFor(
      `NAT gateway ${id} to be deleted`,
      async () => {
        const found = await orAbsent(describe(id, context));
        return !found || found.State === "deleted" ? true : undefined;
      },
      1800,
    );
  },

  isGone: (error) => hasCode(error, ["InvalidNatGatewayID.NotFound"]),
});

async function describe(id: string, context: Context): Promise<NatGateway | undefined> {
  const { NatGateways } = await context.client(EC2Client).send(new DescribeNatGatewaysCommand({ NatGatewayIds: [id] }));
  return NatGateways?.[0];
}

/** AWS goes on showing a NAT gateway for about an hour after its deletion. */
function isEnding(gateway: NatGateway): boolean {
  return gateway.State === "deleted" || gateway.State === "deleting";
}

/** The address of an allocation, for clouds that do not tell it with the gateway. */
async function publicAddress(allocationId: string, context: Context): Promise<string | undefined> {
  const found = await orAbsent(
    context.client(EC2Client).send(new DescribeAddressesCommand({ AllocationIds: [allocationId] })),
  );
  return found?.Addresses?.[0]?.PublicIp;
}
