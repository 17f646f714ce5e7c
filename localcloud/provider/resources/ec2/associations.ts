// aws:ec2/routeTableAssociation:RouteTableAssociation and aws:ec2/mainRouteTableAssociation:MainRouteTableAssociation: which route table
// a subnet, a gateway or (main) the rest of a VPC uses. Moving an association to another table gives it a new id in AWS, while Pulumi's
// stays: so what is looked for is the association of the subnet, gateway or VPC.
import {
  AssociateRouteTableCommand,
  DescribeRouteTablesCommand,
  DisassociateRouteTableCommand,
  EC2Client,
  type Filter,
  ReplaceRouteTableAssociationCommand,
  type RouteTableAssociation,
} from "@aws-sdk/client-ec2";
import { type Context, resource } from "../../descriptor.js";
import { hasCode, orAbsent } from "../../errors.js";
import { output, text } from "../../properties.js";
import { isKnown } from "../../wire.js";

async function find(
  filters: Filter[],
  matches: (association: RouteTableAssociation) => boolean,
  context: Context,
): Promise<RouteTableAssociation | undefined> {
  const found = await context.client(EC2Client).send(new DescribeRouteTablesCommand({ Filters: filters }));
  return found.RouteTables?.flatMap((table) => table.Associations ?? []).find(
    (each) => matches(each) && !["disassociating", "disassociated"].includes(each.AssociationState?.State ?? ""),
  );
}

/** What an association belongs to. */
interface Owner {
  subnetId?: string;
  gatewayId?: string;
}

function findOf(owner: Owner, context: Context): Promise<RouteTableAssociation | undefined> {
  const { subnetId, gatewayId } = owner;
  return subnetId
    ? find([{ Name: "association.subnet-id", Values: [subnetId] }], (each) => each.SubnetId === subnetId, context)
    : find(
        [{ Name: "association.gateway-id", Values: [gatewayId ?? ""] }],
        (each) => gatewayId !== undefined && each.GatewayId === gatewayId,
        context,
      );
}

/** `subnet-0123/rtb-0456`, as the official provider imports associations. */
function fromImportId(id: string): Owner {
  const [owner = "", table] = id.split("/");
  if (!table?.startsWith("rtb-"))
    throw new Error(`"${id}" is not SUBNETID/ROUTETABLEID, by which an association is imported`);
  return owner.startsWith("subnet-") ? { subnetId: owner } : { gatewayId: owner };
}

export const routeTableAssociation = resource({
  type: "aws:ec2/routeTableAssociation:RouteTableAssociation",
  properties: {
    routeTableId: text({ required: true }),
    subnetId: text({ replace: true }),
    gatewayId: text({ replace: true }),
  },
  identity: ["subnetId", "gatewayId"],

  check(inputs) {
    const given = [inputs.subnetId, inputs.gatewayId].filter((value) => value !== undefined);
    return given.length === 0 || given.filter(isKnown).length > 1
      ? [{ property: "subnetId", reason: "exactly one of subnetId, gatewayId is needed" }]
      : [];
  },

  async create(inputs, context) {
    const made = await context.retry(
      () =>
        context.client(EC2Client).send(
          new AssociateRouteTableCommand({
            RouteTableId: inputs.routeTableId,
            SubnetId: inputs.subnetId,
            GatewayId: inputs.gatewayId,
          }),
        ),
      (error) => hasCode(error, ["InvalidRouteTableID.NotFound"]),
      60,
    );
    return made.AssociationId as string;
  },

  async read(id, context, known) {
    const found = await findOf(known.subnetId || known.gatewayId ? known : fromImportId(id), context);
    if (!found) return undefined;
    return {
      id: found.RouteTableAssociationId,
      routeTableId: found.RouteTableId,
      subnetId: found.SubnetId,
      gatewayId: found.GatewayId,
    };
  },

  async update({ inputs }, context) {
    const found = await findOf(inputs, context);
    await context.client(EC2Client).send(
      new ReplaceRouteTableAssociationCommand({
        AssociationId: found?.RouteTableAssociationId,
        RouteTableId: inputs.routeTableId,
      }),
    );
  },

  async delete(_id, state, context) {
    const found = await findOf(state, context);
    if (found)
      await context
        .client(EC2Client)
        .send(new DisassociateRouteTableCommand({ AssociationId: found.RouteTableAssociationId }));
  },
});

function findMain(vpcId: string, context: Context): Promise<RouteTableAssociation | undefined> {
  const filters = [
    { Name: "vpc-id", Values: [vpcId] },
    { Name: "association.main", Values: ["true"] },
  ];
  return find(filters, (each) => each.Main === true, context);
}

async function makeMain(vpcId: string, tableId: string, context: Context): Promise<string> {
  const main = await findMain(vpcId, context);
  if (!main) throw new Error(`the VPC ${vpcId} has no main route table`);
  const answer = await context.client(EC2Client).send(
    new ReplaceRouteTableAssociationCommand({
      AssociationId: main.RouteTableAssociationId,
      RouteTableId: tableId,
    }),
  );
  return answer.NewAssociationId as string;
}

/** The tables that were main before, by the association's id, from a change to the reading that follows it. */
const originals = new Map<string, string>();

export const mainRouteTableAssociation = resource({
  type: "aws:ec2/mainRouteTableAssociation:MainRouteTableAssociation",
  properties: {
    vpcId: text({ required: true, replace: true }),
    routeTableId: text({ required: true }),
    originalRouteTableId: output(text()),
  },
  identity: ["vpcId"],

  async create(inputs, context) {
    const main = await findMain(inputs.vpcId, context);
    const id = await makeMain(inputs.vpcId, inputs.routeTableId, context);
    if (main?.RouteTableId) originals.set(id, main.RouteTableId);
    return id;
  },

  async read(id, context, known) {
    const main = known.vpcId && (await orAbsent(findMain(known.vpcId, context)));
    if (!main) return undefined;
    const originalRouteTableId = originals.get(id) ?? known.originalRouteTableId;
    originals.delete(id);
    return {
      id: main.RouteTableAssociationId,
      vpcId: known.vpcId,
      routeTableId: main.RouteTableId,
      originalRouteTableId,
    };
  },

  async update({ id, old, inputs }, context) {
    if (old.originalRouteTableId) originals.set(id, old.originalRouteTableId);
    await makeMain(inputs.vpcId, inputs.routeTableId, context);
  },

  async delete(_id, state, context) {
    const { vpcId, originalRouteTableId } = state;
    if (vpcId && originalRouteTableId && (await orAbsent(findMain(vpcId, context))))
      await makeMain(vpcId, originalRouteTableId, context);
  },
});
