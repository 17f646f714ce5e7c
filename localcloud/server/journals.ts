// Named environments as the cloud sees them: the few fields of their journals that it needs. The driver owns the schema.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";

const Journal = z.object({
  name: z.string(),
  status: z.enum(["creating", "up", "destroying", "failed"]),
  cloud: z.enum(["background", "private"]).nullable(),
  expiresAt: z.coerce.date().nullable(),
});

export interface NamedEnvironment {
  name: string;
  status: z.infer<typeof Journal>["status"];
  /** When its time to live ends; null for one that is kept. */
  expiresAt: Date | null;
}

/**
 * The environments below `folder` that live in the background cloud.
 *
 * @param unreadable hears of a journal that cannot be read; such an environment counts as kept, so that its cloud stays
 */
export function backgroundEnvironments(
  folder: string,
  unreadable: (path: string, error: unknown) => void = () => {},
): NamedEnvironment[] {
  const found: NamedEnvironment[] = [];
  for (const name of subfolders(folder)) {
    const path = join(folder, name, "journal.json");
    try {
      const journal = Journal.parse(JSON.parse(readFileSync(path, "utf8")));
      if (journal.cloud === "background")
        found.push({ name: journal.name, status: journal.status, expiresAt: journal.expiresAt });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") continue;
      unreadable(path, error);
      found.push({ name, status: "failed", expiresAt: null });
    }
  }
  return found;
}

/** Names of the folders below `folder`; none when it does not exist. */
export function subfolders(folder: string): string[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => entry.name);
  } catch {
    return [];
  }
}
