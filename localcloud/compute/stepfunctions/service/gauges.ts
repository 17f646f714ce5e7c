// How many of a kind there are, told whenever one comes or goes.
// Source: "Monitoring Step Functions metrics using Amazon CloudWatch", Execution, Map Run, Version and Alias, and Account-level Usage Metrics.
import type { Metric } from "./metrics.js";
import type { StateMachine } from "./model.js";
import type { Region } from "./store.js";

/** Quotas of an account. Source: Step Functions quotas. */
const MAXIMUM_OPEN_EXECUTIONS = 1_000_000;
const MAXIMUM_OPEN_MAP_RUNS = 1000;

const gauge = (name: string, value: number, more: Partial<Metric> = {}): Metric => ({
  name,
  value,
  unit: "Count",
  dimensions: {},
  ...more,
});

/** @param open Standard executions under way */
export const executionGauges = (open: number): Metric[] => [
  gauge("OpenExecutionCount", open),
  gauge("OpenExecutionLimit", MAXIMUM_OPEN_EXECUTIONS),
];

/** No run waits for another here. */
export const mapRunGauges = (region: Region): Metric[] => [
  gauge("ApproximateOpenMapRunCount", [...region.mapRuns.values()].filter(({ status }) => status === "RUNNING").length),
  gauge("OpenMapRunLimit", MAXIMUM_OPEN_MAP_RUNS),
  gauge("ApproximateMapRunBacklogSize", 0),
];

/** What a state machine has been published as. */
export const machineGauges = ({ arn, versions, aliases }: StateMachine): Metric[] => [
  gauge("VersionCount", versions.size, { dimensions: { ResourceArn: arn } }),
  gauge("AliasCount", aliases.size, { dimensions: { ResourceArn: arn } }),
];

export const usageGauges = ({ machines, activities }: Region): Metric[] => [
  gauge("StateMachineCount", machines.size, { namespace: "AWS/Usage" }),
  gauge("ActivityCount", activities.size, { namespace: "AWS/Usage" }),
];
