#!/usr/bin/env node
// Sets up all that the project needs on a fresh machine: npm packages, compiled code, a Python environment of its own, the Pulumi
// engine. Plain Node without packages; a step that is done is skipped; independent steps run side by side.
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync, unlinkSync, writeFileSync } from "node:fs";
import { platform } from "node:os";
import { dirname, join, resolve } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { buildEngine, ENGINE_VERSION, findGo, isCached, isInstallerReachable } from "../tools/engine/build.mjs";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "..");
const isWindows = platform() === "win32";
const MINIMUM_NODE = [20, 19, 0];
const MINIMUM_PYTHON = [3, 10];
const PROGRESS_EVERY_MS = 5000;

if (process.argv.includes("--help")) {
  console.log(`Usage: npm run setup

Installs what is missing and skips what is there: npm packages, the compiled code (dist/), a Python environment (.venv/),
and the Pulumi CLI ${ENGINE_VERSION}.

Environment:
  CRUCIBLE_PYTHON   the Python (3.10 or newer) to use
  CRUCIBLE_CACHE    folder of caches that outlive the checkout (the built Pulumi CLI, image layers)`);
  process.exit(0);
}

/** A missing prerequisite or a failed step: its message is all that a person needs. */
class SetupError extends Error {}

const digest = (...paths) => {
  const hash = createHash("sha256");
  for (const path of paths) hash.update(readFileSync(join(root, path)));
  return hash.digest("hex");
};

const isAtLeast = (version, minimum) => {
  const difference = minimum.map((part, index) => (version[index] ?? 0) - part).find((part) => part !== 0);
  return (difference ?? 0) >= 0;
};

/** Runs a command to its end; its output is shown only when it fails. `onLine` sees each line as it comes. */
function run(command, args, { onLine = () => {}, env = process.env } = {}) {
  return new Promise((resolvePromise, reject) => {
    const child = spawn(command, args, { cwd: root, env, stdio: ["ignore", "pipe", "pipe"], shell: isWindows });
    let output = "";
    const take = (chunk) => {
      output += chunk;
      for (const line of String(chunk).split("\n")) if (line.trim()) onLine(line.trim());
    };
    child.stdout.on("data", take);
    child.stderr.on("data", take);
    child.on("error", (error) => reject(new SetupError(`${command} could not be started: ${error.message}`)));
    child.on("close", (code) => {
      if (code === 0) resolvePromise(output);
      else
        reject(new SetupError(`${command} ${args.join(" ")} failed with exit code ${code}:\n${output.slice(-4000)}`));
    });
  });
}

/** Runs one step with a line for its end, its time, and a sign of life every few seconds. */
async function step(title, work) {
  const started = Date.now();
  const seconds = () => `${((Date.now() - started) / 1000).toFixed(1)} s`;
  let doing = "";
  let told = "";
  const life = setInterval(() => {
    if (doing === told) console.log(`  … ${title}: ${seconds()}`);
    else console.log(`  … ${title}: ${doing} (${seconds()})`);
    told = doing;
  }, PROGRESS_EVERY_MS);
  try {
    const outcome = await work((message) => {
      doing = message;
    });
    console.log(
      `  ${outcome === "there" ? "=" : "+"} ${title}: ${outcome === "there" ? "already there" : outcome} (${seconds()})`,
    );
  } finally {
    clearInterval(life);
  }
}

function checkNode() {
  const version = process.versions.node.split(".").map(Number);
  if (!isAtLeast(version, MINIMUM_NODE))
    throw new SetupError(
      `Node ${MINIMUM_NODE.join(".")} or newer is needed, this is ${process.versions.node}. Get it at https://nodejs.org/ or with your version manager.`,
    );
}

async function installPackages(progress) {
  const stamp = join(root, "node_modules", ".crucible-lock");
  const wanted = digest("package-lock.json", "package.json");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) return "there";
  progress("npm ci");
  await run(isWindows ? "npm.cmd" : "npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"]);
  writeFileSync(stamp, wanted);
  return "installed from package-lock.json";
}

