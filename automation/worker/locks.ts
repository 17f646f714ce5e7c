// Locks that an engine left in its file backend when it was killed: removed only where their process is gone.
import { readdir, readFile, rm } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { isAlive } from "../../localcloud/server/processes.js";

const Lock = z.object({ pid: z.number(), hostname: z.string() });

/** Removes stale locks below the file backend `stateFolder`. Returns how many there were. */
export async function removeStaleLocks(stateFolder: string): Promise<number> {
  const folder = join(stateFolder, ".pulumi", "locks");
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  let removed = 0;
  for (const entry of entries.filter((candidate) => candidate.isFile() && candidate.name.endsWith(".json"))) {
    const path = join(entry.parentPath, entry.name);
    const lock = Lock.safeParse(JSON.parse(await readFile(path, "utf8").catch(() => "null")));
    if (!lock.success || lock.data.hostname !== hostname()) continue;
    if (isAlive({ pid: lock.data.pid, startedAt: null })) continue;
    await rm(path, { force: true });
    removed += 1;
  }
  return removed;
}
