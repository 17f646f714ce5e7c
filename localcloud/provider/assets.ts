// The bytes of what a program carries: files, texts, downloads, and archives, which become ZIP files.
import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Asset } from "./properties.js";
import { type ZipEntry, zip } from "./zip.js";

/**
 * The content of an asset, or of an archive as a ZIP file; the same members always give the same bytes.
 *
 * @throws when a file cannot be read or a URI not be fetched, naming it
 */
export async function contentOf(asset: Asset, signal: AbortSignal): Promise<Buffer> {
  if (!asset.archive) return await plainContent(asset, signal);
  if (asset.assets) return zip(await memberEntries(asset, "", signal));
  if (asset.path !== undefined && (await stat(asset.path)).isDirectory())
    return zip(await folderEntries(asset.path, ""));
  // A file or download that is an archive already.
  return await plainContent(asset, signal);
}

async function plainContent(asset: Asset, signal: AbortSignal): Promise<Buffer> {
  if (asset.text !== undefined) return Buffer.from(asset.text);
  if (asset.path !== undefined) return await readFile(asset.path, { signal });
  if (asset.uri === undefined) throw new Error("an asset has neither text nor path nor URI");
  if (asset.uri.startsWith("file://")) return await readFile(new URL(asset.uri), { signal });
  const response = await fetch(asset.uri, { signal });
  if (!response.ok) throw new Error(`${asset.uri} answered ${response.status} ${response.statusText}`);
  return Buffer.from(await response.arrayBuffer());
}

async function memberEntries(archive: Asset, folder: string, signal: AbortSignal): Promise<ZipEntry[]> {
  const entries: ZipEntry[] = [];
  for (const [name, member] of Object.entries(archive.assets ?? {})) {
    const path = `${folder}${name}`;
    if (!member.archive) entries.push({ path, content: await plainContent(member, signal) });
    else if (member.assets) entries.push(...(await memberEntries(member, `${path}/`, signal)));
    else if (member.path !== undefined && (await stat(member.path)).isDirectory())
      entries.push(...(await folderEntries(member.path, `${path}/`)));
    else throw new Error(`${path}: an archive file inside an archive is not taken apart; give its folder`);
  }
  return entries;
}

async function folderEntries(folder: string, prefix: string): Promise<ZipEntry[]> {
  const entries: ZipEntry[] = [];
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    const info = await stat(path);
    if (info.isDirectory()) entries.push(...(await folderEntries(path, `${prefix}${entry.name}/`)));
    else
      entries.push({
        path: `${prefix}${entry.name}`,
        content: await readFile(path),
        isExecutable: (info.mode & 0o111) !== 0,
      });
  }
  return entries;
}
