// What an environment of the Sanders topology costs: up, an unchanged up, destroy; and what Batch adds to a job's own run time.
import { execFileSync, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BatchClient, DescribeJobsCommand, type JobDetail, SubmitJobCommand } from "@aws-sdk/client-batch";
import { type Environment, withEnvironment } from "../automation/index.js";
import { bundleImage } from "../components/image/bundle.js";
import { projectRoot } from "../localcloud/server/paths.js";
import { median } from "./statistics.js";

export interface SandersFigures {
  /** From nothing to a stack that is up: cloud, engine and providers included. */
  upSeconds: number;
  /** Until the account is empty, inventory included. */
  destroySeconds: number;
  /** Resources of the stack. */
  resources: number;
  /** From CreateJob to the job's last event, less the job's own run time started by hand; median. */
  batchOverheadMs: number;
  /** The same command as a bare child process; median. */
  bareMs: number;
}

const JOBS = 15;
const ROUNDS = 3;
/** No job of the image has this name, so its entry point ends at once; what is measured is what stands around it. */
const COMMAND = "jobs/nothing";

export async function sandersFigures(): Promise<SandersFigures> {
  const ups: number[] = [];
  const downs: number[] = [];
  let resources = 0;
  let overhead = { batchOverheadMs: Number.NaN, bareMs: Number.NaN };
  for (let round = 0; round < ROUNDS; round += 1) {
    const begin = performance.now();
    let end = 0;
    await withEnvironment(["sanders"], { environment: "dev" }, async (environment) => {
      ups.push((performance.now() - begin) / 1000);
      resources = environment.resources;
      if (round === 0) overhead = await batchOverhead(environment);
      end = performance.now();
    });
    downs.push((performance.now() - end) / 1000);
  }
  return { upSeconds: median(ups), destroySeconds: median(downs), resources, ...overhead };
}

/** Short jobs one after the other, against the same program as a bare process in the same minutes. */
async function batchOverhead(environment: Environment): Promise<{ batchOverheadMs: number; bareMs: number }> {
  const batch = environment.aws(BatchClient);
  const folder = await mkdtemp(join(tmpdir(), "crucible-bench-"));
  try {
    const { layers, blobPath } = await bundleImage(join(projectRoot, "jobs", "sanders"));
    for (const { digest } of layers) execFileSync("tar", ["-xzf", blobPath(digest), "-C", folder]);
    const main = join(folder, "app", "main.mjs");
    const overheads: number[] = [];
    const bare: number[] = [];
    for (let index = 0; index < JOBS; index += 1) {
      const own = await bareRun(main);
      bare.push(own);
      const { jobId } = await batch.send(
        new SubmitJobCommand({
          jobName: `nothing-${index}`,
          jobQueue: String(environment.outputs.BatchJobQueueName),
          jobDefinition: "sanders-job-2g-dev",
          containerOverrides: { command: [COMMAND] },
          retryStrategy: { attempts: 1 },
        }),
      );
      const job = await ended(batch, jobId as string);
      overheads.push((job.stoppedAt ?? 0) - (job.createdAt ?? 0) - own);
    }
    return { batchOverheadMs: median(overheads), bareMs: median(bare) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function bareRun(main: string): Promise<number> {
  const begin = performance.now();
  return new Promise((resolve, reject) => {
    spawn(process.execPath, [main, COMMAND], { stdio: "ignore" })
      .on("error", reject)
      .on("close", () => resolve(performance.now() - begin));
  });
}

async function ended(batch: BatchClient, jobId: string): Promise<JobDetail> {
  for (;;) {
    const { jobs } = await batch.send(new DescribeJobsCommand({ jobs: [jobId] }));
    const job = jobs?.[0];
    if (job?.status === "SUCCEEDED" || job?.status === "FAILED") return job;
  }
}
