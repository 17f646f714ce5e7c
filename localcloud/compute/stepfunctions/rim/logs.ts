// Histories to CloudWatch Logs, as a state machine's logging configuration asks for.
import { createHash } from "node:crypto";
import type { LogDestination, LogStream, LogWriter } from "../../logs/writer.js";
import type { Execution } from "../service/model.js";
import { logRecords } from "../service/records.js";

export interface HistoryLogs {
  /** Writes what the history has from `from` on. */
  write(execution: Execution, from: number): void;
  drained(): Promise<void>;
}

/** One stream for each state machine and minute, shared by its executions as on AWS: `states/<name>/<minute>/<eight digits>`. */
export function historyLogs(writer: LogWriter): HistoryLogs {
  const current = new Map<string, { name: string; stream: LogStream }>();
  const closing = new Set<Promise<void>>();
  const close = (stream: LogStream): void => {
    const closed = stream.close();
    closing.add(closed);
    void closed.then(() => closing.delete(closed));
  };
  return {
    write(execution, from) {
      const group = logGroupOf(execution);
      const records = group ? logRecords(execution, from) : [];
      const [first] = records;
      if (!group || !first) return;
      const { name: machine, arn } = execution.machine;
      const minute = new Date(first.atMs).toISOString().slice(0, 16).replace(/[T:]/g, "-");
      const name = `states/${machine}/${minute}/${createHash("sha256").update(`${arn}${minute}`).digest("hex").slice(0, 8)}`;
      const key = `${group.account}/${group.region}/${group.group}/${arn}`;
      let open = current.get(key);
      if (open?.name !== name) {
        if (open) close(open.stream);
        open = { name, stream: writer.open({ ...group, stream: name }, false) };
        current.set(key, open);
      }
      for (const { atMs, text } of records) open.stream.write(text, new Date(atMs));
    },
    async drained() {
      for (const { stream } of current.values()) close(stream);
      current.clear();
      await Promise.all(closing);
    },
  };
}

/** The log group that the machine's logging configuration names: `arn:aws:logs:<region>:<account>:log-group:<name>:*`. */
function logGroupOf({ revision }: Execution): Omit<LogDestination, "stream"> | undefined {
  const destinations = revision.loggingConfiguration.destinations as
    | { cloudWatchLogsLogGroup?: { logGroupArn?: string } }[]
    | undefined;
  const match = /^arn:[^:]+:logs:([^:]+):(\d{12}):log-group:(.+?)(?::\*)?$/.exec(
    destinations?.[0]?.cloudWatchLogsLogGroup?.logGroupArn ?? "",
  );
  if (!match) return undefined;
  const [, region = "", account = "", group = ""] = match;
  return { account, region, group };
}
