// ObjectStore in a folder, for runs without a cloud: a bucket is a folder, a key is a path in it.
import { randomUUID } from "node:crypto";
import { copyFile, mkdir, readdir, rename, rm } from "node:fs/promises";
import { dirname, join, relative, resolve, sep } from "node:path";
import { StorageError, storageError } from "./errors.js";
import type { ObjectStore } from "./objects.js";

const PENDING = ".pending-";

export class FolderStore implements ObjectStore {
  readonly url: string;
  readonly #folder: string;

  /** @param folder the bucket's own folder; made when something is written */
  constructor(folder: string) {
    this.#folder = resolve(folder);
    this.url = this.#folder;
  }

  async download(key: string, path: string): Promise<void> {
    try {
      await copyFile(this.#path(key), path);
    } catch (cause) {
      throw storageError(`Reading ${this.url}/${key}`, cause);
    }
  }

  async upload(key: string, path: string): Promise<void> {
    const target = this.#path(key);
    const pending = join(dirname(target), `${PENDING}${randomUUID()}`);
    try {
      await mkdir(dirname(target), { recursive: true });
      await copyFile(path, pending);
      await rename(pending, target);
    } catch (cause) {
      await rm(pending, { force: true });
      throw storageError(`Writing ${this.url}/${key}`, cause);
    }
  }

  async list(prefix: string): Promise<string[]> {
    try {
      const entries = await readdir(this.#folder, { recursive: true, withFileTypes: true });
      return entries
        .filter((entry) => entry.isFile() && !entry.name.startsWith(PENDING))
        .map((entry) => relative(this.#folder, join(entry.parentPath, entry.name)).split(sep).join("/"))
        .filter((key) => key.startsWith(prefix))
        .sort();
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code === "ENOENT") return [];
      throw storageError(`Listing ${this.url}/${prefix}`, cause);
    }
  }

  async remove(keys: readonly string[]): Promise<void> {
    for (const key of keys)
      try {
        await rm(this.#path(key), { force: true });
      } catch (cause) {
        throw storageError(`Removing ${this.url}/${key}`, cause);
      }
  }

  #path(key: string): string {
    const path = resolve(this.#folder, key);
    if (!path.startsWith(this.#folder + sep))
      throw new StorageError(`'${key}' is not a key: it leads out of ${this.url}`, "InvalidKey");
    return path;
  }
}
