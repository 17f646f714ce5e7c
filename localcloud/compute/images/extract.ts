// Unpacks one layer of an image into a folder of its own, trusting nothing that the archive says about paths.
import { createWriteStream } from "node:fs";
import { link, mkdir, rm, symlink } from "node:fs/promises";
import { dirname, join, posix } from "node:path";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { extract, type Header } from "tar-stream";

/** What a layer takes away from those below it. Paths are relative to the image's root. */
export interface Whiteouts {
  /** Single files or folders. */
  removed: string[];
  /** Folders of which nothing from below is seen. */
  opaque: string[];
}

/** An archive that would write outside its folder, or is otherwise not what a layer can be. */
export class LayerError extends Error {
  override readonly name = "LayerError";
}

/**
 * Unpacks a tar stream into `target` (which must exist and be empty). Ownership, times and devices are left out; files become
 * read-only. Symbolic links are made last, so that nothing is ever written through one.
 * @throws LayerError for a path that leaves the layer, the stream's error otherwise
 */
export async function extractLayer(tar: Readable, target: string): Promise<Whiteouts> {
  const whiteouts: Whiteouts = { removed: [], opaque: [] };
  const links = new Map<string, string>();
  const files = new Set<string>();
  const folders = new Set<string>(["."]);

  const ensureFolder = async (path: string) => {
    if (folders.has(path)) return;
    await ensureFolder(posix.dirname(path));
    if (links.has(path) || files.has(path))
      throw new LayerError(`the layer has an entry below '${path}', which is no folder`);
    await mkdir(join(target, path), { recursive: true });
    folders.add(path);
  };

  const place = async (header: Header, content: Readable) => {
    const path = layerPath(header.name);
    if (path === ".") return;
    const name = posix.basename(path);
    if (name === ".wh..wh..opq") {
      whiteouts.opaque.push(posix.dirname(path));
    } else if (name.startsWith(".wh.")) {
      if (["", ".", ".."].includes(name.slice(4)))
        throw new LayerError(`the layer has a whiteout of '${name.slice(4)}'`);
      whiteouts.removed.push(posix.join(posix.dirname(path), name.slice(4)));
    } else if (header.type === "directory") {
      await ensureFolder(path);
    } else if (["file", "contiguous-file", "symlink", "link"].includes(header.type ?? "")) {
      await ensureFolder(posix.dirname(path));
      if (folders.has(path)) throw new LayerError(`the layer has '${path}' both as a folder and as something else`);
      if (files.delete(path)) await rm(join(target, path));
      links.delete(path);
      if (header.type === "symlink") {
        links.set(path, header.linkname ?? "");
      } else if (header.type === "link") {
        const source = layerPath(header.linkname ?? "");
        const same = links.get(source);
        if (same !== undefined) {
          links.set(path, same);
          return;
        }
        if (!files.has(source))
          throw new LayerError(`'${path}' is a hard link to '${source}', which the layer does not have`);
        await link(join(target, source), join(target, path));
        files.add(path);
      } else {
        await pipeline(
          content,
          createWriteStream(join(target, path), { flags: "wx", mode: ((header.mode ?? 0o644) & 0o111) | 0o444 }),
        );
        files.add(path);
      }
    }
  };

  const archive = extract();
  const fed = pipeline(tar, archive).then(
    () => undefined,
    (error: Error) => error,
  );
  try {
    for await (const entry of archive) {
      await place(entry.header, entry as unknown as Readable);
      entry.resume();
    }
  } catch (error) {
    archive.destroy();
    // A broken source shows here as a closed archive; its own error says more.
    throw error instanceof LayerError ? error : ((await fed) ?? error);
  }
  const broken = await fed;
  if (broken) throw broken;
  for (const [path, text] of links) {
    await mkdir(dirname(join(target, path)), { recursive: true });
    await symlink(text, join(target, path));
  }
  return whiteouts;
}

/**
 * A path of an archive as a path from the image's root, without a slash in front; `.` for the root itself.
 * @throws LayerError when it leads outside
 */
export function layerPath(name: string): string {
  if (name.includes("\0")) throw new LayerError(`the layer has a path with a NUL in it`);
  if (name.split("/").includes("..")) throw new LayerError(`the layer's path '${name}' leads outside of the image`);
  const path = posix.normalize(name.replace(/^\/+/, "")).replace(/\/$/, "");
  return path === "" ? "." : path;
}
