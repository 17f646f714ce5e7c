// A report with everything in it: a test that passed, one that failed, one that was skipped, and text that has to be escaped.
import type { RunReport, TestReport } from "../../../automation/report/model.js";

const AT = new Date("2026-02-07T10:00:00Z");
const after = (seconds: number) => new Date(AT.getTime() + seconds * 1000);

const base: TestReport = {
  name: "sanders-daily",
  suite: "smoke",
  description: "The orchestrator computes the daily features",
  verdict: "passed",
  startedAt: AT,
  seconds: { up: 4.2, seed: 0.3, run: 12.1, verify: 0.8, down: 3.1 },
  resources: 62,
  leaks: [],
  units: ["sanders"],
  environment: "sanders-k3x9",
  account: "234567890123",
  region: "eu-central-1",
  checks: [{ name: "quarantined trips", passed: true, expected: "5567", actual: "5567" }],
  tables: [
    {
      name: "features",
      rows: 3,
      columns: [
        { name: "customer_id", type: "VARCHAR" },
        { name: "trip_count_1d", type: "BIGINT" },
      ],
      sample: [
        ["1", "70597"],
        ["2", "123438"],
        ["4", "398"],
      ],
    },
  ],
  baseline: "agrees",
  differences: [],
  executions: [
    {
      workflow: "orchestrator",
      name: "crucible-1",
      status: "SUCCEEDED",
      startedAt: AT,
      seconds: 12,
      states: [
        {
          name: "Both",
          type: "Parallel",
          enteredAt: AT,
          exitedAt: after(8),
          status: "succeeded",
          attempts: 0,
          depth: 0,
        },
        {
          name: "Features <8g>",
          type: "Task",
          enteredAt: AT,
          exitedAt: after(8),
          status: "succeeded",
          attempts: 1,
          depth: 1,
        },
        {
          name: "Model training",
          type: "Task",
          enteredAt: after(8),
          exitedAt: after(12),
          status: "succeeded",
          attempts: 1,
          depth: 0,
        },
      ],
    },
  ],
  jobs: [
    {
      id: "j-1",
      name: "feature-extraction",
      queue: "sanders-batch-queue-dev",
      definition: "sanders-job-8g-dev:1",
      status: "SUCCEEDED",
      command: ["jobs/daily_features_tlc"],
      vcpus: 2,
      memoryMiB: 8192,
      startedAt: AT,
      stoppedAt: after(8),
      seconds: 8,
      exitCode: 0,
      attempts: 1,
    },
  ],
  cost: { usd: 0.0021, parts: [{ what: "Fargate vCPU", quantity: "0.03 h", usd: 0.0021 }], pricesOf: "eu-central-1" },
  logs: [{ stream: "/aws/batch/job/sanders/1", lines: ["<b>bold</b> & done", "a | pipe"], dropped: 3 }],
  evidence: "../../evidence/run/sanders-daily",
  files: ["outputs.json"],
};

export const SAMPLE: RunReport = {
  run: "2026-02-07T10-00-00-smoke",
  asked: ["smoke"],
  startedAt: AT,
  finishedAt: after(61),
  target: "local",
  machine: { platform: "linux", cores: 2, memoryGiB: 24, node: "20.20.2" },
  engine: "3.246.0",
  concurrency: 2,
  interrupted: false,
  tests: [
    base,
    {
      ...base,
      name: "sanders-refused",
      verdict: "failed",
      failedIn: "verify",
      reason: 'reads-outside ended: expected FAILED, found "SUCCEEDED" <again>\u0007\nand more',
      checks: [{ name: "reads-outside ended", passed: false, expected: "FAILED", actual: "SUCCEEDED" }],
      leaks: ["AWS::SQS::Queue planted"],
      baseline: "differs",
      differences: [{ table: "features", what: "trips of customer_id 1", expected: 1, actual: 2 }],
      executions: [],
    },
    {
      ...base,
      name: "sanders-later",
      verdict: "skipped",
      reason: "It depends on sanders-refused, which did not pass.",
      leaks: [],
    },
  ],
};
