// aws:ec2/route:Route: one route of a table whose routes are resources of their own.
import type { Route } from "@aws-sdk/client-ec2";
import { type Context, resource } from "../../descriptor.js";
import { output, text } from "../../properties.js";
import { isKnown } from "../../wire.js";
import {
  createRoute,
  type Destination,
  deleteRoute,
  describeTable,
  destinationText,
  parseDestination,
  replaceRoute,
  routeId,
  TARGET_NAMES,
  targetProperties,
  targetRequest,
  targetState,
} from "./routes.js";

const DESTINATIONS = ["destinationCidrBlock", "destinationIpv6CidrBlock", "destinationPrefixListId"] as const;

export const route = resource({
  type: "aws:ec2/route:Route",
  properties: {
    routeTableId: text({ required: true, replace: true }),
    destinationCidrBlock: text({ replace: true }),
    destinationIpv6CidrBlock: text({ replace: true }),
    destinationPrefixListId: text({ replace: true }),
    ...targetProperties,
    instanceId: output(text(), { volatile: true }),
    instanceOwnerId: output(text(), { volatile: true }),
    origin: output(text()),
    state: output(text(), { volatile: true }),
  },
  identity: ["routeTableId", ...DESTINATIONS],

  check(inputs) {
    const given = (names: readonly string[]) =>
      names.filter((name) => (inputs as Record<string, unknown>)[name] !== undefined);
    const wrong = [DESTINATIONS, TARGET_NAMES].filter((names) => {
      const known = given(names).filter((name) => isKnown((inputs as Record<string, unknown>)[name]));
      return given(names).length === 0 || known.length > 1;
    });
    return wrong.map((names) => ({
      property: names[0] as string,
      reason: `exactly one of ${names.join(", ")} is needed`,
    }));
  },

  async create(inputs, context) {
    const to = destinationOf(inputs);
    await createRoute(inputs.routeTableId, to, targetRequest(inputs), context);
    return routeId(inputs.routeTableId, to);
  },

  async read(id, context, known) {
    const [tableId, to] = known.routeTableId ? [known.routeTableId, destinationOf(known)] : fromImportId(id);
    const found = await find(tableId, to, context);
    if (!found) return undefined;
    return {
      id: routeId(tableId, to),
      routeTableId: tableId,
      destinationCidrBlock: found.DestinationCidrBlock,
      destinationIpv6CidrBlock: found.DestinationIpv6CidrBlock,
      destinationPrefixListId: found.DestinationPrefixListId,
      ...targetState(found),
      instanceId: found.InstanceId ?? "",
      instanceOwnerId: found.InstanceOwnerId ?? "",
      origin: found.Origin,
      state: found.State,
    };
  },

  async update({ inputs }, context) {
    await replaceRoute(inputs.routeTableId, destinationOf(inputs), targetRequest(inputs), context);
  },

  async delete(_id, state, context) {
    if (state.routeTableId) await deleteRoute(state.routeTableId, destinationOf(state), context);
  },
});

function destinationOf(values: { [name in (typeof DESTINATIONS)[number]]?: string }): Destination {
  if (values.destinationCidrBlock) return { DestinationCidrBlock: values.destinationCidrBlock };
  if (values.destinationIpv6CidrBlock) return { DestinationIpv6CidrBlock: values.destinationIpv6CidrBlock };
  return { DestinationPrefixListId: values.destinationPrefixListId };
}

/** `rtb-0123_10.0.0.0/8`, as the official provider imports routes. */
function fromImportId(id: string): [string, Destination] {
  const [tableId, destination] = id.split("_");
  if (!tableId || !destination)
    throw new Error(`"${id}" is not ROUTETABLEID_DESTINATION, by which a route is imported`);
  return [tableId, parseDestination(destination)];
}

async function find(tableId: string, to: Destination, context: Context): Promise<Route | undefined> {
  const table = await describeTable(tableId, context);
  return table?.Routes?.find((each) => destinationText(each) === destinationText(to) && each.Origin === "CreateRoute");
}
