// aws:ec2/routeTable:RouteTable, with routes and propagating gateways of its own where the program gives them.
import {
  CreateRouteTableCommand,
  DeleteRouteTableCommand,
  DisableVgwRoutePropagationCommand,
  DisassociateRouteTableCommand,
  EC2Client,
  EnableVgwRoutePropagationCommand,
  type RouteTable,
} from "@aws-sdk/client-ec2";
import { type Context, resource } from "../../descriptor.js";
import { hasCode, orAbsent } from "../../errors.js";
import { output, set, tagged, text } from "../../properties.js";
import { tagState } from "../../tags.js";
import { applyRoutes, describeTable, type InlineRoute, inlineRoutes, routesProperty } from "./routes.js";
import { ec2Arn, tagSpecifications, updateTags } from "./tags.js";

/** What every route table has, the default one too. */
export const tableProperties = {
  routes: routesProperty,
  propagatingVgws: set(text(), { computed: true }),
  ...tagged,
  arn: output(text()),
  ownerId: output(text()),
};

export async function tableState(table: RouteTable, context: Context) {
  return {
    vpcId: table.VpcId,
    routes: inlineRoutes(table),
    propagatingVgws: (table.PropagatingVgws ?? []).map((each) => each.GatewayId ?? ""),
    ...tagState(table.Tags),
    arn: await ec2Arn(`route-table/${table.RouteTableId}`, context, table.OwnerId),
    ownerId: table.OwnerId,
  };
}

/** Makes the gateways whose routes a table takes over be `wanted`. */
export async function applyPropagation(table: RouteTable, wanted: readonly string[], context: Context): Promise<void> {
  const ec2 = context.client(EC2Client);
  const actual = (table.PropagatingVgws ?? []).map((each) => each.GatewayId ?? "");
  for (const GatewayId of actual.filter((each) => !wanted.includes(each)))
    await ec2.send(new DisableVgwRoutePropagationCommand({ RouteTableId: table.RouteTableId, GatewayId }));
  for (const GatewayId of wanted.filter((each) => !actual.includes(each)))
    await ec2.send(new EnableVgwRoutePropagationCommand({ RouteTableId: table.RouteTableId, GatewayId }));
}

export const routeTable = resource({
  type: "aws:ec2/routeTable:RouteTable",
  properties: { vpcId: text({ required: true, replace: true }), ...tableProperties },

  async create(inputs, context) {
    const made = await context.client(EC2Client).send(
      new CreateRouteTableCommand({
        VpcId: inputs.vpcId,
        TagSpecifications: tagSpecifications("route-table", inputs.tags),
      }),
    );
    const table = made.RouteTable as RouteTable;
    const id = table.RouteTableId as string;
    context.created(id);
    if (inputs.propagatingVgws) await applyPropagation(table, inputs.propagatingVgws, context);
    if (inputs.routes) await applyRoutes(id, inputs.routes as InlineRoute[], context);
    return id;
  },

  async read(id, context) {
    const table = await describeTable(id, context);
    return table && (await tableState(table, context));
  },

  async update({ id, old, inputs, changes }, context) {
    const table = await describeTable(id, context);
    if (table && changes("propagatingVgws") && inputs.propagatingVgws)
      await applyPropagation(table, inputs.propagatingVgws, context);
    if (changes("routes") && inputs.routes) await applyRoutes(id, inputs.routes as InlineRoute[], context);
    if (changes("tags")) await updateTags(id, old.tags, inputs.tags, context);
  },

  async delete(id, _state, context) {
    const ec2 = context.client(EC2Client);
    const table = await describeTable(id, context);
    for (const association of table?.Associations ?? [])
      if (!association.Main)
        await orAbsent(
          ec2.send(new DisassociateRouteTableCommand({ AssociationId: association.RouteTableAssociationId })),
        );
    await context.retry(
      () => ec2.send(new DeleteRouteTableCommand({ RouteTableId: id })),
      (error) => hasCode(error, ["DependencyViolation"]),
      300,
    );
  },
});
