// One run as a process: session, files, configuration, output, and what its end means.
import { existsSync } from "node:fs";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { S3Client } from "@aws-sdk/client-s3";
import type { LogStream, LogWriter } from "../../logs/writer.js";
import type { ComputeContext } from "../../service.js";
import { sessionName } from "../../session-name.js";
import type { Run, Scope, StoredJob } from "../model.js";
import { type SparkInstallation, sparkVariables } from "../spark/installation.js";
import { propertiesText } from "../spark/properties.js";
import { extraFiles, isOn, type RunIdentity, scriptArguments, sparkSettings } from "./arguments.js";
import type { Machine } from "./capacity.js";
import { failureMessage } from "./failure.js";
import { fetchFile, LaunchError } from "./files.js";
import { putRunMetrics, totalsOf } from "./metrics.js";
import type { RunProcess, StartProcess } from "./process.js";
import { LOGGING, sparkConfiguration } from "./spark.js";

export interface AttemptWorld {
  readonly context: ComputeContext;
  readonly logs: LogWriter;
  readonly startProcess: StartProcess;
  readonly machine: Machine;
  /** Where Spark is; asked for by jobs of Spark only. */
  readonly spark: () => Promise<SparkInstallation>;
  /** The project's Python. */
  readonly python: () => string;
}

export interface AttemptInput {
  readonly scope: Scope;
  readonly job: StoredJob;
  readonly run: Run;
  readonly identity: RunIdentity;
  readonly merged: Record<string, string>;
  /** What the job's scripts have processed before, JSON. */
  readonly bookmark: string | undefined;
  /** The process runs. */
  started(): void;
}

/** How a run's process ended. */
export interface AttemptEnd {
  succeeded: boolean;
  message?: string;
  /** What the script has committed as processed, JSON. */
  bookmark?: string;
}

const LIBRARY = fileURLToPath(new URL("../python/", import.meta.url));

/** Kinds of jobs that run on Spark. */
export const isSparkJob = (job: Pick<StoredJob, "Command">): boolean => job.Command.Name === "glueetl";

/** A run that is being carried out; `stop` ends it wherever it is. */
export class Attempt {
  readonly ended: Promise<AttemptEnd>;
  #process: RunProcess | undefined;
  #stopped = false;
  readonly #folder: string;

  constructor(
    private readonly input: AttemptInput,
    private readonly world: AttemptWorld,
  ) {
    this.#folder = join(world.context.dataDir, "glue", input.run.Id);
    this.ended = this.#carryOut();
  }

  stop(): void {
    this.#stopped = true;
    this.#process?.kill();
  }

