// Events of compute services, heard in process: who waits for a job's end learns of it by its event, without asking again and again.
import type { ComputeContext, ServiceEvent } from "./service.js";

/** An event as everybody else hears it: with what JSON keeps of its detail. */
export type HeardEvent = Omit<ServiceEvent, "detail"> & { detail: { [member: string]: unknown } };

/** Hears events from the moment it was opened, so that nothing is missed between a request and its answer. */
export interface EventWatch {
  /** Hands over the events heard so far, then each as it comes, until the watch is closed. */
  follow(take: (event: HeardEvent) => void): void;
  close(): void;
}

interface Listener {
  heard: HeardEvent[];
  take?: (event: HeardEvent) => void;
}

/** Where events that compute services put on an account's default bus are heard too. */
export class EventTap {
  private readonly listeners = new Map<string, Set<Listener>>();

  /** The context whose events are heard here, and then put on the bus as before. */
  tapped(context: ComputeContext): ComputeContext {
    return {
      ...context,
      putEvent: (account, region, event) => {
        this.announce(account, region, event);
        return context.putEvent(account, region, event);
      },
    };
  }

  /** Tells whoever watches; for events that are put without the context. */
  announce(account: string, region: string, event: ServiceEvent): void {
    const listeners = this.listeners.get(keyOf(account, region, event.detailType));
    if (!listeners) return;
    const heard: HeardEvent = { ...event, detail: JSON.parse(JSON.stringify(event.detail)) };
    for (const listener of [...listeners])
      if (listener.take) listener.take(heard);
      else listener.heard.push(heard);
  }

  /** @param detailTypes e.g. `Batch Job State Change` */
  watch(account: string, region: string, detailTypes: readonly string[]): EventWatch {
    const listener: Listener = { heard: [] };
    const keys = detailTypes.map((detailType) => keyOf(account, region, detailType));
    for (const key of keys) {
      const listeners = this.listeners.get(key) ?? new Set();
      this.listeners.set(key, listeners.add(listener));
    }
    return {
      follow(take) {
        listener.take = take;
        for (const event of listener.heard.splice(0)) take(event);
      },
      close: () => {
        for (const key of keys) {
          const listeners = this.listeners.get(key);
          listeners?.delete(listener);
          if (listeners?.size === 0) this.listeners.delete(key);
        }
      },
    };
  }
}

const keyOf = (...parts: string[]): string => parts.join("/");
