// Where Spark and Java are on this machine, and the file system for S3, compiled once for both.
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rename, rm } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { projectPython } from "../../../server/paths.js";

const execute = promisify(execFile);

/** What jobs of Spark run on. */
export interface SparkInstallation {
  python: string;
  /** JAVA_HOME. */
  javaHome: string;
  /** Our file system for S3, as a jar. */
  fileSystemJar: string;
}

const SOURCES = fileURLToPath(new URL("filesystem/", import.meta.url));

let found: Promise<SparkInstallation> | undefined;

/** Spark's installation; looked for, and the file system compiled, at the first call. Rejects with what to do. */
export function sparkInstallation(): Promise<SparkInstallation> {
  found ??= locate().catch((error: unknown) => {
    found = undefined;
    throw error;
  });
  return found;
}

async function locate(): Promise<SparkInstallation> {
  const python = projectPython();
  const { stdout } = await execute(python, [fileURLToPath(new URL("locate.py", import.meta.url))]);
  const { spark, java } = JSON.parse(stdout) as { spark: string | null; java: string | null };
  if (!spark) throw new Error("Spark is not installed in the project's Python environment. Run `npm run setup`.");
  if (!java)
    throw new Error(
      "No Java between 8 and 17 was found, which Spark 3.5 needs. Run `npm run setup`, or set JAVA_HOME.",
    );
  return { python, javaHome: java, fileSystemJar: await compiled(join(spark, "jars"), join(java, "bin", "java")) };
}

/** Compiles with the compiler that Spark brings along: it needs no JDK. Kept by the sources' digest. */
async function compiled(jars: string, java: string): Promise<string> {
  const names = (await readdir(SOURCES)).filter((name) => name.endsWith(".scala")).sort();
  const files = names.map((name) => join(SOURCES, name));
  const digest = createHash("sha256");
  for (const file of files) digest.update(await readFile(file));
  const folder = join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "crucible", "spark");
  const jar = join(folder, `s3-${digest.digest("hex").slice(0, 16)}.jar`);
  if (existsSync(jar)) return jar;
  await mkdir(folder, { recursive: true });
  const made = `${jar}.${process.pid}.jar`;
  try {
    await execute(java, ["-cp", join(jars, "*"), "scala.tools.nsc.Main", "-usejavacp", "-d", made, ...files]);
    await rename(made, jar);
  } finally {
    await rm(made, { force: true });
  }
  return jar;
}
