// aws:ecs/clusterCapacityProviders:ClusterCapacityProviders
import { type CapacityProviderStrategyItem, ECSClient, PutClusterCapacityProvidersCommand } from "@aws-sdk/client-ecs";
import { type Context, resource } from "../../descriptor.js";
import { hasCode } from "../../errors.js";
import { number, object, set, text } from "../../properties.js";
import { describe } from "./cluster.js";

/** While the cluster is being changed, or tasks of a provider that goes still run. */
const PASSING = ["ResourceInUseException", "UpdateInProgressException"];
const PATIENCE_SECONDS = 600;

export const clusterCapacityProviders = resource({
  type: "aws:ecs/clusterCapacityProviders:ClusterCapacityProviders",
  properties: {
    clusterName: text({ required: true, replace: true }),
    capacityProviders: set(text()),
    defaultCapacityProviderStrategies: set(
      object({
        base: number({ default: 0, min: 0, max: 100_000 }),
        capacityProvider: text({ required: true }),
        weight: number({ default: 0, min: 0, max: 1000 }),
      }),
    ),
  },
  identity: ["clusterName"],

  async create(inputs, context) {
    await put(inputs.clusterName, inputs.capacityProviders, inputs.defaultCapacityProviderStrategies, context);
    return inputs.clusterName;
  },

  async read(id, context) {
    const found = await describe(id, context);
    if (!found) return undefined;
    return {
      clusterName: found.clusterName,
      capacityProviders: found.capacityProviders,
      defaultCapacityProviderStrategies: found.defaultCapacityProviderStrategy?.map((each) => ({
        base: each.base ?? 0,
        capacityProvider: each.capacityProvider ?? "",
        weight: each.weight ?? 0,
      })),
    };
  },

  update: ({ id, inputs }, context) =>
    put(id, inputs.capacityProviders, inputs.defaultCapacityProviderStrategies, context),

  async delete(id, _state, context) {
    if (await describe(id, context)) await put(id, [], [], context);
  },
});

async function put(
  cluster: string,
  capacityProviders: string[] = [],
  defaultCapacityProviderStrategy: CapacityProviderStrategyItem[] = [],
  context: Context,
): Promise<void> {
  const request = new PutClusterCapacityProvidersCommand({
    cluster,
    capacityProviders,
    defaultCapacityProviderStrategy,
  });
  await context.retry(
    () => context.client(ECSClient).send(request),
    (error) => hasCode(error, PASSING),
    PATIENCE_SECONDS,
  );
}
