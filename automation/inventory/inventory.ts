// What exists in the cloud for an environment, asked of the cloud itself and never of the Pulumi state.
import { CrucibleError, messageOf } from "../errors.js";
import {
  type ClientOf,
  describeItem,
  entryOf,
  type InventoryEntry,
  type InventoryItem,
  type InventorySource,
} from "./item.js";

/** Whether an item belongs to the environment. */
export type Scope = (item: InventoryEntry) => boolean;

/** An account of its own: everything in it is the environment's. */
export const wholeAccount: Scope = () => true;

/** A shared account: what bears the environment's suffix, as a word of its own, in its id or name. */
export function bySuffix(suffix: string): Scope {
  const word = new RegExp(`(^|[^a-z0-9])${suffix}($|[^a-z0-9])`, "i");
  return ({ id, name }) => word.test(id) || (name !== undefined && word.test(name));
}

/** Clients by region; the environment's own region is the first. */
export type RegionalClients = ReadonlyMap<string, ClientOf>;

/**
 * Asks every service in every region side by side.
 *
 * @throws CrucibleError naming each service that did not answer: an inventory with a hole proves nothing
 */
export async function takeInventory(
  sources: readonly InventorySource[],
  clients: RegionalClients,
  scope: Scope,
): Promise<InventoryItem[]> {
  const [own] = clients.keys();
  const questions = [...clients].flatMap(([region, client]) =>
    sources
      .filter(({ isGlobal }) => region === own || !isGlobal)
      .map((source) => ({ source, client, elsewhere: region === own ? undefined : region })),
  );
  const answers = await Promise.allSettled(questions.map(({ source, client }) => source.list(client)));
  const failed: string[] = [];
  const items = answers.flatMap((answer, index) => {
    const { source, elsewhere } = questions[index] as (typeof questions)[number];
    if (answer.status === "rejected") {
      failed.push(`${source.service}${elsewhere ? ` in ${elsewhere}` : ""}: ${messageOf(answer.reason)}`);
      return [];
    }
    return elsewhere ? answer.value.map((item) => ({ ...item, region: elsewhere })) : answer.value;
  });
  if (failed.length > 0)
    throw new CrucibleError(`The inventory is incomplete, these services did not answer: ${failed.join("; ")}`);
  return items.filter(scope);
}

/** What is left, a line each, in a fixed order. */
export const summarize = (items: readonly InventoryEntry[]): string[] => items.map(describeItem).sort();

export interface Reaped {
  removed: InventoryEntry[];
  /** What could not be removed, with the last reason. */
  left: { item: InventoryEntry; reason: string }[];
}

/**
 * Removes everything that `take` finds and that can be removed. Things that others need go in a later round: as long as a round
 * removes something, or time is left in which deletions may come to pass, there is another.
 *
 * @param wait the pause after a round that removed nothing; resolves to false when it is time to give up
 */
export async function reap(
  take: () => Promise<InventoryItem[]>,
  wait: (round: number) => Promise<boolean>,
): Promise<Reaped> {
  const removed = new Map<string, InventoryEntry>();
  for (let idle = 0; ; ) {
    const items = await take();
    const reasons = new Map<string, string>();
    let progress = false;
    for (const item of items) {
      const key = describeItem(item);
      try {
        await item.remove();
        // Told to go a second time, it is on its way: that is no progress.
        progress ||= !removed.has(key);
        removed.set(key, entryOf(item));
      } catch (error) {
        reasons.set(key, messageOf(error));
      }
    }
    if (items.length === 0) return { removed: [...removed.values()], left: [] };
    idle = progress ? 0 : idle + 1;
    if (!progress && (items.every(({ byHand }) => byHand) || !(await wait(idle)))) {
      const left = items.map((item) => ({
        item: entryOf(item),
        reason: reasons.get(describeItem(item)) ?? "still there after its deletion",
      }));
      const names = new Set(left.map(({ item }) => describeItem(item)));
      return { removed: [...removed.values()].filter((item) => !names.has(describeItem(item))), left };
    }
  }
}
