import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ContainerExecutor, openContainerExecutor } from "../../../../localcloud/compute/executors/container.js";
import { findContainerEngine, runEngine } from "../../../../localcloud/compute/executors/engine.js";
import { EcrImageStore } from "../../../../localcloud/compute/images/store.js";
import type { Cloud } from "../../../../localcloud/index.js";
import { clientConfig, freshAccount, testCloud } from "../../../support/cloud.js";
import { files, push, type Repository, repository } from "../images/fixture.js";
import { BASE, baseLayer, importBase } from "./engine-fixture.js";
import { outcome, spec } from "./fixture.js";

describe("container executor", function () {
  this.timeout(60_000);
  let cloud: Cloud;
  let folder: string;
  let to: Repository;
  let executor: ContainerExecutor;
  let store: EcrImageStore;
  const registered = new Set<number>();
  const everRegistered: number[] = [];
  const log: string[] = [];

  before(async function () {
    const found = await findContainerEngine();
    if ("reason" in found) {
      console.log(`      skipped: ${found.reason}`);
      this.skip();
    }
    if (process.platform !== "linux") this.skip();
    folder = mkdtempSync(join(tmpdir(), "container-"));
    cloud = await testCloud();
    to = await repository(cloud, freshAccount());
    importBase(found.engine.command, join(folder, "base"));
    process.env.CRUCIBLE_BASE_IMAGE = BASE;
    store = new EcrImageStore({
      cacheFolder: join(folder, "cache"),
      clientConfig: (account, region) => clientConfig(cloud, account, region),
    });
    executor = await openContainerExecutor({
      images: store,
      workFolder: join(folder, "work"),
      processes: {
        register: (pgid) => {
          registered.add(pgid);
          everRegistered.push(pgid);
        },
        unregister: (pgid) => void registered.delete(pgid),
      },
      log: (message) => void log.push(message),
    });
    // What an earlier run left is removed, and said; that is a matter of its own test.
    log.length = 0;
    const code = await files({
      "app/main.mjs": `const { run } = await import("./" + process.argv[2] + ".mjs"); await run();`,
      "app/jobs/where.mjs": `import { readFileSync, writeFileSync } from "node:fs";
        export const run = () => {
          writeFileSync("out.txt", "x");
          console.error("to standard error");
          console.log(JSON.stringify({ cwd: process.cwd(), env: process.env, open: /Max open files +(\\d+)/.exec(readFileSync("/proc/self/limits", "utf8"))[1] }));
        };`,
      "app/jobs/greedy.mjs": `const held = []; export const run = () => void setInterval(() => held.push(Buffer.alloc(8 << 20, 1)), 2);`,
      "app/jobs/wait.mjs": `export const run = () => { process.on("SIGTERM", () => { console.log("ending"); process.exit(0); }); console.log("ready"); setInterval(() => {}, 1e3); };`,
      "app/jobs/deaf.mjs": `export const run = () => { process.on("SIGTERM", () => {}); console.log("ready"); setInterval(() => {}, 1e3); };`,
      "app/jobs/mounted.mjs": `import { readFileSync, writeFileSync } from "node:fs";
        export const run = () => { console.log(readFileSync("/mnt/efs/in.txt", "utf8")); writeFileSync("/mnt/efs/out.txt", "written"); };`,
    });
    await push(to, "v1", [code], {
      Entrypoint: ["node", "/app/main.mjs"],
      WorkingDir: "/app",
      Env: ["FROM_IMAGE=a $b"],
      Labels: { "io.crucible.runtime": "node20-python3" },
    });
  });
  after(async () => {
    delete process.env.CRUCIBLE_BASE_IMAGE;
    await executor?.close();
    store?.close();
    if (folder) rmSync(folder, { recursive: true, force: true });
  });
  afterEach(() => {
    assert.deepEqual([...registered], []);
    assert.deepEqual(log, []);
  });

  const image = () => `${to.url}:v1`;
  const run = (command: string[], part: Partial<Parameters<typeof outcome>[1]> = {}) =>
    outcome(executor, { image: image(), account: to.account, command, ...part });
  const line = (described: ReturnType<typeof spec>, text: string) =>
    new Promise<void>((resolve) => {
      const { onLine } = described;
      described.onLine = (got, at) => {
        onLine(got, at);
        if (got === text) resolve();
      };
    });

  it("runs code that was published as layers, on the base image, with its environment only", async () => {
    const { exitCode, reason, lines, startedAt } = await run(["jobs/where"], {
      environment: { SCP_ENV: "dev", PATH: "/usr/local/bin:/bin", TWO: "a\nb" },
    });
    assert.deepEqual([exitCode, reason], [0, undefined]);
    assert.ok(startedAt);
    assert.ok(lines.includes("to standard error"));
    const told = JSON.parse(lines.find((one) => one.startsWith("{")) ?? "") as {
      cwd: string;
      env: Record<string, string>;
      open: string;
    };
    assert.equal(told.cwd, "/app");
    assert.equal(told.env.SCP_ENV, "dev");
    assert.equal(told.env.TWO, "a\nb");
    assert.equal(told.env.FROM_IMAGE, "a $b");
    assert.equal(told.env.AWS_ACCESS_KEY_ID, undefined);
    assert.ok(Number(told.open) > 0 && Number(told.open) <= 65_535);
  });

  it("reports the kernel's kill at the memory limit as AWS does", async () => {
    const { exitCode, reason } = await run(["jobs/greedy"], { memoryMiB: 128 });
    assert.deepEqual([exitCode, reason], [137, "OutOfMemoryError: Container killed due to memory usage"]);
  });

  it("stops in order, and by force what ignores that", async () => {
    for (const [job, expected] of [
      ["wait", 0],
      ["deaf", 137],
    ] as const) {
      const described = spec({ image: image(), account: to.account, command: [`jobs/${job}`] });
      const ready = line(described, "ready");
      const container = executor.run(described);
      await ready;
      await container.stop(1);
      const { exitCode, reason } = await container.exited;
      assert.deepEqual([exitCode, reason], [expected, undefined], job);
    }
    assert.ok(everRegistered.length > 0, "the groups were named to who kills them when the cloud dies");
  });

  it("mounts a folder", async () => {
    const shared = join(folder, "shared");
    mkdirSync(shared);
    writeFileSync(join(shared, "in.txt"), "from the file system");
    const { exitCode, lines } = await run(["jobs/mounted"], { mounts: [{ source: shared, target: "/mnt/efs" }] });
    assert.deepEqual([exitCode, lines], [0, ["from the file system"]]);
    assert.equal(readFileSync(join(shared, "out.txt"), "utf8"), "written");
  });

  it("loads a complete image as it is, and says when it has no such command", async () => {
    await push(to, "complete", [await baseLayer(join(folder, "base"))], { Env: ["PATH=/usr/local/bin:/bin"] });
    const complete = `${to.url}:complete`;
    const { exitCode, lines } = await run(["node", "-e", "console.log('complete')"], { image: complete });
    assert.deepEqual([exitCode, lines], [0, ["complete"]]);
    const missing = await run(["no-such-program"], { image: complete });
    assert.equal(missing.exitCode, 127);
    assert.match(missing.reason ?? "", /^CannotStartContainerError: .*no-such-program/);
  });

  it("ends with AWS's reason when the image is not there", async () => {
    const { exitCode, reason } = await run([], { image: `${to.url}:none` });
    assert.equal(exitCode, undefined);
    assert.match(reason ?? "", /^CannotPullContainerError: .*not found$/);
  });

  it("leaves no container behind, its own nor those of a cloud that died", async () => {
    const found = await findContainerEngine();
    assert.ok("engine" in found);
    const orphan = (
      await runEngine(found.engine, [
        "create",
        "--label",
        "io.crucible.owner=999999999/1",
        "--network",
        "host",
        BASE,
        "node",
      ])
    ).stdout.trim();
    const messages: string[] = [];
    const next = await openContainerExecutor({
      images: store,
      workFolder: join(folder, "work"),
      processes: { register() {}, unregister() {} },
      log: (message) => messages.push(message),
    });
    await next.close();
    assert.deepEqual(messages, ["removed 1 containers of clouds that have ended"]);
    const { stdout } = await runEngine(found.engine, [
      "ps",
      "--all",
      "--quiet",
      "--no-trunc",
      "--filter",
      "label=io.crucible.owner",
    ]);
    assert.ok(!stdout.includes(orphan));
    assert.equal(stdout.trim(), "");
  });
});
