#!/usr/bin/env node
// Runs the tests in parts, two at a time, each in a process with a cloud of its own: much of a test's time is waiting for another process.
// With arguments, e.g. `npm test -- --grep athanor`, it is mocha as it is.
import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { stripVTControlCharacters } from "node:util";

const root = fileURLToPath(new URL("..", import.meta.url));
const mocha = join(createRequire(import.meta.url).resolve("mocha/package.json"), "..", "bin", "mocha.js");
const { mocha: settings } = createRequire(import.meta.url)("../package.json");
/** What takes long comes first, so that both workers end at about the same time. A folder that no one names belongs to the last. */
const PARTS = [["localcloud/compute"], ["acceptance", "automation"], ["stacks"], ["jobs"], ["localcloud/provider"], []];
const AT_ONCE = 2;
const named = PARTS.flat();

const patternOf = (folder) => `dist/tests/${folder}/**/*.test.js`;
const partArguments = PARTS.map((folders) =>
  folders.length > 0
    ? folders.map(patternOf)
    : [...settings.spec, ...named.flatMap((folder) => ["--ignore", patternOf(folder)])],
);

/** The options of package.json as a command line: its `spec` cannot be narrowed otherwise. */
const options = [
  "--no-package",
  ...Object.entries(settings)
    .filter(([name]) => name !== "spec")
    .flatMap(([name, value]) => [value].flat().flatMap((each) => [`--${name}`, String(each)])),
];

function start(args) {
  return spawn(process.execPath, [mocha, ...args], {
    cwd: root,
    stdio: ["inherit", "pipe", "inherit"],
    env: { ...(process.stdout.isTTY && { FORCE_COLOR: "1" }), ...process.env },
  });
}

const exitOf = (child) => new Promise((resolve) => child.once("close", (code, signal) => resolve(signal ? 1 : code)));

/**
 * Runs the parts from the first to the last and prints them in this order: what a later one says meanwhile is kept until then.
 * Returns the exit code and the text of each.
 */
async function runAll(running) {
  const said = partArguments.map(() => []);
  const codes = partArguments.map(() => undefined);
  let shown = 0;
  let next = 0;
  const work = async () => {
    while (next < partArguments.length) {
      const index = next++;
      const child = start([...options, ...partArguments[index]]);
      running.add(child);
      child.stdout.on("data", (chunk) => {
        said[index].push(chunk);
        if (index === shown) process.stdout.write(chunk);
      });
      codes[index] = await exitOf(child);
      running.delete(child);
      while (shown < codes.length && codes[shown] !== undefined) {
        shown += 1;
        for (const chunk of said[shown] ?? []) process.stdout.write(chunk);
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return { codes, texts: said.map((chunks) => stripVTControlCharacters(Buffer.concat(chunks).toString())) };
}

const given = process.argv.slice(2);
if (given.length > 0) {
  const child = spawn(process.execPath, [mocha, ...given], { cwd: root, stdio: "inherit" });
  process.exit(await exitOf(child));
}

const started = performance.now();
const running = new Set();
for (const signal of ["SIGINT", "SIGTERM"])
  process.on(signal, () => {
    // Nothing more is begun.
    partArguments.length = 0;
    for (const child of running) child.kill(signal);
  });
const { codes, texts } = await runAll(running);
const sum = (what) =>
  texts.reduce((total, text) => total + Number(new RegExp(`^ +(\\d+) ${what}`, "m").exec(text)?.[1] ?? 0), 0);
const minutes = ((performance.now() - started) / 60_000).toFixed(1);
console.log(`== All tests, in ${minutes} minutes`);
for (const what of ["passing", "failing", "pending"])
  if (what === "passing" || sum(what) > 0) console.log(`  ${sum(what)} ${what}`);
// A process that ended without a count has failed, whatever the others say.
process.exit(codes.some((code) => code !== 0) ? 1 : 0);
