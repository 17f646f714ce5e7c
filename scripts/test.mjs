#!/usr/bin/env node
// Runs the tests in two processes side by side, each with a cloud of its own: much of a test's time is waiting for another process.
// With arguments, e.g. `npm test -- --grep athanor`, it is mocha as it is.
import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { stripVTControlCharacters } from "node:util";

const root = fileURLToPath(new URL("..", import.meta.url));
const mocha = join(createRequire(import.meta.url).resolve("mocha/package.json"), "..", "bin", "mocha.js");
const { mocha: settings } = createRequire(import.meta.url)("../package.json");
/** Each about half of the time. A folder that no one names belongs to the last. */
const PARTS = [["localcloud", "stacks", "components"], []];
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

/** Prints what comes of one process after the other; what the later ones say meanwhile is kept. Returns all of it. */
async function print(children) {
  const said = children.map(() => []);
  let shown = 0;
  for (const [index, { stdout }] of children.entries())
    stdout.on("data", (chunk) => {
      said[index].push(chunk);
      if (index === shown) process.stdout.write(chunk);
    });
  const exits = children.map(exitOf);
  const codes = [];
  for (const exit of exits) {
    codes.push(await exit);
    shown += 1;
    for (const chunk of said[shown] ?? []) process.stdout.write(chunk);
  }
  return { codes, texts: said.map((chunks) => stripVTControlCharacters(Buffer.concat(chunks).toString())) };
}

const given = process.argv.slice(2);
if (given.length > 0) {
  const child = spawn(process.execPath, [mocha, ...given], { cwd: root, stdio: "inherit" });
  process.exit(await exitOf(child));
}

const started = performance.now();
const children = partArguments.map((args) => start([...options, ...args]));
for (const signal of ["SIGINT", "SIGTERM"])
  process.on(signal, () => {
    for (const child of children) child.kill(signal);
  });
const { codes, texts } = await print(children);
const sum = (what) =>
  texts.reduce((total, text) => total + Number(new RegExp(`^ +(\\d+) ${what}`, "m").exec(text)?.[1] ?? 0), 0);
const minutes = ((performance.now() - started) / 60_000).toFixed(1);
console.log(`== All tests, in ${minutes} minutes`);
for (const what of ["passing", "failing", "pending"])
  if (what === "passing" || sum(what) > 0) console.log(`  ${sum(what)} ${what}`);
// A process that ended without a count has failed, whatever the others say.
process.exit(codes.some((code) => code !== 0) ? 1 : 0);
