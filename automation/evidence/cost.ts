// What a run would have cost on AWS: an estimate from what was used, at list prices.

/** USD. On-demand list prices of Linux/x86, per region; see the services' pricing pages. */
interface Prices {
  fargateVcpuHour: number;
  fargateGbHour: number;
  /** Standard workflows, per state transition. */
  stateTransition: number;
  logsGb: number;
}

const PRICES: Record<string, Prices> = {
  "us-east-1": { fargateVcpuHour: 0.04048, fargateGbHour: 0.004445, stateTransition: 0.000025, logsGb: 0.5 },
  "eu-central-1": { fargateVcpuHour: 0.04656, fargateGbHour: 0.00511, stateTransition: 0.000025, logsGb: 0.63 },
};

/** Fargate bills by the second, and at least one minute of each task. */
const SHORTEST_TASK_SECONDS = 60;
const GB = 1024;

export interface Usage {
  region: string;
  /** Attempts of jobs on Fargate, each with its whole running time. */
  tasks: { vcpus: number; memoryMiB: number; seconds: number }[];
  stateTransitions: number;
  logBytes: number;
}

export interface Cost {
  usd: number;
  parts: { what: string; quantity: string; usd: number }[];
  /** Region whose prices were taken, when the run's own are not known here. */
  pricesOf: string;
}

export function estimateCost(usage: Usage): Cost {
  const pricesOf = usage.region in PRICES ? usage.region : "us-east-1";
  const prices = PRICES[pricesOf] as Prices;
  const billed = usage.tasks.map((task) => ({ ...task, hours: Math.max(task.seconds, SHORTEST_TASK_SECONDS) / 3600 }));
  const vcpuHours = billed.reduce((sum, { vcpus, hours }) => sum + vcpus * hours, 0);
  const gbHours = billed.reduce((sum, { memoryMiB, hours }) => sum + (memoryMiB / GB) * hours, 0);
  const logsGb = usage.logBytes / GB ** 3;
  const parts = [
    { what: "Fargate vCPU", quantity: `${vcpuHours.toFixed(4)} h`, usd: vcpuHours * prices.fargateVcpuHour },
    { what: "Fargate memory", quantity: `${gbHours.toFixed(4)} GB h`, usd: gbHours * prices.fargateGbHour },
    {
      what: "Step Functions",
      quantity: `${usage.stateTransitions} transitions`,
      usd: usage.stateTransitions * prices.stateTransition,
    },
    { what: "CloudWatch Logs", quantity: `${(usage.logBytes / GB).toFixed(1)} KB`, usd: logsGb * prices.logsGb },
  ].filter((part) => part.usd > 0);
  return { usd: parts.reduce((sum, part) => sum + part.usd, 0), parts, pricesOf };
}

/** State transitions of an execution: every state entered is one. */
export const transitionsOf = (history: readonly { type?: string | undefined }[]): number =>
  history.filter(({ type }) => type?.endsWith("StateEntered")).length;
