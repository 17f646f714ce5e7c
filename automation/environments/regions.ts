// The regions in which an environment has, or had, anything: its own, and those that the states of its stacks speak of.
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

const REGION =
  /\b(?:us|eu|ap|sa|ca|me|af|il|mx|cn)-(?:gov-|iso[a-z]*-)?(?:central|(?:north|south)(?:east|west)?|east|west)-\d(?=[a-f]?\b)/g;

/** Regions that a text names, also as part of an ARN or of a zone's name. */
export const regionsIn = (text: string): Set<string> => new Set(text.match(REGION) ?? []);

/**
 * The environment's own region first, then those of its stacks, in order.
 *
 * @param stateFolder Pulumi's file backend: its history tells of what was there, also after it was destroyed
 */
export async function regionsOf(ownRegion: string, stateFolder: string): Promise<string[]> {
  const found = new Set<string>();
  for (const part of ["stacks", "history"]) {
    const folder = join(stateFolder, ".pulumi", part);
    const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
    for (const entry of entries)
      if (entry.isFile() && entry.name.endsWith(".json"))
        for (const region of regionsIn(await readFile(join(entry.parentPath, entry.name), "utf8"))) found.add(region);
  }
  found.delete(ownRegion);
  return [ownRegion, ...[...found].sort()];
}
