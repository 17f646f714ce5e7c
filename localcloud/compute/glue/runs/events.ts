// Events of runs: "Automating AWS Glue with EventBridge", AWS Glue Developer Guide.
import type { ComputeContext, ServiceEvent } from "../../service.js";
import type { Run, Scope } from "../model.js";

/** "Glue Job State Change", for the states in which a run ends. */
export function stateChange(run: Run): ServiceEvent {
  const failed = run.JobRunState === "FAILED" || run.JobRunState === "TIMEOUT" || run.JobRunState === "ERROR";
  return {
    source: "aws.glue",
    detailType: "Glue Job State Change",
    detail: {
      jobName: run.JobName,
      severity: failed ? (run.JobRunState === "TIMEOUT" ? "WARN" : "ERROR") : "INFO",
      state: run.JobRunState,
      jobRunId: run.Id,
      message:
        run.JobRunState === "SUCCEEDED"
          ? "Job run succeeded"
          : (run.ErrorMessage ?? `Job run ${WORDS[run.JobRunState] ?? "ended"}`),
    },
    resources: [],
  };
}

const WORDS: Readonly<Record<string, string>> = { STOPPED: "stopped", TIMEOUT: "timed out", FAILED: "failed" };

/** "Glue Job Run Status": a run is under way for longer than its NotifyDelayAfter. */
export function runStatus(run: Run, delayMinutes: number): ServiceEvent {
  return {
    source: "aws.glue",
    detailType: "Glue Job Run Status",
    detail: {
      jobName: run.JobName,
      severity: "INFO",
      notificationCondition: { NotifyDelayAfter: delayMinutes },
      state: run.JobRunState,
      jobRunId: run.Id,
      message: `Job is in ${run.JobRunState} state`,
      startedOn: run.StartedOn.toISOString(),
    },
    resources: [],
  };
}

/** Puts an event; one that could not be delivered is in the cloud's log. */
export function publish(
  context: Pick<ComputeContext, "putEvent" | "log">,
  { account, region }: Scope,
  event: ServiceEvent,
): void {
  context.putEvent(account, region, event).catch((error: Error) => {
    context.log(`glue: ${event.detailType} ${JSON.stringify(event.detail)} was not delivered: ${error.message}`);
  });
}
