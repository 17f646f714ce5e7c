// Deterministic OCI layers: the same files give the same bytes, whoever packs them, wherever and whenever.
import { createHash } from "node:crypto";
import { createWriteStream } from "node:fs";
import { readFile } from "node:fs/promises";
import { posix } from "node:path";
import { type Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { pack } from "tar-stream";

/** One file of a layer. */
export interface LayerFile {
  /** Absolute path in the image. */
  path: string;
  /** The content, or the absolute path of the host's file that has it. */
  content: Uint8Array | { file: string };
}

/** A packed layer, as an OCI manifest and config name it. */
export interface LayerDescriptor {
  mediaType: "application/vnd.oci.image.layer.v1.tar+gzip";
  /** `sha256:<hex>` of the compressed bytes. */
  digest: string;
  /** `sha256:<hex>` of the tar inside; does not depend on the compressor's version. */
  diffId: string;
  /** Compressed bytes. */
  size: number;
}

const EPOCH = new Date(0);

/**
 * Packs files into a gzipped tar at `target`: sorted by path, parents first, modification time 0, owner 0, fixed modes.
 * The fastest compression level is used: a native module is packed once, but it is on the way of the first `up`.
 * @throws when two files have one path
 */
export async function writeLayer(files: readonly LayerFile[], target: string): Promise<LayerDescriptor> {
  const sorted = [...files].sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
  const tar = pack();
  const uncompressed = createHash("sha256");
  const compressed = createHash("sha256");
  let size = 0;
  const tapTar = tap((chunk) => uncompressed.update(chunk));
  const tapGzip = tap((chunk) => {
    compressed.update(chunk);
    size += chunk.length;
  });
  // tar-stream's Pack is a Readable of the streamx family, which Node's pipeline accepts.
  const written = pipeline(
    tar as unknown as Readable,
    tapTar,
    createGzip({ level: 1, chunkSize: 1 << 20 }),
    tapGzip,
    createWriteStream(target),
  );
  // A failure of the pipeline also ends the packing below; it is reported once, by the await at the end.
  written.catch(() => tar.destroy());
  const seen = new Set<string>();
  for (const file of sorted) {
    for (const parent of parentsOf(file.path))
      if (!seen.has(parent)) {
        seen.add(parent);
        await entry(tar, { name: `${parent}/`, type: "directory", mode: 0o755 });
      }
    if (seen.has(file.path)) throw new Error(`Two files of the image are both put at ${file.path}`);
    seen.add(file.path);
    const content = "file" in file.content ? await readFile(file.content.file) : Buffer.from(file.content);
    await entry(tar, { name: file.path, type: "file", mode: 0o644 }, content);
  }
  tar.finalize();
  await written;
  return {
    mediaType: "application/vnd.oci.image.layer.v1.tar+gzip",
    digest: `sha256:${compressed.digest("hex")}`,
    diffId: `sha256:${uncompressed.digest("hex")}`,
    size,
  };
}

function entry(
  tar: ReturnType<typeof pack>,
  header: { name: string; type: "file" | "directory"; mode: number },
  content?: Buffer,
): Promise<void> {
  const full = { ...header, name: header.name.slice(1), mtime: EPOCH, uid: 0, gid: 0, uname: "", gname: "" };
  return new Promise((resolve, reject) => {
    const done = (error?: Error | null) => (error ? reject(error) : resolve());
    if (content) tar.entry({ ...full, size: content.length }, content, done);
    else tar.entry(full, done);
  });
}

function tap(look: (chunk: Buffer) => void): Transform {
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      look(chunk);
      done(null, chunk);
    },
  });
}

function parentsOf(path: string): string[] {
  const parents: string[] = [];
  for (let at = posix.dirname(path); at !== "/"; at = posix.dirname(at)) parents.unshift(at);
  return parents;
}
