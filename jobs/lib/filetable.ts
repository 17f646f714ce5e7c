// Table in one JSON file, for runs without a cloud: the same guards, one process at a time.
import { randomUUID } from "node:crypto";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { storageError } from "./errors.js";
import { type Guard, holds, type Item, type Table, type WriteCount } from "./tables.js";

export class FileTable implements Table {
  #last: Promise<unknown> = Promise.resolve();

  /**
   * @param path the JSON file: a list of items, sorted by key
   * @param key names of the key's attributes
   */
  constructor(
    readonly name: string,
    private readonly path: string,
    private readonly key: readonly string[],
  ) {}

  put(items: readonly Item[], guard?: Guard): Promise<WriteCount> {
    return this.#change(items, guard, (table, id, item) => table.set(id, item));
  }

  remove(keys: readonly Item[], guard?: Guard): Promise<WriteCount> {
    return this.#change(keys, guard, (table, id) => table.delete(id));
  }

  /** Changes follow one another: each reads the file that the one before it wrote. */
  #change(
    items: readonly Item[],
    guard: Guard | undefined,
    apply: (table: Map<string, Item>, id: string, item: Item) => void,
  ): Promise<WriteCount> {
    const change = this.#last.then(async () => {
      const table = await this.#read();
      const allowed = items.filter((item) => holds(guard, table.get(this.#id(item))));
      for (const item of allowed) apply(table, this.#id(item), item);
      await this.#write(table);
      return { written: allowed.length, refused: items.length - allowed.length };
    });
    this.#last = change.catch(() => undefined);
    return change;
  }

  #id(item: Item): string {
    return JSON.stringify(this.key.map((name) => item[name]));
  }

  async #read(): Promise<Map<string, Item>> {
    try {
      const items = JSON.parse(await readFile(this.path, "utf8")) as Item[];
      return new Map(items.map((item) => [this.#id(item), item]));
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code === "ENOENT") return new Map();
      throw storageError(`Reading table ${this.name} in ${this.path}`, cause);
    }
  }

  async #write(table: Map<string, Item>): Promise<void> {
    const items = [...table.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, item]) => item);
    const pending = `${this.path}.${randomUUID()}`;
    try {
      await mkdir(dirname(this.path), { recursive: true });
      await writeFile(pending, `${JSON.stringify(items, null, 2)}\n`);
      await rename(pending, this.path);
    } catch (cause) {
      throw storageError(`Writing table ${this.name} in ${this.path}`, cause);
    }
  }
}
