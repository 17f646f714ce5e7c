// Metrics to CloudWatch, gathered for a moment and sent together.
import type { ComputeContext } from "../../service.js";
import type { Metric } from "../service/metrics.js";

/** PutMetricData takes so many at once. */
const MOST = 1000;
/** Longest time that a figure waits for others, milliseconds. */
const GATHER_MS = 250;

/** Figures that are sent together. */
interface Batch {
  account: string;
  region: string;
  namespace: string;
  data: ReturnType<typeof datum>[];
}

export interface Metrics {
  put(account: string, region: string, figures: Metric[]): void;
  /** Resolves when all figures so far were handed over, or given up on with a message. */
  drained(): Promise<void>;
}

/** Figures of the service, sent as the account's root: the compute plane stands for the service. */
export function stateMetrics(context: Pick<ComputeContext, "clientConfig" | "log">): Metrics {
  const waiting = new Map<string, Batch>();
  let timer: NodeJS.Timeout | undefined;
  let delivery = Promise.resolve();

  const deliver = async ({ account, region, namespace, data }: Batch): Promise<void> => {
    const { CloudWatchClient, PutMetricDataCommand } = await import("@aws-sdk/client-cloudwatch");
    const client = new CloudWatchClient(context.clientConfig(account, region));
    try {
      for (let start = 0; start < data.length; start += MOST)
        await client.send(
          new PutMetricDataCommand({ Namespace: namespace, MetricData: data.slice(start, start + MOST) }),
        );
    } catch (error) {
      context.log(`states: ${data.length} metrics of ${account} were not delivered: ${(error as Error).message}`);
    } finally {
      client.destroy();
    }
  };
  const flush = (): void => {
    clearTimeout(timer);
    timer = undefined;
    for (const batch of waiting.values()) delivery = delivery.then(() => deliver(batch));
    waiting.clear();
  };
  return {
    put(account, region, figures) {
      if (figures.length === 0) return;
      for (const figure of figures) {
        const { namespace = "AWS/States" } = figure;
        const key = `${account}/${region}/${namespace}`;
        const batch = waiting.get(key) ?? { account, region, namespace, data: [] };
        batch.data.push(datum(figure));
        waiting.set(key, batch);
      }
      timer ??= setTimeout(flush, GATHER_MS);
    },
    async drained() {
      flush();
      await delivery;
    },
  };
}

const datum = ({ name, value, unit, dimensions }: Metric) => ({
  MetricName: name,
  Value: value,
  Unit: unit,
  Timestamp: new Date(),
  Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
});
