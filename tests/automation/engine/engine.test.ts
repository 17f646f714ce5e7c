// Which Pulumi CLI is taken, and that the cache never holds half an engine.
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { PulumiCommand } from "@pulumi/pulumi/automation/cmd.js";
import { SemVer } from "semver";
import { ENGINE_VERSION, type EngineEffects, findEngine } from "../../../automation/engine/engine.js";

/** A world in which the CLI is only where `places` says. */
function world(places: { path?: boolean; home?: boolean; cache?: boolean; installer?: boolean; tooOld?: string[] }) {
  const calls: string[] = [];
  let cached = places.cache ?? false;
  const effects: EngineEffects = {
    async get(root) {
      const place = root === undefined ? "PATH" : root.endsWith(".pulumi") ? "home" : "cache";
      calls.push(`get ${place}`);
      if (places.tooOld?.includes(place)) throw new Error("too old");
      return { command: "pulumi", version: new SemVer(ENGINE_VERSION) } as unknown as PulumiCommand;
    },
    cached() {
      calls.push("cached");
      return { command: "pulumi", version: new SemVer(ENGINE_VERSION) } as unknown as PulumiCommand;
    },
    exists(path) {
      if (path.includes(join(".pulumi", "bin"))) return places.home ?? false;
      return places.path ?? false;
    },
    isCached: () => cached,
    isInstallerReachable: async () => places.installer !== undefined,
    async install() {
      calls.push("install");
      if (places.installer === false) throw new Error("the download broke off");
      cached = true;
    },
    async build() {
      calls.push("build");
      cached = true;
    },
  };
  return { effects, calls };
}

describe("findEngine", () => {
  const everywhere = { path: true, home: true, cache: true };
  const cases: [string, Parameters<typeof world>[0], string, string[]][] = [
    ["takes the CLI of PATH first", everywhere, "PATH", ["get PATH"]],
    ["then ~/.pulumi", { ...everywhere, path: false }, "~/.pulumi", ["get home"]],
    ["then the cache, without running what is in it", { cache: true }, "cache", ["cached"]],
    [
      "passes over a CLI that is too old",
      { ...everywhere, tooOld: ["PATH", "home"] },
      "cache",
      ["get PATH", "get home", "cached"],
    ],
    ["runs the installer where it can be reached", { installer: true }, "installer", ["install", "get cache"]],
    ["builds where the installer cannot be reached", {}, "build", ["build", "get cache"]],
    ["builds where the installer fails", { installer: false }, "build", ["install", "build", "get cache"]],
  ];
  for (const [title, places, source, expected] of cases)
    it(title, async () => {
      const { effects, calls } = world(places);
      const engine = await findEngine({ effects });
      assert.equal(engine.source, source);
      assert.equal(engine.version, ENGINE_VERSION);
      assert.deepEqual(calls, expected);
    });

  it("says what is missing when nothing can provide one", async () => {
    const { effects } = world({});
    effects.build = async () => {
      throw new Error("install Go");
    };
    await assert.rejects(findEngine({ effects }), /install Go/);
  });
});