async function compile() {
  const output = await run(process.execPath, [join("scripts", "build.mjs"), "--verbose"]);
  return /^build: 0 compiled, 0 copied/.test(output) ? "there" : output.trim().replace(/^build: /, "");
}

/** The newest Python on this machine that is new enough, with its version. */
function findPython() {
  const names = ["python3", "python", ...[14, 13, 12, 11, 10].map((minor) => `python3.${minor}`)];
  const seen = [];
  for (const name of [process.env.CRUCIBLE_PYTHON, ...names].filter(Boolean)) {
    const probe = "import sys, platform; print(platform.python_version(), sys.executable)";
    const { stdout, status } = spawnSync(name, ["-c", probe], { encoding: "utf8" });
    if (status !== 0) continue;
    const [version, path] = stdout.trim().split(" ");
    seen.push(`${name} ${version}`);
    if (isAtLeast(version.split(".").map(Number), MINIMUM_PYTHON)) return { version, path };
  }
  throw new SetupError(
    `Python ${MINIMUM_PYTHON.join(".")} or newer is needed (${seen.length ? `found ${seen.join(", ")}` : "none was found"}). ` +
      "Install it from https://www.python.org/downloads/ or your system's packages, or name one with CRUCIBLE_PYTHON.",
  );
}

/** Whether a Java is at hand that Spark 3.5 runs on (8 to 17); `localcloud/compute/glue/spark/locate.py` looks for it in the same places. */
function hasJava() {
  const inHome = process.env.JAVA_HOME && join(process.env.JAVA_HOME, "bin", "java");
  return [inHome, "java"].filter(Boolean).some((java) => {
    const { stderr } = spawnSync(java, ["-version"], { encoding: "utf8" });
    const [, first, second] = /version "(\d+)(?:\.(\d+))?/.exec(stderr ?? "") ?? [];
    const major = Number(first === "1" ? second : first);
    return major >= 8 && major <= 17;
  });
}

/** Python packages of .venv, each lock with a stamp of its own: what is data is not installed again with what is code. */
const PYTHON_LOCKS = ["local.txt", "data.txt", "spark-build.txt", "spark.txt", ...(hasJava() ? [] : ["java.txt"])].map(
  (name) => ({
    lock: join("requirements", name),
    stamp: join(root, ".venv", name === "local.txt" ? ".crucible-lock" : `.crucible-lock-${name}`),
    // Spark is built here, by what was installed by its hash just before.
    options: name === "spark.txt" ? ["--no-build-isolation"] : [],
  }),
);

async function installPython(progress) {
  const folder = join(root, ".venv");
  const inside = join(folder, isWindows ? "Scripts" : "bin", isWindows ? "python.exe" : "python");
  const isInstalled = ({ lock, stamp }) => existsSync(stamp) && readFileSync(stamp, "utf8") === digest(lock);
  const [code] = PYTHON_LOCKS;
  const isUsable = existsSync(inside) && isInstalled(code);
  const missing = isUsable ? PYTHON_LOCKS.filter((packages) => !isInstalled(packages)) : PYTHON_LOCKS;
  if (missing.length === 0) return "there";
  const python = findPython();
  const hasOwnPip = spawnSync(python.path, ["-c", "import ensurepip, venv"]).status === 0;
  if (!isUsable) {
    rmSync(folder, { recursive: true, force: true });
    progress("creating .venv");
    await run(python.path, ["-m", "venv", ...(hasOwnPip ? [] : ["--without-pip"]), folder]);
  }
  const pip = pipOf(python, inside, hasOwnPip);
  const onLine = (line) => {
    if (/^(Collecting|Downloading|Installing)/.test(line)) progress(line.slice(0, 60));
  };
  for (const { lock, stamp, options: own } of missing) {
    progress(`pip install ${lock}`);
    const options = [...own, "--require-hashes", "--no-deps", "--disable-pip-version-check", "--no-input"];
    await run(pip.command, [...pip.args, "install", ...options, "-r", lock], { onLine });
    writeFileSync(stamp, digest(lock));
  }
  return `Python ${python.version}, packages by hash`;
}

