// Digests of files and of sets of files.
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { pipeline } from "node:stream/promises";

/** `sha256:<hex>` of a file's content. */
export async function fileDigest(path: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path, { highWaterMark: 1 << 20 }), hash);
  return `sha256:${hash.digest("hex")}`;
}

/** One digest of several files, by name: the same whatever the order in which they are given. */
export function digestOfAll(files: readonly { path: string; digest: string }[]): string {
  const lines = files.map(({ path, digest }) => `${path} ${digest}\n`).sort();
  return `sha256:${createHash("sha256").update(lines.join("")).digest("hex")}`;
}
