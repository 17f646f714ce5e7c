// What the local cloud itself tells of an account: the regions in which there is anything, and the things of services that the
// inventory has no source for.
import { z } from "zod";
import type { Cloud } from "../../localcloud/server/cloud.js";
import { postJson } from "../../localcloud/server/request.js";
import type { InventoryItem, InventorySource } from "./item.js";

const Answer = z.object({
  regions: z.array(z.string()),
  things: z.array(
    z.object({ service: z.string(), region: z.string().nullable(), id: z.string(), name: z.string().nullable() }),
  ),
});

export interface Holdings {
  /** The environment's own first, then the others, in order. */
  regions: string[];
  /** Things that no source asks for, as of services without one: `rds cluster/orders`. They can be named, not removed. */
  others: InventoryItem[];
}

/**
 * Asks the local cloud what an account holds.
 *
 * @param ownRegion the region that goes without saying
 * @param sources services that the inventory asks itself
 */
export async function askHoldings(
  cloud: Pick<Cloud, "endpoint" | "token">,
  account: string,
  ownRegion: string,
  sources: readonly Pick<InventorySource, "service" | "otherKinds">[],
): Promise<Holdings> {
  const known: Record<string, string[]> = {};
  for (const { service, otherKinds = [] } of sources) known[service] = [...(known[service] ?? []), ...otherKinds];
  const answer = await postJson(`${cloud.endpoint}/_crucible/holdings`, cloud.token, { account, known });
  const { regions, things } = Answer.parse(answer);
  return {
    regions: [ownRegion, ...regions.filter((region) => region !== ownRegion)],
    others: things.map(({ service, region, id, name }) => ({
      type: service,
      id,
      ...(name !== null && { name }),
      ...(region !== null && region !== ownRegion && { region }),
      byHand: true,
      remove: () => Promise.reject(new Error(`crucible has no way to delete it`)),
    })),
  };
}
