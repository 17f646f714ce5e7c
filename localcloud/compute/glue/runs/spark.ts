// Spark's configuration of one run, and the text of its log4j2.properties.
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Capacity, Machine } from "./capacity.js";
import { sparkSize } from "./capacity.js";

export interface SparkRun {
  jobName: string;
  capacity: Capacity;
  machine: Machine;
  /** Endpoint of S3. */
  endpoint: string;
  region: string;
  /** The file system for S3, compiled. */
  fileSystemJar: string;
  /** Java's archive of Spark's classes; it need not be there. */
  classArchive: string;
  /** Further archives of the job. */
  jars: string[];
  /** A folder of the run's own. */
  folder: string;
  /** Whether what Spark does is recorded, for metrics. */
  records: boolean;
  /** The job's own settings; they win. */
  settings: Record<string, string>;
}

/** Paths of S3 work as they stand in scripts, under each name that scripts use. */
const SCHEMES = ["s3", "s3a", "s3n"];

/** The run's settings, by name. */
export function sparkConfiguration(run: SparkRun): Record<string, string> {
  const { cores, heapMiB } = sparkSize(run.capacity, run.machine);
  return {
    "spark.master": `local[${cores}]`,
    "spark.app.name": run.jobName,
    "spark.driver.memory": `${heapMiB}m`,
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.driver.defaultJavaOptions": javaOptions(run),
    // Two hundred partitions are for clusters; with a handful of cores most of the time would go into starting tasks.
    "spark.sql.shuffle.partitions": String(cores * 2),
    "spark.sql.warehouse.dir": `${run.folder}/warehouse`,
    "spark.jars": [run.fileSystemJar, ...run.jars].join(","),
    "spark.driver.extraClassPath": run.fileSystemJar,
    "spark.hadoop.fs.s3.endpoint": run.endpoint,
    "spark.hadoop.fs.s3.region": run.region,
    "spark.hadoop.fs.s3.buffer.dir": `${run.folder}/s3`,
    ...Object.fromEntries(
      SCHEMES.map((scheme) => [`spark.hadoop.fs.${scheme}.impl`, "crucible.s3.S3FileSystem"] as const),
    ),
    ...(run.records && {
      "spark.eventLog.enabled": "true",
      "spark.eventLog.dir": `file://${run.folder}/events`,
      "spark.eventLog.rolling.enabled": "false",
    }),
    ...run.settings,
  };
}

/** The least capacity that a job of Spark can have, data processing units. */
const LEAST_UNITS = 2;

function javaOptions({ capacity, folder, classArchive }: SparkRun): string {
  return [
    // Collectors with threads of their own take the cores that the tasks need.
    "-XX:+UseSerialGC",
    "-XX:-UsePerfData",
    // Spark takes quotes off; a path may have blanks.
    `"-XX:SharedArchiveFile=${classArchive}"`,
    // Where nothing more can be said than that it is not used: a job's log is the job's.
    "-Xlog:cds=off",
    "-Xlog:cds+dynamic=off",
    // Java's second compiler pays for itself after minutes: the smallest jobs do without, the others have it for what runs long.
    ...(capacity.MaxCapacity <= LEAST_UNITS
      ? ["-XX:TieredStopAtLevel=1"]
      : [
          "-XX:Tier4InvocationThreshold=50000",
          "-XX:Tier4MinInvocationThreshold=6000",
          "-XX:Tier4CompileThreshold=150000",
          "-XX:Tier4BackEdgeThreshold=400000",
        ]),
    `-Dlog4j2.configurationFile=${pathToFileURL(join(folder, "conf", "log4j2.properties"))}`,
  ].join(" ");
}

/** Warnings and the job's own logger, on standard error. */
export const LOGGING = `rootLogger.level = warn
rootLogger.appenderRef.stderr.ref = stderr
appender.stderr.type = Console
appender.stderr.name = stderr
appender.stderr.target = SYSTEM_ERR
appender.stderr.layout.type = PatternLayout
appender.stderr.layout.pattern = %d{yyyy-MM-dd HH:mm:ss,SSS} %p [%t] %c{2} (%F:%M(%L)): %m%n
logger.job.name = GlueLogger
logger.job.level = info
logger.native.name = org.apache.hadoop.util.NativeCodeLoader
logger.native.level = error
`;
