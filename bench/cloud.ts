// The local cloud's own figures: how soon it is ready, what a request through the bridge costs, what it takes while idle.
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { computeContext } from "../localcloud/compute/context.js";
import { openComputePlane } from "../localcloud/compute/plane.js";
import { startCloud } from "../localcloud/server/cloud.js";
import { launchMinistack } from "../localcloud/server/ministack.js";
import { projectPython } from "../localcloud/server/paths.js";
import { processTree } from "../tests/localcloud/server/process-tree.js";
import { cpuSeconds, residentMiB } from "./processes.js";
import { median, timed } from "./statistics.js";

export interface CloudFigures {
  /** From the call of `startCloud` to the answer of the first AWS request, client included; median of five. */
  readyMs: number;
  /** `startCloud` alone; median of five. */
  startMs: number;
  stopMs: number;
  /** One request that ministack answers by itself; median of 300, one after the other. */
  directMs: number;
  /** One request that is forwarded to the compute plane; median of 300. */
  forwardedMs: number;
  /** CPU time of all processes of an idle cloud, per cent of one core. */
  idleCpuPercent: number;
  /** Resident memory of all its processes, MiB. */
  residentMiB: number;
}

/** Large SDK clients load behind the start of a cloud; that is not idling. */
const SETTLE_MS = 5000;

async function repeated(times: number, work: () => Promise<unknown>): Promise<number> {
  const values: number[] = [];
  for (let count = 0; count < times; count += 1) values.push(await timed(work));
  return median(values);
}

/** Measures; takes about `idleSeconds` and ten seconds more. */
export async function cloudFigures(idleSeconds = 30): Promise<CloudFigures> {
  const folder = mkdtempSync(join(tmpdir(), "crucible-bench-"));
  const starts: number[] = [];
  const readies: number[] = [];
  const stops: number[] = [];
  try {
    for (let round = 0; round < 5; round += 1) {
      const begin = performance.now();
      const cloud = await startCloud({ dataDir: join(folder, String(round)), lifetime: "parent" });
      starts.push(performance.now() - begin);
      await identity(cloud.endpoint);
      readies.push(performance.now() - begin);
      stops.push(await timed(() => cloud.stop()));
    }
    const cloud = await startCloud({ dataDir: join(folder, "idle"), lifetime: "parent" });
    await identity(cloud.endpoint);
    await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
    const tree = processTree(cloud.pid);
    const before = cpuSeconds(tree);
    await new Promise((resolve) => setTimeout(resolve, idleSeconds * 1000));
    const idleCpuPercent = ((cpuSeconds(tree) - before) / idleSeconds) * 100;
    const figures = { idleCpuPercent, residentMiB: residentMiB(tree), ...(await requests(join(folder, "requests"))) };
    await cloud.stop();
    return { startMs: median(starts), readyMs: median(readies), stopMs: median(stops), ...figures };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function identity(endpoint: string): Promise<void> {
  const credentials = { accessKeyId: "111122223333", secretAccessKey: "local" };
  await new STSClient({ endpoint, region: "eu-central-1", credentials }).send(new GetCallerIdentityCommand({}));
}

/** What a request costs, and what it costs when the bridge forwards it to a service that answers at once. */
async function requests(dataDir: string): Promise<Pick<CloudFigures, "directMs" | "forwardedMs">> {
  mkdirSync(dataDir);
  const plane = await openComputePlane("bench");
  const ministack = launchMinistack(projectPython(), 0, dataDir);
  const port = await ministack.configure({ services: ["batch"], computeUrl: plane.url, token: "bench" });
  const endpoint = `http://127.0.0.1:${port}`;
  const context = computeContext({ endpoint, computeUrl: plane.url, token: "bench", dataDir }, () => {});
  const handle = async () => ({ status: 200, headers: { "content-type": "application/json" }, body: '{"jobs":[]}' });
  plane.attach({ services: [{ name: "batch", handle, async close() {} }], credentials: context.credentials });
  const { BatchClient, DescribeJobsCommand } = await import("@aws-sdk/client-batch");
  const batch = new BatchClient(context.clientConfig("111122223333", "eu-central-1"));
  const sts = new STSClient(context.clientConfig("111122223333", "eu-central-1"));
  const forwarded = () => batch.send(new DescribeJobsCommand({ jobs: ["1"] }));
  const direct = () => sts.send(new GetCallerIdentityCommand({}));
  await forwarded();
  await direct();
  const figures = { directMs: await repeated(300, direct), forwardedMs: await repeated(300, forwarded) };
  await ministack.stop();
  plane.close();
  return figures;
}
