// Routes: where a destination's traffic goes, as a resource of its own or in a route table's list.
import { crc32 } from "node:zlib";
import {
  CreateRouteCommand,
  DeleteRouteCommand,
  DescribeRouteTablesCommand,
  EC2Client,
  ReplaceRouteCommand,
  type Route,
  type RouteTable,
} from "@aws-sdk/client-ec2";
import type { Context } from "../../descriptor.js";
import { hasCode, orAbsent } from "../../errors.js";
import { object, set, text } from "../../properties.js";

/** Pulumi's names of a route's targets, and AWS's. */
const TARGETS = {
  gatewayId: "GatewayId",
  natGatewayId: "NatGatewayId",
  networkInterfaceId: "NetworkInterfaceId",
  transitGatewayId: "TransitGatewayId",
  vpcEndpointId: "VpcEndpointId",
  vpcPeeringConnectionId: "VpcPeeringConnectionId",
  egressOnlyGatewayId: "EgressOnlyInternetGatewayId",
  carrierGatewayId: "CarrierGatewayId",
  localGatewayId: "LocalGatewayId",
  coreNetworkArn: "CoreNetworkArn",
} as const;
export type Target = keyof typeof TARGETS;
export const TARGET_NAMES = Object.keys(TARGETS) as Target[];

/** A destination in AWS's words; one of them is set. */
export interface Destination {
  DestinationCidrBlock?: string;
  DestinationIpv6CidrBlock?: string;
  DestinationPrefixListId?: string;
}

/** The text that names a destination. */
export function destinationText(to: Destination): string {
  return to.DestinationCidrBlock ?? to.DestinationIpv6CidrBlock ?? to.DestinationPrefixListId ?? "";
}

/** A destination by its text, e.g. from an import's id. */
export function parseDestination(given: string): Destination {
  if (given.startsWith("pl-")) return { DestinationPrefixListId: given };
  return given.includes(":") ? { DestinationIpv6CidrBlock: given } : { DestinationCidrBlock: given };
}

/** The id that the official provider gives a route: of the table and a checksum of the destination. */
export function routeId(tableId: string, to: Destination): string {
  return `r-${tableId}${crc32(destinationText(to))}`;
}

/** Targets as AWS takes them. */
export function targetRequest(target: { [name in Target]?: string }): Record<string, string> {
  const given = TARGET_NAMES.filter((name) => target[name]);
  return Object.fromEntries(given.map((name) => [TARGETS[name], target[name] as string]));
}

/** The target of a route, in Pulumi's words. AWS shows an endpoint as a gateway. */
export function targetState(route: Route): { [name in Target]?: string } {
  const state: { [name in Target]?: string } = {};
  for (const name of TARGET_NAMES) {
    const key = TARGETS[name];
    const value = key === "VpcEndpointId" ? undefined : route[key as keyof Route];
    if (typeof value === "string" && value !== "") state[name] = value;
  }
  if (state.gatewayId?.startsWith("vpce-")) {
    state.vpcEndpointId = state.gatewayId;
    delete state.gatewayId;
  }
  return state;
}

const targetProperties = {
  gatewayId: text(),
  natGatewayId: text(),
  networkInterfaceId: text(),
  transitGatewayId: text(),
  vpcEndpointId: text(),
  vpcPeeringConnectionId: text(),
  egressOnlyGatewayId: text(),
  carrierGatewayId: text(),
  localGatewayId: text(),
  coreNetworkArn: text(),
};

/** Targets as properties of a resource; a route's target changes in place. */
export { targetProperties };

/** The routes of a table as its property; left out, they are nobody's business here. */
export const routesProperty = set(
  object({
    cidrBlock: text(),
    ipv6CidrBlock: text(),
    destinationPrefixListId: text(),
    ...targetProperties,
  }),
  { computed: true },
);

export type InlineRoute = {
  cidrBlock?: string;
  ipv6CidrBlock?: string;
  destinationPrefixListId?: string;
} & { [name in Target]?: string };

function inlineDestination(route: InlineRoute): Destination {
  if (route.cidrBlock) return { DestinationCidrBlock: route.cidrBlock };
  if (route.ipv6CidrBlock) return { DestinationIpv6CidrBlock: route.ipv6CidrBlock };
  return { DestinationPrefixListId: route.destinationPrefixListId };
}

/** The routes of a table that somebody made, without those that AWS makes for the VPC itself, endpoints and propagation. */
export function inlineRoutes(table: RouteTable): InlineRoute[] {
  const own = (table.Routes ?? []).filter(
    (route) =>
      route.Origin === "CreateRoute" &&
      !(route.GatewayId?.startsWith("vpce-") && route.DestinationPrefixListId !== undefined),
  );
  return own.map((route) => {
    const state: InlineRoute = targetState(route);
    if (route.DestinationCidrBlock) state.cidrBlock = route.DestinationCidrBlock;
    if (route.DestinationIpv6CidrBlock) state.ipv6CidrBlock = route.DestinationIpv6CidrBlock;
    if (route.DestinationPrefixListId) state.destinationPrefixListId = route.DestinationPrefixListId;
    return state;
  });
}

export async function describeTable(id: string, context: Context): Promise<RouteTable | undefined> {
  const found = await orAbsent(context.client(EC2Client).send(new DescribeRouteTablesCommand({ RouteTableIds: [id] })));
  return found?.RouteTables?.[0];
}

export async function createRoute(tableId: string, to: Destination, target: Record<string, string>, context: Context) {
  const ec2 = context.client(EC2Client);
  await context.retry(
    () => ec2.send(new CreateRouteCommand({ RouteTableId: tableId, ...to, ...target })),
    // A gateway made a moment ago may not be known everywhere yet.
    (error) =>
      hasCode(error, ["InvalidParameterException", "InvalidGatewayID.NotFound", "InvalidTransitGatewayID.NotFound"]),
  );
}

export async function replaceRoute(tableId: string, to: Destination, target: Record<string, string>, context: Context) {
  await context.client(EC2Client).send(new ReplaceRouteCommand({ RouteTableId: tableId, ...to, ...target }));
}

export async function deleteRoute(tableId: string, to: Destination, context: Context) {
  await orAbsent(context.client(EC2Client).send(new DeleteRouteCommand({ RouteTableId: tableId, ...to })));
}

/** Makes a table's routes be `wanted`, by the fewest calls. */
export async function applyRoutes(tableId: string, wanted: readonly InlineRoute[], context: Context): Promise<void> {
  const table = await describeTable(tableId, context);
  const actual = new Map(inlineRoutes(table ?? {}).map((route) => [destinationText(inlineDestination(route)), route]));
  const wantedTexts = new Set(wanted.map((route) => destinationText(inlineDestination(route))));
  for (const [destination, route] of actual)
    if (!wantedTexts.has(destination)) await deleteRoute(tableId, inlineDestination(route), context);
  for (const route of wanted) {
    const to = inlineDestination(route);
    const before = actual.get(destinationText(to));
    const target = targetRequest(route);
    if (!before) await createRoute(tableId, to, target, context);
    else if (JSON.stringify(targetRequest(before)) !== JSON.stringify(target))
      await replaceRoute(tableId, to, target, context);
  }
}
