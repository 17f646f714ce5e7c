// The files of an image: its layers, one over the other, as a folder of hard links, so that images share what they have in common.
import { existsSync, linkSync, lstatSync, mkdirSync, readdirSync, readlinkSync, rmSync, symlinkSync } from "node:fs";
import { join, posix } from "node:path";
import type { Whiteouts } from "./extract.js";

/** An unpacked layer. */
export interface LayerFolder {
  folder: string;
  whiteouts: Whiteouts;
}

/** Lays the layers (bottom first) over each other in `target`, which must exist and be empty. */
export function assembleRoot(layers: readonly LayerFolder[], target: string): void {
  for (const { folder, whiteouts } of layers) {
    // Whiteouts are about the layers below only, wherever they stand in the archive.
    for (const path of whiteouts.opaque)
      for (const name of folderNames(join(target, path)))
        rmSync(join(target, path, name), { recursive: true, force: true });
    for (const path of whiteouts.removed) rmSync(join(target, path), { recursive: true, force: true });
    lay(folder, target, ".");
  }
}

function lay(layer: string, target: string, path: string): void {
  for (const entry of readdirSync(join(layer, path), { withFileTypes: true })) {
    const inner = posix.join(path, entry.name);
    const to = join(target, inner);
    const below = lstatSync(to, { throwIfNoEntry: false });
    if (entry.isDirectory()) {
      if (below && !below.isDirectory()) rmSync(to);
      mkdirSync(to, { recursive: true });
      lay(layer, target, inner);
    } else {
      if (below) rmSync(to, { recursive: true, force: true });
      if (entry.isSymbolicLink()) symlinkSync(containedLink(inner, readlinkSync(join(layer, inner))), to);
      else linkSync(join(layer, inner), to);
    }
  }
}

/**
 * A symbolic link's text that means on this machine what it means in the image: `/etc/x` is the image's, not the machine's,
 * and no number of `..` leads above the image's root.
 * @param path of the link, from the image's root
 */
export function containedLink(path: string, text: string): string {
  const from = posix.join("/", posix.dirname(path));
  return posix.relative(from, posix.resolve(from, text)) || ".";
}

function folderNames(path: string): string[] {
  return existsSync(path) && lstatSync(path).isDirectory() ? readdirSync(path) : [];
}
