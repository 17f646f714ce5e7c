// `prepare`: makes the co-operative's data of the source's files, beside its place, and puts it there all at once.
import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { describeClaim, Locks } from "../../athanor/locks/locks.js";
import { thisOwner } from "../../athanor/locks/owner.js";
import { Database } from "../../lib/duckdb.js";
import type { Limits } from "../../lib/limits.js";
import type { Logger } from "../../lib/log.js";
import type { OpenBucket } from "../../lib/objects.js";
import type { JobResult } from "../../lib/runner.js";
import { MANIFEST, type Manifest, manifestOf, type Recipe, readManifest, recipeOf } from "./manifest.js";
import { coopFolder } from "./paths.js";
import { publish } from "./publish.js";
import { fetchSources, type SourceFile } from "./source.js";
import { writeTables } from "./tables.js";

export interface PrepareRequest {
  /** Absolute path of the shared data. */
  dataRoot: string;
  /** Folder of the source's files: a path or `s3://bucket/prefix`. */
  source: string;
  /** Copies of every household, at least 1. */
  scale: number;
  /** Make the data again although it is there. */
  force: boolean;
  /** Bucket that gets the artefact copy; none without. */
  bucket?: string;
}

export interface PrepareContext {
  log: Logger;
  limits: Limits;
  /** An empty folder for downloads and what does not fit into memory. */
  workFolder: string;
  openBucket: OpenBucket;
  signal: AbortSignal;
}

/**
 * Prepares the data, or leaves it when it is there and was made of the same source.
 * @throws UsageError, InputError or StorageError for what is wrong with the request, the source or a store
 */
export async function prepare(request: PrepareRequest, context: PrepareContext): Promise<JobResult> {
  const { log, openBucket } = context;
  const folder = coopFolder(request.dataRoot);
  const sources = await fetchSources(request.source, context.workFolder, openBucket, context.signal);
  const recipe = recipeOf(sources, request.scale);
  await mkdir(dirname(folder), { recursive: true });
  const lock = await new Locks(request.dataRoot).acquire(folder, "EXCLUSIVE", {
    owner: thisOwner("prepare", "prepare"),
    signal: context.signal,
    onWait: (claims) => log.info("waiting", { for: claims.map(describeClaim) }),
  });
  try {
    const signal = AbortSignal.any([context.signal, lock.signal]);
    await tidy(folder);
    const there = request.force ? undefined : await currentManifest(folder, recipe);
    if (there) log.info("already there", { folder, digest: there.digest });
    const manifest = there ?? (await make(folder, sources, recipe, { ...context, signal }, () => lock.assertHeld()));
    const objects = request.bucket ? await publish(folder, manifest, openBucket(request.bucket)) : [];
    const rows = Object.fromEntries(Object.entries(manifest.tables).map(([name, table]) => [name, table.rows]));
    return {
      rowsIn: rows.transactions ?? 0,
      rowsOut: Object.values(rows).reduce((sum, count) => sum + count, 0),
      written: objects,
      figures: { scale: recipe.scale, tables: rows, digest: manifest.digest, made: there === undefined },
    };
  } finally {
    await lock.release();
  }
}

async function make(
  folder: string,
  sources: readonly SourceFile[],
  recipe: Recipe,
  context: PrepareContext,
  assertHeld: () => Promise<void>,
): Promise<Manifest> {
  const { log, limits, workFolder, signal } = context;
  const aside = `${folder}${ASIDE}${randomUUID()}`;
  await mkdir(aside);
  const db = await Database.open(limits, workFolder);
  const interrupt = () => db.interrupt();
  signal.addEventListener("abort", interrupt);
  try {
    const files = await writeTables({ db, sources, folder: aside, scale: recipe.scale, log, signal });
    const manifest = manifestOf(recipe, files);
    await writeFile(join(aside, MANIFEST), `${JSON.stringify(manifest, undefined, 1)}\n`);
    signal.throwIfAborted();
    await assertHeld();
    await replace(folder, aside);
    return manifest;
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    signal.removeEventListener("abort", interrupt);
    db.close();
    await rm(aside, { recursive: true, force: true });
  }
}

/** Names beside the data's folder: what is being made, and what has been replaced. */
const ASIDE = ".pending-";
const REPLACED = ".replaced";

/** A folder cannot take another's place in one step; `tidy` undoes the first step should the second not have come. */
async function replace(folder: string, by: string): Promise<void> {
  const replaced = `${folder}${REPLACED}`;
  if (existsSync(folder)) await rename(folder, replaced);
  await rename(by, folder);
  await rm(replaced, { recursive: true, force: true });
}

/** Ends what a run that was killed has left; the lock says that no other is at it. */
async function tidy(folder: string): Promise<void> {
  const replaced = `${folder}${REPLACED}`;
  if (existsSync(replaced)) {
    if (existsSync(folder)) await rm(replaced, { recursive: true, force: true });
    else await rename(replaced, folder);
  }
  for (const name of await readdir(dirname(folder)))
    if (name.startsWith(`${basename(folder)}${ASIDE}`))
      await rm(join(dirname(folder), name), { recursive: true, force: true });
}

/** The manifest of data that was made by the same recipe and is all there; undefined otherwise. */
async function currentManifest(folder: string, recipe: Recipe): Promise<Manifest | undefined> {
  const manifest = await readManifest(folder);
  if (!manifest) return undefined;
  const { version, source, sourceFiles, scale } = manifest;
  if (JSON.stringify({ version, source, sourceFiles, scale }) !== JSON.stringify(recipe)) return undefined;
  for (const { path, bytes } of Object.values(manifest.tables).flatMap((table) => table.files)) {
    const size = await stat(join(folder, path)).then(
      (found) => found.size,
      () => undefined,
    );
    if (size !== bytes) return undefined;
  }
  return manifest;
}
