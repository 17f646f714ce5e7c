// A bucket and a table in memory that behave as AWS's do, and fail when they are told to.
import type { ReadPage } from "../../../../jobs/cat/normalize/scan.js";
import type { Key } from "../../../../jobs/cat/normalize/state.js";
import { Conflict, type ReportStore } from "../../../../jobs/cat/normalize/store.js";
import type { Attributes } from "../../../../jobs/cat/normalize/values.js";

/** Is called before and after whatever changes or reads something; it may throw, or take its time. */
export type Fault = (what: string) => void | Promise<void>;

export class MemoryStore implements ReportStore {
  readonly objects = new Map<string, { text: string; etag: string }>();
  #writes = 0;

  constructor(public fault: Fault = () => {}) {}

  async read(key: string) {
    await this.#effect(`read ${key}`, () => {});
    return this.objects.get(key);
  }

  async put(key: string, body: Buffer | string) {
    await this.#effect(`put ${key}`, () => this.#write(key, body.toString()));
  }

  async replace(key: string, text: string, known: string | undefined) {
    return this.#effect(`replace ${key}`, () => {
      if (this.objects.get(key)?.etag !== known) throw new Conflict(key);
      return this.#write(key, text);
    });
  }

  async copy(from: string, to: string) {
    await this.#effect(`copy ${from}`, () => {
      const found = this.objects.get(from);
      if (!found) throw new Error(`NoSuchKey: ${from}`);
      this.#write(to, found.text);
    });
  }

  async list(prefix: string) {
    return this.#effect(`list ${prefix}`, () =>
      [...this.objects.keys()].filter((key) => key.startsWith(prefix)).sort(),
    );
  }

  async remove(keys: readonly string[]) {
    await this.#effect("remove", () => {
      for (const key of keys) this.objects.delete(key);
    });
  }

  /** Texts of the objects below a prefix, by key. */
  texts(prefix: string): Record<string, string> {
    const below = [...this.objects].filter(([key]) => key.startsWith(prefix));
    return Object.fromEntries(below.map(([key, { text }]) => [key, text]));
  }

  #write(key: string, text: string): string {
    this.#writes += 1;
    const etag = `"${this.#writes}"`;
    this.objects.set(key, { text, etag });
    return etag;
  }

  /** A failure before it leaves things as they were; one after it does not, and the caller cannot tell. */
  async #effect<T>(what: string, work: () => T): Promise<T> {
    await Promise.resolve();
    await this.fault(`before ${what}`);
    const result = work();
    await this.fault(`after ${what}`);
    return result;
  }
}

/** Pages of so many items, of a table divided by its items' positions. */
export function memoryTable(items: readonly Attributes[], pageSize: number, fault: Fault = () => {}) {
  return (segments: number): ReadPage =>
    async (segment, after, signal) => {
      await Promise.resolve();
      signal.throwIfAborted();
      await fault(`scan ${segment}`);
      const own = items.filter((_, index) => index % segments === segment);
      const from = after ? own.findIndex((item) => item.conversationId?.S === after.conversationId?.S) + 1 : 0;
      const page = own.slice(from, from + pageSize);
      const last = page.at(-1)?.conversationId as unknown as Record<string, string> | undefined;
      // As on AWS: whoever stops at the limit is told to go on, even when nothing follows.
      return { items: page, ...(page.length === pageSize && last && { lastKey: { conversationId: last } as Key }) };
    };
}
