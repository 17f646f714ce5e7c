// Digests of files and folders by content. A cache saves reading what surely has not changed; it never decides by itself.
import { createHash } from "node:crypto";
import { type BigIntStats, createReadStream } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { join, relative } from "node:path";
import { pipeline } from "node:stream/promises";
import { z } from "zod";
import { readJson, writeJson } from "./atomic.js";

/** What a path holds. */
export interface Digest {
  /** `sha256:<hex>`; of a folder, over the names and digests of the files in it. */
  digest: string;
  bytes: number;
  files: number;
}

const knownSchema = z.record(z.string(), z.object({ stamp: z.string(), digest: z.string(), changedMs: z.number() }));
type Known = z.infer<typeof knownSchema>;

/**
 * A file that was changed so shortly before its digest was kept may have been changed again within the same tick of the file system's
 * clock, with nothing to show for it.
 */
const TICK_MS = 2_000;

/** Digests with a cache by size, times of change and inode. */
export class Digests {
  /**
   * @param cacheFolderOf where a file is kept for a path; absent: nothing is read or kept
   * @param readOnly keeps nothing
   */
  constructor(
    private readonly cacheFolderOf?: (path: string) => string,
    private readonly readOnly = false,
  ) {}

  /** @returns undefined when there is nothing at the path. Symbolic links count as what they lead to. */
  async of(path: string): Promise<Digest | undefined> {
    const found = await statOf(path);
    if (!found) return undefined;
    const cacheFile = this.cacheFolderOf && join(this.cacheFolderOf(path), `${sha256(path).slice(0, 32)}.json`);
    const known = cacheFile ? await readKnown(cacheFile) : {};
    const files = found.isDirectory() ? await filesIn(path) : [path];
    const now: Known = {};
    let isNew = Object.keys(known).length !== files.length;
    let bytes = 0;
    for (const file of files) {
      const stats = file === path ? found : await statOf(file);
      if (!stats) continue;
      const name = relative(path, file);
      const stamp = stampOf(stats);
      const before = known[name];
      const digest = before?.stamp === stamp ? before.digest : await digestOfFile(file);
      isNew ||= before?.stamp !== stamp;
      now[name] = { stamp, digest, changedMs: Number(stats.ctimeMs) };
      bytes += Number(stats.size);
    }
    if (cacheFile && isNew && !this.readOnly) await writeJson(cacheFile, now);
    const digests = Object.entries(now).map(([name, { digest }]) => `${name}\0${digest}\n`);
    const digest = found.isDirectory() ? `sha256:${sha256(digests.join(""))}` : (now[""]?.digest ?? "");
    return { digest, bytes, files: digests.length };
  }
}

/** What the cache says and can be believed: both times are of the file system's clock. */
async function readKnown(cacheFile: string): Promise<Known> {
  const written = await statOf(cacheFile);
  if (!written) return {};
  const parsed = knownSchema.safeParse(await readJson(cacheFile).catch(() => undefined));
  if (!parsed.success) return {};
  const settled = Number(written.mtimeMs) - TICK_MS;
  return Object.fromEntries(Object.entries(parsed.data).filter(([, { changedMs }]) => changedMs < settled));
}

function stampOf(stats: BigIntStats): string {
  return [stats.size, stats.mtimeNs, stats.ctimeNs, stats.ino].join("-");
}

/** Files in a folder, however deep, sorted by their paths. */
async function filesIn(folder: string): Promise<string[]> {
  const found: string[] = [];
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    const isFolder = entry.isSymbolicLink() ? (await stat(path)).isDirectory() : entry.isDirectory();
    if (isFolder) found.push(...(await filesIn(path)));
    else found.push(path);
  }
  return found.sort();
}

async function digestOfFile(path: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path, { highWaterMark: 1024 * 1024 }), hash);
  return `sha256:${hash.digest("hex")}`;
}

async function statOf(path: string): Promise<BigIntStats | undefined> {
  return stat(path, { bigint: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT" || error.code === "ENOTDIR") return undefined;
    throw error;
  });
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