describe("the engine's cache", () => {
  const module = new URL("../../../../tools/engine/build.mjs", import.meta.url).href;
  let cache: string;
  const children: ChildProcess[] = [];

  beforeEach(async () => {
    cache = await mkdtemp(join(tmpdir(), "crucible-engine-"));
  });
  afterEach(async () => {
    for (const child of children.splice(0)) if (child.exitCode === null) child.kill("SIGKILL");
    await rm(cache, { recursive: true, force: true });
  });

  /** A process that puts an engine into the cache; `produce` is the body of the function that fills the scratch folder. */
  function builder(produce: string): {
    child: ChildProcess;
    output: () => string;
    ended: Promise<number | null>;
    said: (text: string) => Promise<void>;
  } {
    const code = `
      import { intoCache, isCached } from ${JSON.stringify(module)};
      import { writeFileSync, chmodSync, existsSync } from "node:fs";
      import { once } from "node:events";
      const finish = (folder) => {
        writeFileSync(folder + "/bin/pulumi", "#!/bin/sh\\necho v${ENGINE_VERSION}\\n");
        chmodSync(folder + "/bin/pulumi", 0o755);
      };
      await intoCache(async (folder) => { console.log("building"); ${produce} });
      console.log(isCached() ? "cached" : "nothing");`;
    const child = spawn(process.execPath, ["--input-type=module", "-e", code], {
      env: { ...process.env, CRUCIBLE_CACHE: cache },
      stdio: ["pipe", "pipe", "inherit"],
    });
    children.push(child);
    let output = "";
    const waiting: { text: string; resolve: () => void }[] = [];
    child.stdout?.setEncoding("utf8").on("data", (chunk: string) => {
      output += chunk;
      for (const entry of waiting) if (output.includes(entry.text)) entry.resolve();
    });
    return {
      child,
      output: () => output,
      ended: new Promise((resolve) => child.on("close", resolve)),
      said: (text) => new Promise((resolve) => (output.includes(text) ? resolve() : waiting.push({ text, resolve }))),
    };
  }

  it("holds nothing that looks finished after a build was killed, and the next one succeeds", async () => {
    const killed = builder(`finish(folder); process.stdin.resume(); await once(process.stdin, "end");`);
    await killed.said("building");
    killed.child.kill("SIGKILL");
    await killed.ended;
    assert.deepEqual(
      (await readdir(join(cache, "engine"))).filter((name) => name === ENGINE_VERSION),
      [],
    );
    const next = builder("finish(folder);");
    assert.equal(await next.ended, 0);
    assert.match(next.output(), /cached/);
    assert.deepEqual(
      (await readdir(join(cache, "engine"))).sort(),
      [ENGINE_VERSION],
      "leftovers of the killed build are gone",
    );
  });

  it("is filled once when two build at the same time", async () => {
    const first = builder(`process.stdin.resume(); await once(process.stdin, "end"); finish(folder);`);
    await first.said("building");
    const second = builder("finish(folder);");
    first.child.stdin?.end();
    assert.deepEqual(await Promise.all([first.ended, second.ended]), [0, 0]);
    assert.equal([first, second].filter((one) => one.output().includes("building")).length, 1);
  });

  it("refuses an engine of another version", async () => {
    const wrong = builder(
      `writeFileSync(folder + "/bin/pulumi", "#!/bin/sh\\necho v1.0.0\\n"); chmodSync(folder + "/bin/pulumi", 0o755);`,
    );
    wrong.child.stderr?.resume();
    assert.notEqual(await wrong.ended, 0);
    assert.deepEqual(await readdir(join(cache, "engine")), []);
  });
});

describe("the Node language host", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "crucible-host-"));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it("runs a plain `pulumi up` of an ES module program", async () => {
    const engine = await findEngine();
    const root = new URL("../../../../", import.meta.url).pathname;
    await mkdir(join(folder, "state"));
    await writeFile(join(folder, "package.json"), '{ "name": "plain", "type": "module", "main": "main.js" }');
    await writeFile(join(folder, "Pulumi.yaml"), "name: plain\nruntime: nodejs\nmain: main.js\n");
    await writeFile(
      join(folder, "main.js"),
      `import { Config } from "@pulumi/pulumi";\nexport default async () => ({ greeting: "hello " + new Config("plain").require("who") });\n`,
    );
    await symlink(join(root, "node_modules"), join(folder, "node_modules"));
    const env = {
      PATH: [...engine.pathEntries, process.env.PATH].join(":"),
      HOME: folder,
      PULUMI_HOME: join(folder, ".pulumi"),
      PULUMI_BACKEND_URL: `file://${join(folder, "state")}`,
      PULUMI_CONFIG_PASSPHRASE: "test",
      PULUMI_SKIP_UPDATE_CHECK: "true",
    };
    const pulumi = async (...args: string[]) => {
      const child = spawn(engine.path, [...args, "--non-interactive"], { cwd: folder, env });
      let output = "";
      child.stdout.on("data", (chunk) => (output += chunk));
      child.stderr.on("data", (chunk) => (output += chunk));
      const code = await new Promise((resolve) => child.on("close", resolve));
      assert.equal(code, 0, output);
      return output;
    };
    await pulumi("stack", "init", "dev");
    await pulumi("config", "set", "who", "world");
    await pulumi("up", "--yes", "--skip-preview");
    assert.deepEqual(JSON.parse(await pulumi("stack", "output", "--json")), { greeting: "hello world" });
  });
});