  async #carryOut(): Promise<AttemptEnd> {
    const { context } = this.world;
    const { scope, job, run } = this.input;
    const isSpark = isSparkJob(job);
    const streams = this.#openLogs(isSpark);
    let grant: { uri: string; token: string } | undefined;
    try {
      const roleArn = job.Role.startsWith("arn:") ? job.Role : `arn:aws:iam::${scope.account}:role/${job.Role}`;
      grant = await context.credentials
        .grant({ ...scope, roleArn, sessionName: sessionName("GlueJobRunnerSession"), service: "glue.amazonaws.com" })
        .catch((cause: unknown) => {
          throw new Error(`${roleArn} should be given assume role permissions for Glue Service.`, { cause });
        });
      await mkdir(join(this.#folder, "tmp"), { recursive: true });
      const files = await this.#fetch(roleArn);
      const bookmarkFile = join(this.#folder, "bookmark.json");
      if (this.input.bookmark) await writeFile(bookmarkFile, this.input.bookmark);
      const environment = {
        ...this.#environment(grant, files.python, bookmarkFile),
        ...(isSpark ? await this.#prepareSpark(files.jars) : {}),
      };
      if (this.#stopped) return { succeeded: false };
      const reasonFile = join(this.#folder, "reason.json");
      this.#process = await this.world.startProcess({
        file: this.world.python(),
        args: [
          join(LIBRARY, "launch.py"),
          reasonFile,
          files.script,
          ...scriptArguments(this.input.merged, this.input.identity),
        ],
        folder: this.#folder,
        environment,
        onLine: (stream, line) => streams[stream].write(line, context.now()),
      });
      if (this.#stopped) this.#process.kill();
      else this.input.started();
      const exitCode = await this.#process.exited;
      const reason = existsSync(reasonFile) ? await readFile(reasonFile, "utf8") : undefined;
      const bookmark = existsSync(bookmarkFile) ? await readFile(bookmarkFile, "utf8") : undefined;
      if (isOn(this.input.merged["--enable-metrics"]) && isSpark)
        await putRunMetrics(context, scope, run, await totalsOf(join(this.#folder, "events")), context.now());
      if (exitCode === 0) return { succeeded: true, bookmark };
      return { succeeded: false, message: failureMessage(reason, exitCode, isSpark), bookmark };
    } catch (error) {
      const { message } = error as Error;
      streams.error.write(message, context.now());
      if (!(error instanceof LaunchError))
        context.log(`glue: run ${run.Id} of ${run.JobName}: ${(error as Error).stack}`);
      return { succeeded: false, message };
    } finally {
      if (grant) context.credentials.revoke(grant.uri);
      await Promise.all([streams.output.close(), streams.error.close()]);
      await rm(this.#folder, { recursive: true, force: true }).catch((error: Error) => {
        context.log(`glue: could not remove ${this.#folder}: ${error.message}`);
      });
    }
  }

  #openLogs(isSpark: boolean): Record<"output" | "error", LogStream> {
    const open = (kind: string) => {
      const group = `${isSpark ? "/aws-glue/jobs" : "/aws-glue/python-jobs"}/${kind}`;
      const stream = this.world.logs.open({ ...this.input.scope, group, stream: this.input.run.Id }, true);
      stream.ready.catch((error: Error) => this.world.context.log(`glue: ${group}: ${error.message}`));
      return stream;
    };
    return { output: open("output"), error: open("error") };
  }

  async #fetch(roleArn: string): Promise<{ script: string; python: string[]; jars: string[] }> {
    const { scope, job, merged } = this.input;
    const { context } = this.world;
    const name = sessionName("GlueJobRunnerSession");
    const credentials = await context.assumeRole({
      ...scope,
      roleArn,
      sessionName: name,
      service: "glue.amazonaws.com",
    });
    const client = new S3Client({
      ...context.clientConfig(scope.account, scope.region),
      credentials,
      forcePathStyle: true,
    });
    try {
      const extra = extraFiles(merged);
      const fetchAll = (paths: string[]) => Promise.all(paths.map((path) => fetchFile(client, path, this.#folder)));
      const [script, python, jars] = await Promise.all([
        fetchFile(client, job.Command.ScriptLocation ?? "", this.#folder),
        fetchAll(extra.python),
        fetchAll(extra.jars),
        fetchAll(extra.plain),
      ]);
      return { script, python, jars };
    } finally {
      client.destroy();
    }
  }

  /** Nothing of the cloud's own environment is in it. */
  #environment(grant: { uri: string; token: string }, python: string[], bookmarkFile: string): Record<string, string> {
    const { context } = this.world;
    const { scope, job } = this.input;
    // Single modules are found in the working folder, archives by their names.
    const archives = python.filter((file) => /\.(zip|egg|whl)$/.test(file));
    return {
      HOME: this.#folder,
      TMPDIR: join(this.#folder, "tmp"),
      PATH: "/usr/local/bin:/usr/bin:/bin",
      LANG: "C.UTF-8",
      PYTHONUNBUFFERED: "1",
      PYTHONDONTWRITEBYTECODE: "1",
      PYTHONPATH: [LIBRARY, this.#folder, ...archives].join(delimiter),
      AWS_CONTAINER_CREDENTIALS_FULL_URI: grant.uri,
      AWS_CONTAINER_AUTHORIZATION_TOKEN: grant.token,
      AWS_REGION: scope.region,
      AWS_DEFAULT_REGION: scope.region,
      AWS_ENDPOINT_URL: context.endpoint,
      GLUE_VERSION: job.GlueVersion ?? "",
      GLUE_PYTHON_VERSION: job.Command.PythonVersion ?? "3",
      GLUE_JOB_BOOKMARK: bookmarkFile,
    };
  }

  async #prepareSpark(jars: string[]): Promise<Record<string, string>> {
    const { context, machine, spark } = this.world;
    const { scope, job, run, merged } = this.input;
    const installation = await spark();
    const folder = this.#folder;
    const records = isOn(merged["--enable-metrics"]);
    const settings = sparkConfiguration({
      jobName: job.Name,
      capacity: run as Parameters<typeof sparkConfiguration>[0]["capacity"],
      machine,
      endpoint: context.endpoint,
      region: scope.region,
      fileSystemJar: installation.fileSystemJar,
      classArchive: installation.classArchive,
      jars,
      folder,
      records,
      settings: sparkSettings(merged["--conf"]),
    });
    const conf = join(folder, "conf");
    await mkdir(conf, { recursive: true });
    if (records) await mkdir(join(folder, "events"), { recursive: true });
    const defaults = join(conf, "spark-defaults.conf");
    await writeFile(defaults, propertiesText(settings));
    await writeFile(join(conf, "log4j2.properties"), LOGGING);
    return {
      JAVA_HOME: installation.javaHome,
      SPARK_LOCAL_IP: "127.0.0.1",
      SPARK_LOCAL_DIRS: join(folder, "tmp"),
      ...sparkVariables(defaults, installation.python),
    };
  }
}
