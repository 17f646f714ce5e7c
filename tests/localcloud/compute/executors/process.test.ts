import assert from "node:assert/strict";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Bench, bench, IMAGE, leftovers, outcome, spec } from "./fixture.js";

const OUT_OF_MEMORY = "OutOfMemoryError: Container killed due to memory usage";

describe("process executor", () => {
  /** A jobs image, and one that is node itself. */
  let at: Bench;
  let plain: Bench;
  before(() => {
    plain = bench({}, { entrypoint: ["node"] });
    at = bench(
      {
        "app/main.mjs": `
        const [name, ...rest] = process.argv.slice(2);
        const { run } = await import(new URL("./jobs/" + name + ".mjs", import.meta.url));
        await run(rest);`,
        "app/jobs/where.mjs": `
        import { writeFileSync } from "node:fs";
        export const run = () => {
          writeFileSync("created.txt", "mine");
          console.log(JSON.stringify({ cwd: process.cwd(), env: process.env, argv: process.argv }));
        };`,
        "app/data.txt": "of the image",
      },
      {
        entrypoint: ["node", "/app/main.mjs"],
        command: ["where"],
        environment: { FROM_IMAGE: "yes", PATH: "/usr/bin:/bin" },
      },
    );
  });
  after(() => Promise.all([at.close(), plain.close()]));
  afterEach(() => {
    for (const each of [at, plain]) {
      assert.deepEqual(leftovers(each), [], "every container's folder is removed");
      assert.deepEqual([...each.registered], [], "every group is unregistered");
      assert.deepEqual(each.log, []);
    }
  });

  const node = (code: string, ...args: string[]) => ({ command: ["-e", code, ...args] });
  it("runs the entry point with the image's command in the image's working folder", async () => {
    const { exitCode, reason, lines, startedAt, stoppedAt } = await outcome(at.executor, {});
    assert.equal(exitCode, 0);
    assert.equal(reason, undefined);
    assert.ok(startedAt && startedAt <= stoppedAt);
    const told = JSON.parse(lines[0] ?? "") as { cwd: string; env: Record<string, string> };
    assert.match(told.cwd, /\/root\/app$/);
    assert.ok(told.cwd.startsWith(at.workFolder));
    assert.ok(
      !existsSync(join(at.folder, "image", "app", "created.txt")),
      "what it creates is its own, not the image's",
    );
  });

  it("gives it an environment in which nothing of the cloud's own is", async () => {
    process.env.CRUCIBLE_TEST_LEAK = "secret";
    const { lines } = await outcome(at.executor, { environment: { SCP_ENV: "dev" }, vcpus: 64, memoryMiB: 2048 });
    delete process.env.CRUCIBLE_TEST_LEAK;
    const { env, cwd } = JSON.parse(lines[0] ?? "") as { cwd: string; env: Record<string, string> };
    assert.deepEqual(Object.keys(env).sort(), [
      "FROM_IMAGE",
      "HOME",
      "MKL_NUM_THREADS",
      "NODE_OPTIONS",
      "OMP_NUM_THREADS",
      "OMP_WAIT_POLICY",
      "OPENBLAS_NUM_THREADS",
      "PATH",
      "PYTHONDONTWRITEBYTECODE",
      "SCP_ENV",
      "TMPDIR",
    ]);
    assert.equal(env.SCP_ENV, "dev");
    assert.equal(env.FROM_IMAGE, "yes");
    assert.equal(env.HOME, join(cwd, "..", ".."));
    assert.equal(env.TMPDIR, join(env.HOME ?? "", "tmp"));
    assert.equal(env.NODE_OPTIONS, "--max-old-space-size=1024");
    assert.ok(
      Number(env.OMP_NUM_THREADS) <= (await import("node:os")).availableParallelism(),
      "no more threads than processors",
    );
  });

  it("hands over every line of both outputs, the last one without a line end too", async () => {
    const { lines } = await outcome(
      plain.executor,
      node(`
      process.stdout.write("one\\ntwo\\r\\n\\nfour");
      process.stderr.write("error line");`),
    );
    assert.deepEqual(lines.sort(), ["", "error line", "four", "one", "two"]);
  });

  it("can be written to through /dev/stdout and /dev/stderr, as shell scripts do", async () => {
    const shell = bench({}, { entrypoint: ["/bin/sh", "-c"] });
    try {
      const { exitCode, lines } = await outcome(shell.executor, {
        command: ["echo one > /dev/stdout; echo two > /dev/stderr"],
      });
      assert.deepEqual([exitCode, lines.sort()], [0, ["one", "two"]]);
    } finally {
      await shell.close();
    }
  });

  it("loses nothing of a large output, whose reader is slower than its writer", async () => {
    const { exitCode, lines } = await outcome(
      plain.executor,
      node(`for (let i = 0; i < 200_000; i++) console.log("line " + i)`),
    );
    assert.equal(exitCode, 0);
    assert.equal(lines.length, 200_000);
    assert.equal(lines[199_999], "line 199999");
  });

  it("reports the exit code, and 128 plus the number for a signal", async () => {
    assert.equal((await outcome(plain.executor, node("process.exit(3)"))).exitCode, 3);
    assert.equal(
      (await outcome(plain.executor, node("process.kill(process.pid, 'SIGTERM'); setInterval(() => {}, 1e3)")))
        .exitCode,
      143,
    );
  });

  it("kills a container whose child exceeds the memory limit with native memory, and says so", async () => {
    const child = `const held = []; setInterval(() => held.push(Buffer.alloc(2 << 20, 1)), 2)`;
    const {
      exitCode,
      reason,
      peakMemoryMiB = 0,
    } = await outcome(plain.executor, {
      ...node(
        `require("child_process").spawn(process.execPath, ["-e", ${JSON.stringify(child)}], { stdio: "inherit" }); setInterval(() => {}, 1e3)`,
      ),
      memoryMiB: 256,
    });
    assert.equal(exitCode, 137);
    assert.equal(reason, OUT_OF_MEMORY);
    assert.ok(peakMemoryMiB > 256 && peakMemoryMiB < 1024, `caught soon after the limit: ${peakMemoryMiB} MiB`);
  });

  it("kills a container that takes all at once", async () => {
    const { exitCode, reason } = await outcome(plain.executor, {
      ...node(`const b = Buffer.alloc(700 << 20, 1); setTimeout(() => {}, 50)`),
      memoryMiB: 128,
    });
    assert.deepEqual([exitCode, reason], [137, OUT_OF_MEMORY]);
  });

  it("gives a container no more than the machine has, whatever it was promised", async () => {
    const small = bench({}, { entrypoint: ["node"] }, { memoryMiB: 128 });
    try {
      const program = (text: string) => outcome(small.executor, { command: ["-e", text], memoryMiB: 1470 * 1024 });
      const { exitCode, reason } = await program("const b = Buffer.alloc(700 << 20, 1); setTimeout(() => {}, 50)");
      assert.deepEqual([exitCode, reason], [137, OUT_OF_MEMORY]);
      assert.deepEqual((await program("console.log(process.env.NODE_OPTIONS)")).lines, ["--max-old-space-size=64"]);
    } finally {
      await small.close();
    }
  });

  it("lets a container be that stays below its limit, whatever it shares between processes", async function () {
    if (process.platform !== "linux") this.skip();
    // Four processes that share 150 MiB: 600 MiB resident together, but 150 MiB of memory.
    const code = `import os, sys, time
held = bytearray(150 << 20)
for _ in range(3):
    if os.fork() == 0:
        time.sleep(0.6); os._exit(0)
for _ in range(3): os.wait()
print("done")`;
    const python = bench({}, { entrypoint: ["python3"] });
    try {
      const { exitCode, lines } = await outcome(python.executor, { command: ["-c", code], memoryMiB: 300 });
      assert.deepEqual([exitCode, lines], [0, ["done"]]);
    } finally {
      await python.close();
    }
  });

  it("stops with SIGTERM, so that a program can end in order", async () => {
    const described = spec(
      node(
        `process.on("SIGTERM", () => { console.log("ending"); process.exit(0); }); console.log("ready"); setInterval(() => {}, 1e3)`,
      ),
    );
    const container = plain.executor.run(described);
    await line(described, "ready");
    await container.stop();
    assert.deepEqual(described.lines, ["ready", "ending"]);
    assert.equal((await container.exited).exitCode, 0);
  });

  it("kills what ignores SIGTERM when the grace is over", async () => {
    const described = spec(
      node(`process.on("SIGTERM", () => console.log("no")); console.log("ready"); setInterval(() => {}, 1e3)`),
    );
    const container = plain.executor.run(described);
    await line(described, "ready");
    const from = performance.now();
    await container.stop(0.3);
    assert.ok(performance.now() - from >= 290);
    const { exitCode, reason } = await container.exited;
    assert.deepEqual([exitCode, reason], [137, undefined]);
    assert.deepEqual(described.lines, ["ready", "no"]);
  });

  it("leaves no process: not a child that was left behind, nor one in another session, nor one that lost its parent there", async function () {
    if (process.platform !== "linux") this.skip();
    const python = bench({}, { entrypoint: ["python3", "-c"] });
    const code = `import os, subprocess, sys
left = subprocess.Popen(["sleep", "600"])
session = subprocess.Popen(["sleep", "600"], start_new_session=True)
# Twice forked, in a session of its own, its parent gone: a daemon.
if os.fork() == 0:
    os.setsid()
    pid = os.fork()
    if pid == 0:
        os.execvp("sleep", ["sleep", "600"])
    print(pid, flush=True)
    os._exit(0)
os.wait()
print(left.pid, flush=True)
print(session.pid, flush=True)`;
    try {
      const { exitCode, lines } = await outcome(python.executor, { command: [code] });
      assert.equal(exitCode, 0);
      assert.equal(lines.length, 3);
      for (const pid of lines) {
        const state = existsSync(`/proc/${pid}/stat`)
          ? readFileSync(`/proc/${pid}/stat`, "utf8").split(" ")[2]
          : "gone";
        assert.ok(["gone", "Z"].includes(state ?? ""), `process ${pid} is ${state}`);
      }
    } finally {
      await python.close();
    }
  });

  it("says with exit code 127 that there is no such command, as a container runtime does", async () => {
    const nothing = bench();
    try {
      const { exitCode, reason, startedAt } = await outcome(nothing.executor, { command: ["no-such-program"] });
      assert.equal(exitCode, 127);
      assert.match(
        reason ?? "",
        /^CannotStartContainerError: .*exec: "no-such-program": executable file not found in \$PATH: unknown$/,
      );
      assert.equal(startedAt, undefined);
      const container = nothing.executor.run(spec({ command: ["/app/no-such-file"] }));
      await assert.rejects(
        container.started,
        /exec: "\/app\/no-such-file": stat \/app\/no-such-file: no such file or directory/,
      );
      assert.match(
        (await outcome(nothing.executor, {})).reason ?? "",
        /^CannotCreateContainerError: .*no command specified/,
      );
    } finally {
      await nothing.close();
    }
  });

  it("ends with AWS's reason when the image is not there, and has no exit code then", async () => {
    const container = plain.executor.run(spec({ image: `${IMAGE}-not` }));
    await assert.rejects(container.started, /^CannotPullContainerError: /);
    const { exitCode, reason } = await container.exited;
    assert.equal(exitCode, undefined);
    assert.match(reason ?? "", /^CannotPullContainerError: pull image manifest has been retried/);
  });

  it("shows mounts where the container expects them, in arguments and variables", async () => {
    const shared = join(plain.folder, "shared");
    mkdirSync(shared);
    writeFileSync(join(shared, "in.txt"), "from the file system");
    const { exitCode, lines } = await outcome(plain.executor, {
      command: [
        "-e",
        `const fs = require("fs"); console.log(fs.readFileSync(process.argv[1], "utf8")); fs.writeFileSync(process.env.OUT, "written")`,
        "/mnt/efs/in.txt",
      ],
      environment: { OUT: "/mnt/efs/out.txt", OTHER: "/mnt/elsewhere" },
      mounts: [{ source: shared, target: "/mnt/efs" }],
    });
    assert.deepEqual([exitCode, lines], [0, ["from the file system"]]);
    assert.deepEqual(readdirSync(shared).sort(), ["in.txt", "out.txt"], "the mount's source outlives the container");
    assert.equal(readFileSync(join(shared, "out.txt"), "utf8"), "written");
  });

  it("runs fifty at once", async () => {
    const outcomes = await Promise.all(
      Array.from({ length: 50 }, (_, index) =>
        outcome(plain.executor, node(`console.log("number " + process.argv[1])`, String(index))),
      ),
    );
    assert.deepEqual(
      outcomes.map(({ exitCode, lines }) => [exitCode, lines]),
      outcomes.map((_, index) => [0, [`number ${index}`]]),
    );
  }).timeout(60_000);

  it("does not start what is stopped while its image is pulled", async () => {
    const container = plain.executor.run(spec(node("console.log('ran')")));
    await container.stop();
    const { exitCode, startedAt, reason } = await container.exited;
    assert.deepEqual([exitCode, startedAt], [undefined, undefined]);
    assert.match(reason ?? "", /stopped before it started/);
  });

  it("leaves nothing when it is closed", async () => {
    const closing = bench({}, { entrypoint: ["node"] });
    const described = Array.from({ length: 3 }, () =>
      spec(node(`process.on("SIGTERM", () => {}); console.log("ready"); setInterval(() => {}, 1e3)`)),
    );
    const containers = described.map((one) => closing.executor.run(one));
    await Promise.all(described.map((one) => line(one, "ready")));
    assert.equal(closing.registered.size, 3);
    await closing.executor.close();
    assert.deepEqual(
      (await Promise.all(containers.map(({ exited }) => exited))).map(({ exitCode }) => exitCode),
      [137, 137, 137],
    );
    assert.deepEqual([leftovers(closing), [...closing.registered]], [[], []]);
    assert.throws(() => closing.executor.run(spec({})), /closed/);
    await closing.close();
  });
});

/** Resolves when the container has printed the line. */
function line(described: ReturnType<typeof spec>, text: string): Promise<void> {
  return new Promise((resolve) => {
    const before = described.onLine;
    described.onLine = (got, at) => {
      before(got, at);
      if (got === text) resolve();
    };
    if (described.lines.includes(text)) resolve();
  });
}