/** The pip that installs into .venv: its own, or that of the Python that made it. */
function pipOf(python, inside, hasOwnPip) {
  if (hasOwnPip) return { command: inside, args: ["-m", "pip"] };
  if (spawnSync(python.path, ["-m", "pip", "--version"]).status === 0)
    return { command: python.path, args: ["-m", "pip", "--python", inside] };
  throw new SetupError(
    `${python.path} has neither venv's ensurepip nor pip. On Debian and Ubuntu: apt install python3-venv; else reinstall Python from https://www.python.org/downloads/.`,
  );
}

/** The engine: found or made. Go can start at once where Pulumi's own installer cannot be reached; else the packages come first. */
async function provideEngine(packages, progress) {
  if (
    !isCached() &&
    spawnSync("pulumi", ["version"], { stdio: "ignore" }).status !== 0 &&
    !(await isInstallerReachable())
  ) {
    if (!findGo()) progress("no Go");
    await buildEngine(progress);
  }
  await packages;
  const output = await run(process.execPath, [join("dist", "automation", "engine", "install.js")], {
    onLine: progress,
  });
  const line = output.trim().split("\n").pop();
  return / from (PATH|~\/\.pulumi|cache): /.test(line) ? "there" : line;
}

/** A step that is a module of its own, which prints what it made, and nothing where all was there. */
async function prepare(...path) {
  const output = (await run(process.execPath, [join("dist", ...path)])).trim();
  return output === "" ? "there" : output.replaceAll("\n", ", ");
}

/** Packs the layers of the images that the stacks deploy; a deployment would do it otherwise. */
const packImages = () => prepare("components", "image", "prepare.js");

/** Compiles Spark's file system for S3, which the first job would do otherwise, and archives Spark's classes. */
const prepareSpark = () => prepare("localcloud", "compute", "glue", "spark", "prepare.js");

/** One set-up at a time in a checkout: `npm start` and `npm test` may be started together. */
async function exclusively(work) {
  const lock = join(root, ".crucible", "setup.lock");
  mkdirSync(dirname(lock), { recursive: true });
  for (let told = false; ; ) {
    try {
      writeFileSync(lock, String(process.pid), { flag: "wx" });
      break;
    } catch (error) {
      if (error.code !== "EEXIST") throw error;
    }
    const owner = existsSync(lock) ? Number(readFileSync(lock, "utf8")) : 0;
    try {
      if (owner) process.kill(owner, 0);
    } catch {
      rmSync(lock, { force: true });
      continue;
    }
    if (!told) console.log(`  … another set-up (process ${owner}) is running, waiting for it`);
    told = true;
    await wait(300);
  }
  try {
    return await work();
  } finally {
    unlinkSync(lock);
  }
}

const started = Date.now();
try {
  checkNode();
  console.log("Setting up");
  await exclusively(async () => {
    const packages = step("npm packages", installPackages).then(() => step("compiled code", compile));
    const python = step("Python environment", installPython);
    const results = await Promise.allSettled([
      packages.then(() => step("image layers", packImages)),
      python,
      Promise.all([packages, python]).then(() => step("Spark's file system", prepareSpark)),
      step(`Pulumi engine ${ENGINE_VERSION}`, (progress) => provideEngine(packages, progress)),
    ]);
    const failed = results.filter((result) => result.status === "rejected").map((result) => result.reason);
    if (failed.length > 0) throw new SetupError([...new Set(failed.map((error) => error.message))].join("\n"));
  });
  console.log(`Set up in ${((Date.now() - started) / 1000).toFixed(1)} s`);
} catch (error) {
  console.error(`\nSet-up failed: ${error.message}`);
  process.exit(1);
}
