// The queue of one lock: a folder with a file per claim. Only operations that are atomic on NFS decide: rename, unlink, mkdir, rmdir.
import { randomUUID } from "node:crypto";
import { mkdir, open, readdir, readFile, rename, rmdir, stat, unlink } from "node:fs/promises";
import { join } from "node:path";
import { type ClaimName, type ClaimText, decodeClaim, encodeClaim, fileOf, parseName } from "./claim.js";

/** A file of the queue, as it is now. */
export interface QueueEntry {
  file: string;
  /** Undefined for what is left of a process that ended in the middle of something. */
  name?: ClaimName;
  /** All of its text: any change of it is a sign of life. */
  text: string;
  claim?: ClaimText;
}

export class Queue {
  /** @param folder of this lock @param temporary a folder on the same file system, for files before they are complete */
  constructor(
    readonly folder: string,
    private readonly temporary: string,
  ) {}

  pathOf(name: ClaimName): string {
    return join(this.folder, fileOf(name));
  }

  /** Names of all claims. */
  async names(): Promise<ClaimName[]> {
    return (await this.#files()).flatMap((file) => parseName(file) ?? []);
  }

  /** All entries with their texts, those that vanish meanwhile left out. */
  async entries(): Promise<QueueEntry[]> {
    const found = await Promise.all(
      (await this.#files()).map(async (file) => {
        // An open asks the server; names and attributes alone may come from the client's cache.
        const text = await readFile(join(this.folder, file), "utf8").catch((error: NodeJS.ErrnoException) => {
          // A stale handle says nothing of the file: it is there, without a word.
          if (error.code === "ESTALE") return "";
          return ignoring("ENOENT")(error);
        });
        return text === undefined ? undefined : { file, name: parseName(file), text, claim: decodeClaim(text) };
      }),
    );
    return found.filter((entry) => entry !== undefined);
  }

  /** Adds a claim; it appears complete. */
  async add(name: ClaimName, claim: ClaimText): Promise<void> {
    await mkdir(this.temporary, { recursive: true });
    const aside = join(this.temporary, randomUUID());
    const handle = await open(aside, "wx");
    await handle.writeFile(encodeClaim(claim, 0)).finally(() => handle.close());
    for (;;) {
      await mkdir(this.folder, { recursive: true });
      try {
        return await rename(aside, this.pathOf(name));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
        // The folder went with the last claim of another, or an answer was lost and the request sent again.
        if (await exists(this.pathOf(name))) return;
        if (!(await exists(aside))) throw error;
      }
    }
  }

  /** Removes a file of the queue, and the folder with the last one. */
  async remove(file: string): Promise<void> {
    await unlink(join(this.folder, file)).catch(ignoring("ENOENT"));
    // Never one that has something in it: rmdir refuses.
    await rmdir(this.folder).catch(ignoring("ENOENT", "ENOTEMPTY", "EEXIST", "EBUSY"));
  }

  /**
   * Makes the next listing a fresh one: an NFS client may answer from its cache, for a minute, what others have changed in a folder,
   * but not once it has changed the folder itself.
   */
  async refresh(): Promise<void> {
    const probe = join(this.folder, `probe-${randomUUID()}`);
    const handle = await open(probe, "wx").catch(ignoring("ENOENT"));
    if (!handle) return;
    await handle.close();
    await unlink(probe).catch(ignoring("ENOENT"));
  }

  async #files(): Promise<string[]> {
    return (await readdir(this.folder).catch(ignoring("ENOENT"))) ?? [];
  }
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(ignoring("ENOENT"))) !== undefined;
}

/** A handler of rejections that takes these error codes for "nothing there". */
function ignoring(...codes: string[]): (error: NodeJS.ErrnoException) => undefined {
  return (error) => {
    if (!codes.includes(error.code ?? "")) throw error;
    return undefined;
  };
}
