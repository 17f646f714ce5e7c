import assert from "node:assert/strict";
import { execFile, spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { createJournal } from "../../../automation/environments/journal.js";
import { projectRoot } from "../../../localcloud/server/paths.js";
import { aJournal, freshHome } from "../support.js";

const options = () => ({ encoding: "utf8" as const, env: { ...process.env, FORCE_COLOR: undefined } });
const commandLine = (args: string[]) => [join(projectRoot, "bin", "crucible.mjs"), ...args];

/** Runs the command as a user does. */
function crucible(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, commandLine(args), options());
  return { status, stdout, stderr };
}

/** The same for several at once. */
const crucibles = (lines: string[][]) =>
  Promise.all(
    lines.map(
      (args) =>
        new Promise<ReturnType<typeof crucible>>((resolve) => {
          const child = execFile(process.execPath, commandLine(args), options(), (_error, stdout, stderr) =>
            resolve({ status: child.exitCode, stdout, stderr }),
          );
        }),
    ),
  );

describe("the command line", function () {
  this.timeout(60_000);
  const home = freshHome();

  it("answers a wrong one with one clear line and exit code 2", async () => {
    const wrong: [args: string[], message: RegExp][] = [
      [[], /Give a command/],
      [["frobnicate"], /^crucible: There is no command 'frobnicate'\.$/m],
      [["foo"], /^crucible: There is no command 'foo'\.\nSee crucible --help$/m],
      [["sweeep", "--json"], /There is no command 'sweeep'\. Did you mean 'sweep'\?/],
      [["it", "bacth", "smoke"], /batch|bacth/],
      [["up"], /Name units to deploy/],
      [["up", "nounit"], /no unit 'nounit'; there are .*sanders/],
      [["up", "sanders", "--ttl", "soon"], /"soon" is not a duration/],
      [["up", "sanders", "--ttl", "2h", "--keep"], /contradict/],
      [["up", "sanders", "--target", "gcp"], /"gcp" is not a target/],
      [["up", "sanders", "--name", "Bad Name"], /cannot be an environment's name/],
      [["up", "sanders", "--colour", "red"], /colour/],
      [
        ["up", "sanders", "--name", "q3", "--set", "sanders.bogus=1"],
        /--set: sanders\.bogus is not a setting \(it is 1\); there are region, /,
      ],
      [
        ["up", "sanders", "--set", "sanders.network.natGateway=0"],
        /--set: .*did you mean sanders\.network\.natGateways\?/,
      ],
      [["up", "sanders", "--set", "sandres.removal=retain"], /sandres is not a setting .*; did you mean sanders\?/],
      [
        ["up", "sanders", "--set", "sanders.batch.maxVcpus=many"],
        /--set: sanders\.batch\.maxVcpus: .*expected number.*, but it is "many"/,
      ],
      [["up", "sanders", "--region", "Frankfurt"], /"Frankfurt" is not a region/],
      [["preview", "sanders", "--set", "sanders.whatever=1"], /--set: sanders\.whatever is not a setting/],
      [["run", "s9", "orchestrator"], /no environment named s9.*crucible up/],
      [["run", "s9", "orchestrator", "--input", "{"], /--input is not JSON/],
      [["it", "start", "nothing"], /no test named nothing.*sanders-daily/],
      [["it", "batch", "smoke", "--concurrency", "0"], /whole number/],
      [["down"], /Name one environment, or give --all/],
      [["cloud", "start", "--port", "99999"], /1 to 65535/],
      [["cloud"], /Give a command after cloud/],
      [["preview"], /Name units/],
      [["exec", "s9"], /two dashes|no environment/],
    ];
    const answers = await crucibles(wrong.map(([args]) => args));
    for (const [index, [args, message]] of wrong.entries()) {
      const { status, stderr } = answers[index] ?? assert.fail();
      assert.equal(status, 2, `${args.join(" ")}: ${stderr}`);
      assert.match(stderr, message);
      // On a busy machine it says first that it is at work.
      const [first, second] = stderr
        .trim()
        .split("\n")
        .filter((line) => !line.includes("… waiting"));
      assert.match(first ?? "", /^crucible: /);
      assert.match(second ?? "", /^See crucible .*--help$/);
    }
    assert.deepEqual(JSON.parse(crucible("ls", "--json").stdout), []);
  });

  it("tells errors as JSON, too", () => {
    const { status, stdout } = crucible("outputs", "s9", "--json");
    assert.equal(status, 2);
    assert.deepEqual(JSON.parse(stdout).error.name, "UsageError");
  });

  it("shows stack traces only when they are asked for", () => {
    assert.ok(!crucible("outputs", "s9").stderr.includes("    at "));
    assert.ok(crucible("outputs", "s9", "--debug").stderr.includes("    at "));
  });

  it("has help with examples for every command", async () => {
    const { status, stdout } = crucible("--help");
    assert.equal(status, 0);
    for (const command of [
      "preview",
      "up",
      "ls",
      "outputs",
      "env",
      "exec",
      "run",
      "logs",
      "advance",
      "down",
      "sweep",
      "engine",
      "it",
      "cloud",
    ])
      assert.match(stdout, new RegExp(`crucible ${command}\\b`), command);
    const commands = [["up"], ["run"], ["it", "batch"], ["cloud", "env"], ["exec"], ["advance"]];
    const helps = await crucibles(commands.map((words) => [...words, "--help"]));
    for (const [index, words] of commands.entries()) {
      const help = helps[index] ?? assert.fail();
      assert.equal(help.status, 0);
      assert.match(help.stdout, /Examples:\n +(crucible|eval)/, words.join(" "));
    }
  });

  it("writes no colours where nobody would see them", async () => {
    await createJournal(aJournal());
    // biome-ignore lint/suspicious/noControlCharactersInRegex: it is what must not be there
    assert.ok(!/\u001b\[/.test(crucible("ls").stdout));
  });

  it("lists environments, also as JSON, and says of one whose cloud ended that it is gone", async () => {
    assert.match(crucible("ls").stdout, /no environments.*crucible up/);
    await createJournal(aJournal({ expiresAt: new Date(Date.now() + 3_600_000) }));
    const { status, stdout } = crucible("ls", "--json");
    assert.equal(status, 0);
    const [listed] = JSON.parse(stdout);
    assert.deepEqual([listed.name, listed.status, listed.account], ["s1", "gone", "234567890123"]);
    assert.match(crucible("ls").stdout, /s1 +sanders +dev +gone +background +234567890123 +eu-central-1/);
  });

  it("fails with exit code 1 and what to do next when an environment's cloud has ended, and a sweep forgets it", async () => {
    await createJournal(aJournal());
    const env = crucible("env", "s1");
    assert.equal(env.status, 1);
    assert.match(env.stderr, /background cloud has ended.*crucible sweep/);
    const sweep = crucible("sweep", "--json");
    assert.equal(sweep.status, 0, sweep.stderr);
    assert.deepEqual(JSON.parse(sweep.stdout).swept, [
      { name: "s1", reason: "its local cloud has ended", outcome: "destroyed", removed: [] },
    ]);
    assert.match(crucible("sweep").stdout, /Nothing was left behind/);
  });

  it("plans a suite without running it", () => {
    const { status, stdout } = crucible("it", "batch", "smoke", "--dry-run", "--json");
    assert.equal(status, 0);
    const plan = JSON.parse(stdout) as { name: string; because: string[] }[];
    assert.deepEqual(plan.map(({ name }) => name).sort(), ["sanders-daily", "sanders-refused", "sanders-variants"]);
    assert.ok(plan.every(({ because }) => because.includes("suite smoke")));
  });

  it("reads an input from a file, and says when it cannot", () => {
    const path = join(home.path(), "input.json");
    writeFileSync(path, "{]");
    assert.match(crucible("run", "s9", "w", "--input", `@${path}`).stderr, /input\.json cannot be read/);
    assert.match(crucible("run", "s9", "w", "--input", "@nowhere.json").stderr, /nowhere\.json.*ENOENT/);
  });

  it("says which engine is used", () => {
    const { status, stdout } = crucible("engine", "--json");
    assert.equal(status, 0);
    const { path, source, version } = JSON.parse(stdout);
    assert.match(version, /^3\.\d+\.\d+$/);
    assert.ok(path.endsWith("pulumi"));
    assert.ok(["PATH", "~/.pulumi", "cache", "installer", "build"].includes(source));
  });
});
