// The models of a title: each in a folder named by its content, and which one is the latest.
import { createHash, randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { copyFile, mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { z } from "zod";
import { InputError } from "../../lib/errors.js";
import { titleFolder } from "../data/paths.js";
import { sha256Of } from "./digest.js";

const PENDING = ".pending-";

/** The files of a model; the first is the model itself. */
export const MODEL_FILES = ["model.json", "features.json", "parameters.json", "metrics.json"] as const;

/** `latest.json`. */
const latestSchema = z.object({
  title: z.string(),
  hhDate: z.string(),
  /** Folder beside latest.json. */
  folder: z.string().regex(/^[0-9a-f]{16}$/),
  /** SHA-256 of model.json. */
  sha256: z.string(),
  featureVersion: z.number(),
});
export type Latest = z.infer<typeof latestSchema>;

export interface LatestModel extends Latest {
  model: string;
  features: string;
}

/** Folder of a title's models. */
export function modelsFolder(dataRoot: string, title: string): string {
  return join(dataRoot, "prod", titleFolder(title), "models");
}

/**
 * Makes a model a title's: copies its files, then names it the latest, unless the present one is of a later day: an order made again
 * does not set a title back. Nobody else may publish a model of the title meanwhile. Readers see the old model or the new one, never a part of either.
 * @param files folder with MODEL_FILES
 * @returns whether it is the latest now
 */
export async function publishModel(
  dataRoot: string,
  files: string,
  about: { title: string; hhDate: string; featureVersion: number },
): Promise<{ folder: string; latest: boolean }> {
  const folder = modelsFolder(dataRoot, about.title);
  const digests = await Promise.all(MODEL_FILES.map((file) => sha256Of(join(files, file))));
  const name = createHash("sha256").update(digests.join()).digest("hex").slice(0, 16);
  await mkdir(folder, { recursive: true });
  await removeLeftovers(folder);
  if (!(await isWhole(join(folder, name), digests))) {
    const pending = join(folder, `${PENDING}${randomUUID()}`);
    await mkdir(pending);
    for (const file of MODEL_FILES) await copyFile(join(files, file), join(pending, file));
    // One that was changed or is not whole any more makes room; a rename does not replace what has something in it.
    if (existsSync(join(folder, name))) await rename(join(folder, name), join(folder, `${PENDING}${randomUUID()}`));
    await rename(pending, join(folder, name));
    await removeLeftovers(folder);
  }
  const present = await readLatest(folder);
  if (present && present.hhDate > about.hhDate) return { folder: name, latest: false };
  const latest: Latest = { ...about, folder: name, sha256: digests[0] as string };
  await writeAtomically(join(folder, "latest.json"), `${JSON.stringify(latest, null, 2)}\n`);
  return { folder: name, latest: true };
}

/**
 * The latest model of a title.
 * @throws InputError naming what is missing when there is none, or when its files are not those that were published
 */
export async function latestModel(dataRoot: string, title: string): Promise<LatestModel> {
  const folder = modelsFolder(dataRoot, title);
  const latest = await readLatest(folder);
  if (!latest)
    throw new InputError(
      `There is no model of '${title}': ${join(folder, "latest.json")} is missing; run the workflow p2a3xgb for the title first`,
    );
  const model = join(folder, latest.folder, "model.json");
  const found = await sha256Of(model).catch((cause: Error) => {
    throw new InputError(`The latest model of '${title}' is missing: ${model}: ${cause.message}`, { cause });
  });
  if (found !== latest.sha256 || latest.title !== title)
    throw new InputError(`${model} is not the model of '${title}' that ${join(folder, "latest.json")} names`);
  return { ...latest, model, features: join(folder, latest.folder, "features.json") };
}

async function readLatest(folder: string): Promise<Latest | undefined> {
  const path = join(folder, "latest.json");
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
  try {
    return latestSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw new InputError(`${path} cannot be used: ${(cause as Error).message}`, { cause });
  }
}

/** Whether a model's folder has the files of these digests, and nothing else. */
async function isWhole(folder: string, digests: string[]): Promise<boolean> {
  const names = await readdir(folder).catch(() => []);
  if (names.length !== MODEL_FILES.length) return false;
  const found = await Promise.all(MODEL_FILES.map((file) => sha256Of(join(folder, file)).catch(() => undefined)));
  return found.join() === digests.join();
}

/** What a publication left behind that was broken off; there is one at a time, by a lock on the folder. */
async function removeLeftovers(folder: string): Promise<void> {
  for (const name of await readdir(folder))
    if (name.startsWith(PENDING)) await rm(join(folder, name), { recursive: true, force: true });
}

async function writeAtomically(path: string, text: string): Promise<void> {
  const pending = join(dirname(path), `${PENDING}${randomUUID()}`);
  await writeFile(pending, text);
  await rename(pending, path);
}
