// aws:ec2/defaultRouteTable:DefaultRouteTable: takes over the main route table that AWS makes with a VPC. Its routes become those given,
// none by default; with the resource's end it stays as it then is.
import { DescribeRouteTablesCommand, EC2Client } from "@aws-sdk/client-ec2";
import { type Context, resource } from "../../descriptor.js";
import { output, text } from "../../properties.js";
import { applyRoutes, describeTable, type InlineRoute } from "./routes.js";
import { applyPropagation, tableProperties, tableState } from "./routeTable.js";
import { updateTags } from "./tags.js";

export const defaultRouteTable = resource({
  type: "aws:ec2/defaultRouteTable:DefaultRouteTable",
  properties: {
    defaultRouteTableId: text({ required: true, replace: true }),
    ...tableProperties,
    vpcId: output(text()),
  },

  async create(inputs, context) {
    const id = inputs.defaultRouteTableId;
    const table = await describeTable(id, context);
    if (!table) throw new Error(`there is no route table ${id}`);
    await applyPropagation(table, inputs.propagatingVgws ?? [], context);
    await applyRoutes(id, (inputs.routes ?? []) as InlineRoute[], context);
    const { tags } = await tableState(table, context);
    await updateTags(id, tags, inputs.tags, context);
    return id;
  },

  async read(id, context) {
    const tableId = id.startsWith("vpc-") ? await mainTableOf(id, context) : id;
    const table = tableId ? await describeTable(tableId, context) : undefined;
    return table && { id: tableId, defaultRouteTableId: tableId, ...(await tableState(table, context)) };
  },

  async update({ id, old, inputs, changes }, context) {
    const table = await describeTable(id, context);
    if (table && changes("propagatingVgws") && inputs.propagatingVgws)
      await applyPropagation(table, inputs.propagatingVgws, context);
    if (changes("routes") && inputs.routes) await applyRoutes(id, inputs.routes as InlineRoute[], context);
    if (changes("tags")) await updateTags(id, old.tags, inputs.tags, context);
  },

  async delete() {},
});

/** The official provider imports it by its VPC. */
async function mainTableOf(vpcId: string, context: Context): Promise<string | undefined> {
  const found = await context.client(EC2Client).send(
    new DescribeRouteTablesCommand({
      Filters: [
        { Name: "vpc-id", Values: [vpcId] },
        { Name: "association.main", Values: ["true"] },
      ],
    }),
  );
  return found.RouteTables?.[0]?.RouteTableId;
}
