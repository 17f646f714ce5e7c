// The builder's cache in the user's cache folder: layers by digest, and records that tell whether anything changed.
// Every write is a rename of a finished file, so that two builds at once, or one that is killed, leave nothing half done.
import { createHash, randomUUID } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

const UNUSED_DAYS = 30;

/** `<user's cache folder>/crucible/images`, where built layers are kept. */
export function defaultImageCache(env: NodeJS.ProcessEnv = process.env): string {
  return join(env.XDG_CACHE_HOME || join(homedir(), ".cache"), "crucible", "images");
}

/**
 * A text that changes whenever the file does. The change time is part of it: unlike the modification time it cannot be
 * set back, so a checkout or an editor that keeps times is noticed too.
 * @returns `absent` when there is no such file
 */
export function fileStamp(path: string): string {
  const stat = statSync(path, { bigint: true, throwIfNoEntry: false });
  return stat ? `${stat.size}:${stat.mtimeNs}:${stat.ctimeNs}:${stat.ino}` : "absent";
}

/** A text that changes when a file appears in the folder, or disappears. */
export function folderStamp(path: string): string {
  return existsSync(path) ? sha256(readdirSync(path).sort().join("\0")) : "absent";
}

/** Hex SHA-256. */
export function sha256(content: string | Uint8Array): string {
  return createHash("sha256").update(content).digest("hex");
}

export class BuildCache {
  constructor(readonly folder: string) {}

  /** A record by its key; undefined when there is none, or it is not readable (it is then written again). */
  read(kind: string, key: string): unknown {
    const path = this.#record(kind, key);
    try {
      const value: unknown = JSON.parse(readFileSync(path, "utf8"));
      touch(path);
      return value;
    } catch {
      return undefined;
    }
  }

  write(kind: string, key: string, value: unknown): void {
    const temporary = this.temporary();
    writeFileSync(temporary, JSON.stringify(value));
    const path = this.#record(kind, key);
    mkdirSync(join(path, ".."), { recursive: true });
    renameSync(temporary, path);
  }

  /** Path of a new file in the cache, to be handed to `keepBlob`, or removed. */
  temporary(): string {
    const folder = join(this.folder, "tmp");
    mkdirSync(folder, { recursive: true });
    return join(folder, `${process.pid}-${randomUUID()}`);
  }

  /** Moves a finished file to its place by digest (`sha256:<hex>`). */
  keepBlob(temporary: string, digest: string): string {
    const path = this.blobPath(digest);
    mkdirSync(join(path, ".."), { recursive: true });
    renameSync(temporary, path);
    return path;
  }

  blobPath(digest: string): string {
    return join(this.folder, "blobs", digest.replace(":", "-"));
  }

  /** Whether the blob is there, in full; marks it as used. */
  hasBlob(digest: string, size: number): boolean {
    const path = this.blobPath(digest);
    if (statSync(path, { throwIfNoEntry: false })?.size !== size) return false;
    touch(path);
    return true;
  }

  /** Removes what nobody used for a month, and what killed builds left. Called after a build, never on the fast path. */
  prune(now: Date = new Date()): void {
    const oldest = now.getTime() - UNUSED_DAYS * 86_400_000;
    for (const kind of existsSync(this.folder) ? readdirSync(this.folder) : []) {
      const folder = join(this.folder, kind);
      for (const name of readdirSync(folder)) {
        const path = join(folder, name);
        const usedAt = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? now.getTime();
        if (usedAt < (kind === "tmp" ? now.getTime() - 86_400_000 : oldest))
          rmSync(path, { force: true, recursive: true });
      }
    }
  }

  #record(kind: string, key: string): string {
    return join(this.folder, kind, `${key}.json`);
  }
}

function touch(path: string): void {
  const now = new Date();
  try {
    utimesSync(path, now, now);
  } catch {
    // A cache that may be read but not written (another user's, a read-only file system) is still a cache.
  }
}
