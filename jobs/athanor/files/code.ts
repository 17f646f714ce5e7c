// What a step's code is: its module, the modules that this imports by relative paths, and the files that it names.
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { isAbsolute, relative } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const MODULE = /\.[cm]?js$/;
/** Static, re-exporting and dynamic imports of the compiled (one quote style, whole specifiers) modules. */
const RELATIVE_IMPORT = /(?:\bfrom|\bimport)\s*\(?\s*["'](\.{1,2}\/[^"']+)["']/g;

/**
 * Digests of all files that a step's code consists of, by path from the image's folder. In a bundle the modules are its chunks, whose
 * names change with their content. Packages are not looked into: their versions are the image's.
 * @param code as a step declares it
 * @param assets URL of the image's folder, with a slash at its end
 * @throws Error naming a file that cannot be read
 */
export async function codeDigests(code: (string | URL)[], assets: URL): Promise<Record<string, string>> {
  const found = new Map<string, string>();
  const visit = async (url: URL, from: string, isImport: boolean): Promise<void> => {
    const path = fileURLToPath(new URL(url.pathname, "file:"));
    const name = relative(fileURLToPath(assets), path);
    if (found.has(name)) return;
    const content = await readFile(path).catch((cause: NodeJS.ErrnoException) => {
      // What looks like an import of nothing is a text; a module that is missing cannot even be loaded.
      if (isImport && cause.code === "ENOENT") return undefined;
      throw new Error(`The code of ${from} cannot be read: ${cause.message}`, { cause });
    });
    if (!content) return;
    found.set(name, `sha256:${createHash("sha256").update(content).digest("hex")}`);
    if (!MODULE.test(path)) return;
    for (const [, specifier] of content.toString("utf8").matchAll(RELATIVE_IMPORT))
      await visit(new URL(specifier as string, pathToFileURL(path)), path, true);
  };
  for (const part of code) await visit(urlOf(part, assets), String(part), false);
  return Object.fromEntries([...found].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function urlOf(part: string | URL, assets: URL): URL {
  if (part instanceof URL || part.startsWith("file:")) return new URL(part);
  return isAbsolute(part) ? pathToFileURL(part) : new URL(part, assets);
}
