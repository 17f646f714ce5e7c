// Capacity provider strategies: which of a cluster's providers serves which task ("Amazon ECS capacity providers").
import type { CapacityProviderStrategyItem } from "@aws-sdk/client-ecs";
import { shortName } from "../arn.js";
import { invalidParameter } from "../errors.js";

/** The providers that every account has; all that there are here. */
export const FARGATE_PROVIDERS: readonly string[] = ["FARGATE", "FARGATE_SPOT"];

/** @throws InvalidParameterException for a provider that is not there */
export function checkProviders(names: readonly string[]): string[] {
  const unknown = names.find((name) => !FARGATE_PROVIDERS.includes(shortName(name)));
  if (unknown !== undefined) throw invalidParameter(`The specified capacity provider '${unknown}' was not found.`);
  return [...new Set(names.map(shortName))];
}

/**
 * A strategy over the providers of a cluster, with AWS's defaults.
 *
 * @throws InvalidParameterException ("CapacityProviderStrategyItem", Amazon ECS API Reference)
 */
export function checkStrategy(
  strategy: readonly { capacityProvider: string; weight?: number; base?: number }[],
  ofCluster: readonly string[],
): CapacityProviderStrategyItem[] {
  const items = strategy.map(({ capacityProvider, weight = 0, base = 0 }) => ({
    capacityProvider: shortName(capacityProvider),
    weight,
    base,
  }));
  if (items.some(({ capacityProvider }) => !ofCluster.includes(capacityProvider)))
    throw invalidParameter(
      "The specified capacity provider strategy cannot contain a capacity provider that is not associated with the cluster. " +
        "Associate the capacity provider with the cluster and try again.",
    );
  if (items.filter(({ base }) => base > 0).length > 1)
    throw invalidParameter("The specified capacity provider strategy cannot contain more than one base.");
  if (items.length > 0 && items.every(({ weight, base }) => weight === 0 && base === 0))
    throw invalidParameter("At least one capacity provider in the strategy must have a weight greater than zero.");
  if (items.some(({ weight, base }) => weight < 0 || weight > 1000 || base < 0 || base > 100_000))
    throw invalidParameter("The weight must be between 0 and 1000, the base between 0 and 100000.");
  return items;
}

/**
 * Providers of `count` tasks: each provider's base first, the rest by weight.
 *
 * @param running how many tasks of each provider there are already
 */
export function distribute(
  strategy: readonly CapacityProviderStrategyItem[],
  count: number,
  running: ReadonlyMap<string, number> = new Map(),
): string[] {
  const placed = new Map(running);
  const chosen: string[] = [];
  const take = (name: string): void => {
    chosen.push(name);
    placed.set(name, (placed.get(name) ?? 0) + 1);
  };
  while (chosen.length < count) {
    const behind = strategy.find(({ capacityProvider = "", base = 0 }) => (placed.get(capacityProvider) ?? 0) < base);
    // The one that is furthest from its share; a provider without weight serves its base only.
    const share = ({ capacityProvider = "", base = 0, weight = 0 }: CapacityProviderStrategyItem) =>
      ((placed.get(capacityProvider) ?? 0) - base) / weight;
    const next = behind ?? [...strategy].filter(({ weight = 0 }) => weight > 0).sort((a, b) => share(a) - share(b))[0];
    if (next?.capacityProvider === undefined) return chosen;
    take(next.capacityProvider);
  }
  return chosen;
}
