// Metrics of a run, of what Spark recorded about it: "Monitoring AWS Glue using Amazon CloudWatch metrics".
import { createReadStream } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { CloudWatchClient, PutMetricDataCommand } from "@aws-sdk/client-cloudwatch";
import type { ComputeContext } from "../../service.js";
import type { Run, Scope } from "../model.js";

/** Sums over a run, by what follows `glue.driver.aggregate.`. */
export type RunTotals = Record<string, number>;

interface TaskEnd {
  Event?: string;
  "Task End Reason"?: { Reason?: string };
  "Stage Info"?: { "Failure Reason"?: string };
  "Task Metrics"?: {
    "Input Metrics"?: { "Bytes Read"?: number; "Records Read"?: number };
    "Shuffle Write Metrics"?: { "Shuffle Bytes Written"?: number };
    "Shuffle Read Metrics"?: { "Local Bytes Read"?: number };
  };
}

/** Adds what one event of Spark says. */
export function addEvent(totals: RunTotals, event: TaskEnd): void {
  const add = (name: string, value = 1) => {
    totals[name] = (totals[name] ?? 0) + value;
  };
  if (event.Event === "SparkListenerStageCompleted" && !event["Stage Info"]?.["Failure Reason"])
    add("numCompletedStages");
  if (event.Event !== "SparkListenerTaskEnd") return;
  const reason = event["Task End Reason"]?.Reason;
  add(reason === "Success" ? "numCompletedTasks" : reason === "TaskKilled" ? "numKilledTasks" : "numFailedTasks");
  const metrics = event["Task Metrics"];
  add("bytesRead", metrics?.["Input Metrics"]?.["Bytes Read"] ?? 0);
  add("recordsRead", metrics?.["Input Metrics"]?.["Records Read"] ?? 0);
  add("shuffleBytesWritten", metrics?.["Shuffle Write Metrics"]?.["Shuffle Bytes Written"] ?? 0);
  add("shuffleLocalBytesRead", metrics?.["Shuffle Read Metrics"]?.["Local Bytes Read"] ?? 0);
}

/** Totals of Spark's event logs in a folder. */
export async function totalsOf(folder: string): Promise<RunTotals> {
  const totals: RunTotals = {
    numCompletedStages: 0,
    numCompletedTasks: 0,
    numFailedTasks: 0,
    numKilledTasks: 0,
    bytesRead: 0,
    recordsRead: 0,
    shuffleBytesWritten: 0,
    shuffleLocalBytesRead: 0,
  };
  for (const name of await readdir(folder).catch((): string[] => []))
    for await (const line of createInterface({ input: createReadStream(join(folder, name)) })) {
      // A run that was killed may have left half a line.
      if (line.endsWith("}")) addEvent(totals, JSON.parse(line) as TaskEnd);
    }
  return totals;
}

/** Puts a run's metrics, for the run and for all runs of its job. */
export async function putRunMetrics(
  context: Pick<ComputeContext, "clientConfig">,
  { account, region }: Scope,
  run: Run,
  totals: RunTotals,
  at: Date,
): Promise<void> {
  const elapsed = { ...totals, elapsedTime: at.getTime() - run.StartedOn.getTime() };
  const MetricData = Object.entries(elapsed).flatMap(([name, Value]) =>
    [run.Id, "ALL"].map((JobRunId) => ({
      MetricName: `glue.driver.aggregate.${name}`,
      Dimensions: Object.entries({ JobName: run.JobName, JobRunId, Type: "count" }).map(([Name, Of]) => ({
        Name,
        Value: Of,
      })),
      Value,
      Timestamp: at,
    })),
  );
  await new CloudWatchClient(context.clientConfig(account, region)).send(
    new PutMetricDataCommand({ Namespace: "Glue", MetricData }),
  );
}
