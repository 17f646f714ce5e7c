// Builds the pinned Pulumi CLI from its official Go modules (go.mod and go.sum beside this file) into the user's cache.
// Plain Node without packages, because set-up runs it before `npm ci` has finished.
import { spawn, spawnSync } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { homedir, platform } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";

/** The version of the Pulumi CLI and of `@pulumi/pulumi`; both move together. */
export const ENGINE_VERSION = "3.246.0";

const here = dirname(fileURLToPath(import.meta.url));
const exe = platform() === "win32" ? ".exe" : "";
const CLI_MODULE = "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi";
const HOST_FILES = ["pulumi-language-nodejs", "language-host.mjs"];

/** The user's cache folder of this project (`CRUCIBLE_CACHE` moves it). */
export function cacheFolder() {
  if (process.env.CRUCIBLE_CACHE) return process.env.CRUCIBLE_CACHE;
  if (process.env.XDG_CACHE_HOME) return join(process.env.XDG_CACHE_HOME, "crucible");
  if (platform() === "darwin") return join(homedir(), "Library", "Caches", "crucible");
  if (platform() === "win32") return join(process.env.LOCALAPPDATA ?? join(homedir(), "AppData", "Local"), "crucible");
  return join(homedir(), ".cache", "crucible");
}

/** Root of the cached engine: `bin/pulumi` and the Node language host beside it. */
export const engineFolder = () => join(cacheFolder(), "engine", ENGINE_VERSION);

/** Folder of the Node language host, for the PATH of a CLI that has none. */
export const languageHostFolder = () => join(here, "host");

/** Whether a finished engine is in the cache. The folder appears by one rename, so a killed build is never mistaken for one. */
export const isCached = () => existsSync(join(engineFolder(), "bin", `pulumi${exe}`));

/** Path of the Go command, or undefined. */
export function findGo() {
  const candidates = ["go", "/usr/local/go/bin/go", join(homedir(), "go", "bin", "go"), "/opt/homebrew/bin/go"];
  return candidates.find((go) => spawnSync(go, ["version"], { stdio: "ignore" }).status === 0);
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
}

/** Holds `<engine>.lock` while `work` runs; waits for another builder, and takes over from one that died. */
async function exclusively(onProgress, work) {
  const lock = `${engineFolder()}.lock`;
  mkdirSync(dirname(lock), { recursive: true });
  for (let told = false; ; ) {
    try {
      writeFileSync(lock, String(process.pid), { flag: "wx" });
      break;
    } catch (error) {
      if (error.code !== "EEXIST") throw error;
    }
    let owner = Number.NaN;
    try {
      owner = Number(readFileSync(lock, "utf8"));
    } catch {
      continue; // released between the two calls
    }
    if (owner > 0 && !isAlive(owner)) {
      // Renamed first: of two who see the dead owner only one gets the file, the other tries again.
      const grave = `${lock}.${process.pid}`;
      try {
        renameSync(lock, grave);
        unlinkSync(grave);
      } catch {}
      continue;
    }
    if (!told) onProgress(`waiting for process ${owner}, which is building it`);
    told = true;
    await wait(300);
    if (isCached()) return;
  }
  try {
    if (!isCached()) await work();
  } finally {
    unlinkSync(lock);
  }
}

/**
 * Puts the engine into the cache, unless it is there: `produce(folder)` fills a scratch folder with `bin/pulumi`, which is checked
 * and then becomes the engine by one rename.
 */
export async function intoCache(produce, onProgress = () => {}) {
  await exclusively(onProgress, async () => {
    const folder = engineFolder();
    for (const name of readdirSync(dirname(folder)))
      if (/\.build-\d+$/.test(name) && !isAlive(Number(name.split("-").pop())))
        rmSync(join(dirname(folder), name), { recursive: true, force: true });
    const scratch = `${folder}.build-${process.pid}`;
    mkdirSync(join(scratch, "bin"), { recursive: true });
    try {
      await produce(scratch);
      const cli = join(scratch, "bin", `pulumi${exe}`);
      const { stdout } = spawnSync(cli, ["version"], {
        encoding: "utf8",
        env: { ...process.env, PULUMI_SKIP_UPDATE_CHECK: "true" },
      });
      if (stdout?.trim() !== `v${ENGINE_VERSION}`)
        throw new Error(`${cli} says it is version "${stdout?.trim()}", not v${ENGINE_VERSION}`);
      if (!existsSync(join(scratch, "bin", `pulumi-language-nodejs${exe}`))) installLanguageHost(join(scratch, "bin"));
      rmSync(folder, { recursive: true, force: true });
      renameSync(scratch, folder);
    } finally {
      rmSync(scratch, { recursive: true, force: true });
    }
  });
}

function installLanguageHost(folder) {
  for (const file of HOST_FILES) {
    copyFileSync(join(languageHostFolder(), file), join(folder, file));
    chmodSync(join(folder, file), 0o755);
  }
}

/**
 * Compiles the CLI with Go into the cache (about 20 s of download and 150 s of compiling on two cores).
 * Rejects naming Go when it is missing, and with the end of Go's output when it fails.
 */
export async function buildEngine(onProgress = () => {}) {
  const go = findGo();
  if (!go)
    throw new Error(
      `the Pulumi CLI ${ENGINE_VERSION} is needed. Install it (https://www.pulumi.com/docs/install/), or install Go 1.25 or newer ` +
        "(https://go.dev/dl/) and run this again: it is then built from its official modules.",
    );
  await intoCache(async (scratch) => {
    const version = `github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v${ENGINE_VERSION}`;
    const args = ["build", "-v", "-mod=readonly", "-trimpath", "-buildvcs=false", "-ldflags", `-s -w -X ${version}`];
    await run(go, [...args, "-o", join(scratch, "bin", `pulumi${exe}`), CLI_MODULE], onProgress);
  }, onProgress);
}

/** Runs Go in this folder, reporting what it does; its own output is kept for the error. */
function run(command, args, onProgress) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: here, stdio: ["ignore", "ignore", "pipe"] });
    const tail = [];
    let modules = 0;
    let packages = 0;
    let pending = "";
    child.stderr.setEncoding("utf8").on("data", (text) => {
      const lines = (pending + text).split("\n");
      pending = lines.pop();
      for (const line of lines) {
        if (line.startsWith("go: downloading")) modules += 1;
        else packages += 1;
        tail.push(line);
        if (tail.length > 20) tail.shift();
      }
      onProgress(packages ? `compiling, ${packages} packages done` : `downloading, ${modules} modules`);
    });
    const end = () => child.kill("SIGTERM");
    process.once("SIGTERM", end).once("SIGINT", end);
    child.on("error", reject).on("close", (code) => {
      process.off("SIGTERM", end).off("SIGINT", end);
      if (code === 0) resolve();
      else
        reject(
          new Error(`go build of the Pulumi CLI failed with exit code ${code}:\n${[...tail, pending].join("\n")}`),
        );
    });
  });
}

/** Whether the host of Pulumi's own installer answers within `timeoutMs`. */
export async function isInstallerReachable(timeoutMs = 5000) {
  try {
    const answer = await fetch("https://get.pulumi.com/install.sh", {
      method: "HEAD",
      signal: AbortSignal.timeout(timeoutMs),
    });
    return answer.ok;
  } catch {
    return false;
  }
}
