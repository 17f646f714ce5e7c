// Where Spark and Java are on this machine, and what is made once for both: the file system for S3, and an archive of loaded classes.
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { projectPython } from "../../../server/paths.js";
import { propertiesText } from "./properties.js";

const execute = promisify(execFile);

/** What jobs of Spark run on. */
export interface SparkInstallation {
  python: string;
  /** JAVA_HOME. */
  javaHome: string;
  /** Our file system for S3, as a jar. */
  fileSystemJar: string;
  /** Where Java's archive of Spark's classes is, or would be. */
  classArchive: string;
  /** Whether the file system was compiled just now. */
  isNew: boolean;
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
  const { jar: fileSystemJar, isNew } = await compiled(join(spark, "jars"), join(java, "bin", "java"));
  return { python, javaHome: java, fileSystemJar, classArchive: await archiveOf(fileSystemJar, spark, java), isNew };
}

/** An archive fits the very Java and the very jars that it was made with. */
async function archiveOf(fileSystemJar: string, spark: string, java: string): Promise<string> {
  const release = await readFile(join(java, "release"), "utf8").catch(() => "");
  const jars = await readdir(join(spark, "jars"));
  const digest = createHash("sha256")
    .update([release, java, spark, fileSystemJar, ...jars.sort()].join("\n"))
    .digest("hex");
  return join(dirname(fileSystemJar), `classes-${digest.slice(0, 16)}.jsa`);
}

/**
 * Has Java keep the classes that a small program of Spark loads, so that a run maps them in place of loading and checking each: half
 * of what starting Spark takes. Returns whether the archive is new. Rejects where Java cannot; runs do without it.
 */
export async function archiveClasses(): Promise<boolean> {
  const { python, javaHome, fileSystemJar, classArchive } = await sparkInstallation();
  if (existsSync(classArchive)) return false;
  const folder = await mkdtemp(join(tmpdir(), "crucible-spark-"));
  const made = `${classArchive}.${process.pid}.jsa`;
  try {
    const settings = {
      "spark.master": "local[2]",
      "spark.ui.enabled": "false",
      "spark.driver.bindAddress": "127.0.0.1",
      "spark.driver.extraClassPath": fileSystemJar,
      "spark.driver.defaultJavaOptions": `-XX:+UseSerialGC "-XX:ArchiveClassesAtExit=${made}"`,
      "spark.sql.warehouse.dir": join(folder, "warehouse"),
    };
    const defaults = join(folder, "spark-defaults.conf");
    await writeFile(defaults, propertiesText(settings));
    await execute(python, [fileURLToPath(new URL("warm.py", import.meta.url)), folder], {
      cwd: folder,
      env: {
        PATH: process.env.PATH,
        HOME: folder,
        JAVA_HOME: javaHome,
        SPARK_LOCAL_IP: "127.0.0.1",
        ...sparkVariables(defaults, python),
      },
    });
    await rename(made, classArchive);
    return true;
  } finally {
    await rm(made, { force: true });
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * What Spark is told of its settings. A folder of settings (`SPARK_CONF_DIR`) would be on Java's class path, where an archive of classes
 * allows jars alone.
 */
export function sparkVariables(defaults: string, python: string): Record<string, string> {
  return {
    PYSPARK_SUBMIT_ARGS: `--properties-file ${JSON.stringify(defaults)} pyspark-shell`,
    PYSPARK_PYTHON: python,
    PYSPARK_DRIVER_PYTHON: python,
  };
}

/** Compiles with the compiler that Spark brings along: it needs no JDK. Kept by the sources' digest. */
async function compiled(jars: string, java: string): Promise<{ jar: string; isNew: boolean }> {
  const names = (await readdir(SOURCES)).filter((name) => name.endsWith(".scala")).sort();
  const files = names.map((name) => join(SOURCES, name));
  const digest = createHash("sha256");
  for (const file of files) digest.update(await readFile(file));
  const folder = join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "crucible", "spark");
  const jar = join(folder, `s3-${digest.digest("hex").slice(0, 16)}.jar`);
  if (existsSync(jar)) return { jar, isNew: false };
  await mkdir(folder, { recursive: true });
  const made = `${jar}.${process.pid}.jar`;
  try {
    await execute(java, ["-cp", join(jars, "*"), "scala.tools.nsc.Main", "-usejavacp", "-d", made, ...files]);
    await rename(made, jar);
  } finally {
    await rm(made, { force: true });
  }
  return { jar, isNew: true };
}
