// "Step Functions Execution Status Change" events on the default bus, each execution's in the order in which they happened.
import type { ComputeContext } from "../../service.js";
import type { JsonObject } from "../language/json.js";
import type { Execution } from "../service/model.js";
import { statusDetail } from "../service/records.js";

/** Events under way at once; thousands of executions must not open thousands of connections. */
const CONCURRENCY = 8;

export interface StatusEvents {
  /** Announces the status that the execution has just taken. */
  publish(account: string, region: string, execution: Execution): void;
  /** Resolves when all events so far were handed over, or given up on with a message. */
  drained(): Promise<void>;
}

export function statusEvents(context: Pick<ComputeContext, "putEvent" | "log">): StatusEvents {
  const lastOf = new Map<string, Promise<void>>();
  const waiting: (() => void)[] = [];
  let underWay = 0;

  const send = async (account: string, region: string, arn: string, detail: JsonObject): Promise<void> => {
    if (underWay >= CONCURRENCY) await new Promise<void>((resolve) => waiting.push(resolve));
    underWay += 1;
    try {
      await context.putEvent(account, region, {
        source: "aws.states",
        detailType: "Step Functions Execution Status Change",
        detail,
        resources: [arn],
      });
    } catch (error) {
      context.log(
        `states: the ${String(detail.status)} event of ${arn} was not delivered: ${(error as Error).message}`,
      );
    } finally {
      underWay -= 1;
      waiting.shift()?.();
    }
  };

  return {
    publish(account, region, execution) {
      // Express executions send none. Source: "Automating Step Functions event delivery with EventBridge".
      if (execution.machine.type === "EXPRESS") return;
      const { arn } = execution;
      const detail = statusDetail(execution);
      const sent = (lastOf.get(arn) ?? Promise.resolve()).then(() => send(account, region, arn, detail));
      lastOf.set(arn, sent);
      void sent.then(() => {
        if (lastOf.get(arn) === sent) lastOf.delete(arn);
      });
    },
    async drained() {
      await Promise.all(lastOf.values());
    },
  };
}
