// Writing so that a crash at any moment leaves the old or the new, never a part: aside, to the disk, then renamed.
import { randomUUID } from "node:crypto";
import { link, mkdir, open, readdir, readFile, rename, rm, unlink } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

const ASIDE = /^\..+\.[0-9a-f-]{36}\.tmp$/;

/** Replaces a JSON file, or makes it, with its folder. */
export async function writeJson(path: string, value: unknown): Promise<void> {
  await rename(await writeAside(path, value), path);
  await syncFolder(dirname(path));
}

/** Makes a JSON file unless there is one. @returns whether it was made */
export async function createJson(path: string, value: unknown): Promise<boolean> {
  const aside = await writeAside(path, value);
  try {
    await link(aside, path);
    await syncFolder(dirname(path));
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  } finally {
    await unlink(aside);
  }
}

/** @returns undefined when there is no such file @throws Error naming the file when it is not JSON */
export async function readJson(path: string): Promise<unknown> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new Error(`${path} is not JSON: ${(cause as Error).message}`, { cause });
  }
}

/** Removes what writers of this module that were killed have left in a folder. Nobody may be writing there. */
export async function clearAside(folder: string): Promise<void> {
  const names = await readdir(folder).catch(() => []);
  await Promise.all(names.filter((name) => ASIDE.test(name)).map((name) => rm(join(folder, name), { force: true })));
}

/**
 * Puts a file or folder in its place, over what is there. The content must be on the disk already (`syncTree`).
 * @param aside a folder on the same file system for what was there before; the caller removes it
 */
export async function place(from: string, to: string, aside: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true });
  try {
    await rename(from, to);
  } catch (error) {
    // A file takes the place of a file, but nothing that of a folder with something in it.
    if (!["ENOTEMPTY", "EEXIST", "EISDIR", "ENOTDIR"].includes((error as NodeJS.ErrnoException).code ?? ""))
      throw error;
    await mkdir(aside, { recursive: true });
    await rename(to, join(aside, randomUUID()));
    await rename(from, to);
  }
  await syncFolder(dirname(to));
}

/** Brings a file, or a folder with all in it, to the disk. */
export async function syncTree(path: string): Promise<void> {
  const entries = await readdir(path, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOTDIR") return undefined;
    throw error;
  });
  for (const entry of entries ?? []) await syncTree(join(path, entry.name));
  await sync(path);
}

async function syncFolder(path: string): Promise<void> {
  await sync(path);
}

async function sync(path: string): Promise<void> {
  const handle = await open(path, "r");
  try {
    await handle.sync();
  } catch (error) {
    // Some file systems do not sync folders; their renames are as durable as they get.
    if (!["EINVAL", "EISDIR", "EPERM", "ENOTSUP"].includes((error as NodeJS.ErrnoException).code ?? "")) throw error;
  } finally {
    await handle.close();
  }
}

async function writeAside(path: string, value: unknown): Promise<string> {
  await mkdir(dirname(path), { recursive: true });
  const aside = join(dirname(path), `.${basename(path)}.${randomUUID()}.tmp`);
  const handle = await open(aside, "wx");
  try {
    await handle.writeFile(`${JSON.stringify(value, undefined, 2)}\n`);
    await handle.sync();
  } finally {
    await handle.close();
  }
  return aside;
}
