// The journal of an environment: written before anything of it is created, the last thing to go. Whoever finds one knows
// what may exist, where, and whose it was.
import { randomBytes } from "node:crypto";
import { mkdir, readdir, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { z } from "zod";
import { crucibleHome } from "../../localcloud/server/paths.js";
import { codeOf, UsageError } from "../errors.js";
import { readJson, writeJson } from "../files.js";
import { environmentFolder, environmentsFolder } from "../home.js";

export const Process = z.object({
  pid: z.number().int().positive(),
  /** Start of the process as the system counts it: tells it from a later one of the same number. */
  startedAt: z.string().nullable(),
  host: z.string(),
});
export type Process = z.infer<typeof Process>;

export const Journal = z.object({
  version: z.literal(1),
  name: z.string(),
  /** 12 digits; null on a target whose account has not been asked for yet. */
  account: z
    .string()
    .regex(/^\d{12}$/)
    .nullable(),
  /** Units asked for, without those that they depend on. */
  units: z.array(z.string()),
  environment: z.enum(["dev", "test", "prod"]),
  region: z.string(),
  /** Suffix of the throwaway's names. */
  suffix: z.string(),
  /** `local`, `aws`, or the URL of an endpoint. */
  target: z.string(),
  status: z.enum(["creating", "up", "destroying", "failed"]),
  /** Which local cloud it lives in; null when in none. */
  cloud: z.enum(["background", "private"]).nullable(),
  /** Endpoint of a private cloud, which dies with the owner. */
  endpoint: z.string().nullable(),
  createdAt: z.coerce.date(),
  /** When the background cloud destroys it; null for one that is kept. */
  expiresAt: z.coerce.date().nullable(),
  /** Who made it. */
  owner: Process,
  /** The process that runs the engine, while there is one. */
  worker: Process.nullable(),
  /** Configuration of the stack beyond the units, by key (`sanders`). */
  settings: z.record(z.string(), z.unknown()),
  /** ARN of each workflow's state machine, by the workflow's name; known once it is up. */
  workflows: z.record(z.string(), z.string()),
  /** Module of the program, when it is not the project's own. */
  program: z.string().nullable(),
});
export type Journal = z.infer<typeof Journal>;
export type EnvironmentStage = Journal["environment"];

/**
 * Makes the environment's folder with its journal, in one step.
 *
 * @throws UsageError when an environment of that name exists
 */
export async function createJournal(journal: Journal): Promise<void> {
  const temporary = join(crucibleHome(), "tmp", randomBytes(8).toString("hex"));
  await writeJson(join(temporary, "journal.json"), journal);
  await mkdir(environmentsFolder(), { recursive: true, mode: 0o700 });
  try {
    await rename(temporary, environmentFolder(journal.name).root);
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    if (codeOf(error) === "ENOTEMPTY" || codeOf(error) === "EEXIST")
      throw new UsageError(
        `An environment named ${journal.name} exists already. Choose another name, or destroy it: crucible down ${journal.name}`,
      );
    throw error;
  }
}

/** The journal of `name`; undefined when there is no such environment. Throws when it cannot be understood. */
export async function readJournal(name: string): Promise<Journal | undefined> {
  const path = environmentFolder(name).journal;
  const content = await readJson(path);
  if (content === undefined) return undefined;
  const parsed = Journal.safeParse(content);
  if (parsed.success) return parsed.data;
  throw new Error(`${path} is not a journal of this version of Crucible: ${z.prettifyError(parsed.error)}`);
}

/** The journal of an environment that has to exist. */
export async function requireJournal(name: string): Promise<Journal> {
  const journal = await readJournal(name);
  if (journal) return journal;
  const names = (await listJournals()).map((other) => other.name);
  throw new UsageError(
    `There is no environment named ${name}. ${names.length > 0 ? `There are: ${names.join(", ")}.` : "Create one with: crucible up"}`,
  );
}

/** Changes fields of a journal; the caller holds the environment's lease. */
export async function updateJournal(name: string, change: Partial<Journal>): Promise<Journal> {
  const journal = { ...(await requireJournal(name)), ...change };
  await writeJson(environmentFolder(name).journal, journal);
  return journal;
}

/** All journals, oldest first. A folder without one is nothing. @param unreadable hears of those that cannot be understood */
export async function listJournals(unreadable: (name: string, error: unknown) => void = () => {}): Promise<Journal[]> {
  const entries = await readdir(environmentsFolder(), { withFileTypes: true }).catch(() => []);
  const found: Journal[] = [];
  for (const entry of entries.filter((candidate) => candidate.isDirectory())) {
    try {
      const journal = await readJournal(entry.name);
      if (journal) found.push(journal);
    } catch (error) {
      unreadable(entry.name, error);
    }
  }
  return found.sort((a, b) => a.createdAt.getTime() - b.createdAt.getTime());
}

/** Forgets an environment of which nothing is left: its folder disappears in one step, then its content is deleted. */
export async function removeEnvironment(name: string): Promise<void> {
  const going = join(crucibleHome(), "tmp", randomBytes(8).toString("hex"));
  await mkdir(dirname(going), { recursive: true, mode: 0o700 });
  try {
    await rename(environmentFolder(name).root, going);
  } catch (error) {
    if (codeOf(error) === "ENOENT") return;
    throw error;
  }
  await rm(going, { recursive: true, force: true });
}
