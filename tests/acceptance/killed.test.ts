// The driver killed at any moment of an `up`: what it leaves, a sweep ends, in the cloud as on the machine.
import assert from "node:assert/strict";
import type { ChildProcess } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createClients } from "../../automation/environments/clients.js";
import { summarize, takeInventory, wholeAccount } from "../../automation/inventory/inventory.js";
import { inventorySources } from "../../automation/inventory/sources.js";
import { checkpointPath } from "../../automation/worker/project.js";
import { findBackgroundCloud } from "../../localcloud/server/background.js";
import type { Cloud } from "../../localcloud/server/cloud.js";
import { processTree } from "../localcloud/server/process-tree.js";
import { until } from "../support/until.js";
import { type Driver, openDriver, outcomeOf } from "./driver.js";

const POINTS = 20;
/** The points of this part come by the clock, before the first resource; the others by what the engine's state has. */
const BY_TIME = 0.3;
/** How often it is looked whether it is time, ms. */
const LOOK_MS = 2;
const REGION = "eu-central-1";

describe("`kill -9` of the driver while it brings Sanders up", function () {
  this.timeout(300_000);

  let driver: Driver;
  let cloud: Cloud;
  /** How long an `up` takes here, ms. */
  let upMs = 0;
  /** How many resources it makes. */
  let resources = 0;
  /** How many things a whole environment has in the cloud. */
  let whole = 0;
  /** How many of them each killed run had left there, by the time that it was looked. */
  const left: number[] = [];

  before(async () => {
    driver = openDriver();
    await driver.crucible("cloud", "start", "--detach");
    cloud = findBackgroundCloud(driver.home) as Cloud;
    upMs = await timeOf(["up", "sanders", "--name", "whole"]);
    whole = (await inventory(accountOf("whole") as string)).length;
    resources = resourcesOf("whole");
    await driver.crucible("down", "whole");
  });
  after(() => driver?.close());

  for (let point = 1; point <= POINTS; point++)
    it(`at ${(100 * (point - 0.5)) / POINTS} %: a sweep leaves the cloud empty, and no process of the run`, async () => {
      const name = `killed-${point}`;
      await killedUp(name, (point - 0.5) / POINTS);
      const account = accountOf(name);
      if (account) left.push((await inventory(account)).length);
      const { swept, kept, unreadable } = JSON.parse(await driver.crucible("sweep", "--json"));
      assert.deepEqual({ kept, unreadable }, { kept: [], unreadable: [] });
      for (const { outcome, error } of swept) assert.equal(outcome, "destroyed", error);
      assert.deepEqual(readdirSync(join(driver.home, "environments")), []);
      assert.deepEqual(account ? await inventory(account) : [], []);
      await until(
        "the processes of the run to end",
        async () => (processesOfRuns().length === 0 ? true : undefined),
        5,
      ).catch(() => assert.deepEqual(processesOfRuns(), []));
    });

  it("was killed with little, much and most of it there, and the cloud went on", async () => {
    assert.ok(left.length >= POINTS / 2, `${left.length} of ${POINTS} runs had an account`);
    assert.ok(Math.min(...left) < whole / 4, `at least ${Math.min(...left)} of ${whole} things were there`);
    assert.ok(Math.max(...left) > whole / 3, `at most ${Math.max(...left)} of ${whole} things were there`);
    assert.equal(findBackgroundCloud(driver.home)?.pid, cloud.pid);
  });

  async function timeOf(args: string[]): Promise<number> {
    const started = performance.now();
    await driver.crucible(...args);
    return performance.now() - started;
  }

  /** Starts an `up` and kills its driver at a part of it; again when that was too late. */
  async function killedUp(name: string, part: number): Promise<void> {
    for (;;) {
      const child = driver.start("up", "sanders", "--name", name);
      const ended = outcomeOf(child);
      const isDead = killedWhen(child, (ms) =>
        part < BY_TIME ? ms >= part * upMs : resourcesOf(name) >= ((part - BY_TIME) / (1 - BY_TIME)) * resources,
      );
      const { code, stderr } = await ended;
      if (await isDead) return;
      assert.equal(code, 0, stderr);
      await driver.crucible("down", name);
    }
  }

  function accountOf(name: string): string | undefined {
    try {
      return JSON.parse(readFileSync(join(driver.home, "environments", name, "journal.json"), "utf8")).account;
    } catch {
      // It was killed before it wrote any: then it has made nothing.
      return undefined;
    }
  }

  /** Resources in the engine's state, as far as it is written. */
  function resourcesOf(name: string): number {
    try {
      const state = join(driver.home, "environments", name, "state");
      return readFileSync(checkpointPath(state, name), "utf8").split('"urn":').length - 1;
    } catch {
      // There is no state yet.
      return 0;
    }
  }

  async function inventory(account: string): Promise<string[]> {
    const credentials = { accessKeyId: account, secretAccessKey: "test" };
    const clients = createClients({ endpoint: cloud.endpoint, region: REGION, credentials });
    try {
      return summarize(await takeInventory(await inventorySources(), new Map([[REGION, clients.get]]), wholeAccount));
    } finally {
      clients.close();
    }
  }

  /** Processes that know this test's folder, by their environment or command line, and are not the cloud's. */
  function processesOfRuns(): string[] {
    const others = new Set([process.pid, ...processTree(cloud.pid)]);
    return readdirSync("/proc")
      .filter((entry) => /^\d+$/.test(entry) && !others.has(Number(entry)))
      .flatMap((pid) => {
        try {
          const command = readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ").trim();
          const knows = `${command}${readFileSync(`/proc/${pid}/environ`, "utf8")}`.includes(driver.home);
          return knows && command !== "" ? [`${pid} ${command}`] : [];
        } catch {
          return [];
        }
      });
  }
});

/** Kills a process once it is time, told the milliseconds since, and only it; resolves to whether that is what ended it. */
async function killedWhen(child: ChildProcess, isTime: (ms: number) => boolean): Promise<boolean> {
  const started = performance.now();
  const timer = setInterval(() => {
    if (isTime(performance.now() - started)) child.kill("SIGKILL");
  }, LOOK_MS);
  const [, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve) =>
    child.once("exit", (code, by) => resolve([code, by])),
  );
  clearInterval(timer);
  return signal === "SIGKILL";
}
