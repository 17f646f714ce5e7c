// AWS SDK clients of one environment, each class made once and all closed together.
import type { ClientOf } from "../inventory/item.js";
import type { ClientSettings } from "./settings.js";

/** Anything that can be made from client settings, as every client of the AWS SDK v3 can. */
export type ClientClass<C> = new (settings: never) => C;

export interface Clients {
  get: ClientOf;
  close(): void;
}

interface Destroyable {
  destroy?(): void;
}

export function createClients(settings: ClientSettings): Clients {
  const made = new Map<unknown, Destroyable>();
  return {
    get<C>(type: ClientClass<C>): C {
      const present = made.get(type);
      if (present) return present as C;
      // Buckets have no host names of their own at an endpoint; other clients ignore the option.
      const client = new type({ ...settings, ...(settings.endpoint && { forcePathStyle: true }) } as never);
      made.set(type, client as Destroyable);
      return client;
    },
    close() {
      for (const client of made.values()) client.destroy?.();
      made.clear();
    },
  };
}
