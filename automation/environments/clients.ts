// AWS SDK clients of one environment, each class made once and all closed together.
import type { ClientOf } from "../inventory/item.js";
import type { ClientSettings } from "./settings.js";

/** Anything that can be made from client settings, as every client of the AWS SDK v3 can. */
export type ClientClass<C> = new (settings: never) => C;

export interface Clients {
  get: ClientOf;
  /** The same in another region. */
  inRegion(region: string): ClientOf;
  close(): void;
}

interface Destroyable {
  destroy?(): void;
}

export function createClients(settings: ClientSettings): Clients {
  const made = new Map<string, Map<unknown, Destroyable>>();
  const inRegion = (region: string): ClientOf => {
    const ofRegion = made.get(region) ?? new Map<unknown, Destroyable>();
    made.set(region, ofRegion);
    return <C>(type: ClientClass<C>): C => {
      const present = ofRegion.get(type);
      if (present) return present as C;
      // Buckets have no host names of their own at an endpoint; other clients ignore the option.
      const path = settings.endpoint ? { forcePathStyle: true } : {};
      const client = new type({ ...settings, region, ...path } as never);
      ofRegion.set(type, client as Destroyable);
      return client;
    };
  };
  return {
    get: inRegion(settings.region),
    inRegion,
    close() {
      for (const ofRegion of made.values()) {
        for (const client of ofRegion.values()) client.destroy?.();
        ofRegion.clear();
      }
    },
  };
}
