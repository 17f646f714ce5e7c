// Unpacked layers and assembled roots on disk, by digest. Whatever is there under its name is whole: it was renamed to it.
import { createHash, randomUUID } from "node:crypto";
import { createWriteStream, existsSync, readFileSync, utimesSync } from "node:fs";
import { mkdir, readdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { PassThrough, type Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { extractLayer, LayerError, type Whiteouts } from "./extract.js";
import type { ImageLayer } from "./image.js";
import { assembleRoot, type LayerFolder } from "./root.js";

/** Opens a layer's compressed bytes. The stream must fail when they do not have the layer's digest. */
export type OpenLayer = (layer: ImageLayer) => Promise<Readable>;

const DAY_MS = 86_400_000;
const UNUSED_DAYS = 30;

/** `<user's cache folder>/crucible/layers`: layers are the same for every cloud, so they are kept for the user. */
export function defaultLayerCache(env: NodeJS.ProcessEnv = process.env): string {
  return join(env.XDG_CACHE_HOME || join(homedir(), ".cache"), "crucible", "layers");
}

export class LayerCache {
  readonly #folder: string;
  /** What is being made, so that whoever needs the same waits for it. */
  readonly #making = new Map<string, Promise<string>>();
  #pruned = false;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Folder with the files of an image made of the layers (bottom first); fetches only those that are not unpacked yet. */
  async root(layers: readonly ImageLayer[], open: OpenLayer): Promise<string> {
    const key = createHash("sha256")
      .update(layers.map((layer) => layer.diffId).join("\n"))
      .digest("hex");
    return this.#once(join("roots", key), async (temporary) => {
      const folders = await Promise.all(layers.map((layer) => this.#layer(layer, open)));
      await mkdir(temporary);
      assembleRoot(folders, temporary);
    });
  }

  /** File with the layer's compressed bytes. */
  blob(layer: ImageLayer, open: OpenLayer): Promise<string> {
    return this.#once(join("blobs", nameOf(layer.digest)), async (temporary) => {
      await pipeline(await open(layer), createWriteStream(temporary));
    });
  }

  async #layer(layer: ImageLayer, open: OpenLayer): Promise<LayerFolder> {
    const folder = await this.#once(join("layers", nameOf(layer.diffId)), async (temporary) => {
      await mkdir(join(temporary, "files"), { recursive: true });
      const tar = verifyDiffId(layer.diffId);
      // The whole chain is awaited: a wrong digest shows only at the end of the compressed bytes.
      const [, whiteouts] = await Promise.all([
        pipeline(await open(layer), decompressor(layer.mediaType), tar),
        extractLayer(tar, join(temporary, "files")),
      ]);
      await writeFile(join(temporary, "whiteouts.json"), JSON.stringify(whiteouts));
    });
    const whiteouts = JSON.parse(readFileSync(join(folder, "whiteouts.json"), "utf8")) as Whiteouts;
    return { folder: join(folder, "files"), whiteouts };
  }

  /**
   * Makes what is not there: in a temporary place first, then by renaming it. Two that make the same in two processes both
   * succeed; the slower one's is thrown away.
   */
  #once(name: string, make: (temporary: string) => Promise<void>): Promise<string> {
    const path = join(this.#folder, name);
    if (existsSync(path)) {
      touch(path);
      return Promise.resolve(path);
    }
    let making = this.#making.get(name);
    if (!making) {
      making = this.#make(path, make).finally(() => this.#making.delete(name));
      this.#making.set(name, making);
    }
    return making;
  }

  async #make(path: string, make: (temporary: string) => Promise<void>): Promise<string> {
    const temporary = join(this.#folder, "tmp", `${process.pid}-${randomUUID()}`);
    await mkdir(dirname(temporary), { recursive: true });
    await mkdir(dirname(path), { recursive: true });
    try {
      await make(temporary);
      await rename(temporary, path).catch((error: unknown) => {
        if (!existsSync(path)) throw error;
      });
      return path;
    } finally {
      await rm(temporary, { recursive: true, force: true });
      if (!this.#pruned) {
        this.#pruned = true;
        await this.#prune();
      }
    }
  }

  /** Removes what was not used for a month, and what a killed process left. Once per process, after something was made. */
  async #prune(now = Date.now()): Promise<void> {
    for (const kind of ["tmp", "roots", "layers", "blobs"]) {
      const folder = join(this.#folder, kind);
      const oldest = now - (kind === "tmp" ? DAY_MS : UNUSED_DAYS * DAY_MS);
      for (const name of existsSync(folder) ? await readdir(folder) : []) {
        const found = await stat(join(folder, name)).catch(() => undefined);
        if (found && found.mtimeMs < oldest) await rm(join(folder, name), { recursive: true, force: true });
      }
    }
  }
}

function nameOf(digest: string): string {
  return digest.replace(":", "-");
}

function touch(path: string): void {
  const now = new Date();
  try {
    utimesSync(path, now, now);
  } catch {
    // A cache of another user's may be read without being kept alive.
  }
}

/** @throws LayerError for a compression that this cannot undo */
function decompressor(mediaType: string): Transform {
  if (/[.+]gzip$/.test(mediaType)) return createGunzip({ chunkSize: 1 << 20 });
  if (/\.tar$/.test(mediaType)) return new PassThrough();
  throw new LayerError(`layers of type '${mediaType}' are not supported (tar, and tar with gzip, are)`);
}

function verifyDiffId(expected: string): Transform {
  const hash = createHash("sha256");
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      done(null, chunk);
    },
    flush(done) {
      const actual = `sha256:${hash.digest("hex")}`;
      done(actual === expected ? null : new LayerError(`wrong diff id ${actual}, expected ${expected}`));
    },
  });
}
