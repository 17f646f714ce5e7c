// What the tests of Athanor share: a data root with words in it, `ath` in this process or one of its own, a run's files by content.
import { type ChildProcess, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { ath } from "../../../jobs/athanor/cli/main.js";
import { Registry } from "../../../jobs/athanor/registry.js";
import type { Journal } from "../../../jobs/athanor/run/journal.js";
import { chain } from "./chain.js";
import { words } from "./words.js";

/** Quick leases, so that a test of a stale lock need not wait for a real one. */
export const TIMES = { heartbeatMs: 100, leaseMs: 1_500, pollMs: 25 };

export const registry = new Registry({
  chain: { load: async () => chain, assets: new URL("./", import.meta.url) },
  words: { load: async () => words, assets: new URL("./", import.meta.url) },
});

/** Of the module to load before a program that is to be killed at some point (see there). */
export const KILLER = new URL("./killer.js", import.meta.url).href;

const program = fileURLToPath(new URL("./program.js", import.meta.url));

/** A data root of one test. */
export class World {
  readonly dataRoot = mkdtempSync(join(tmpdir(), "athanor-test-"));

  constructor() {
    this.write("prod/coop/words/one.txt", "apple ant bear cat crow dog eel Apple\n");
    this.write("prod/coop/words/two.txt", "fox goat hen cow bee\n");
  }

  path(name: string): string {
    return join(this.dataRoot, name);
  }

  write(name: string, text: string): void {
    mkdirSync(join(this.path(name), ".."), { recursive: true });
    writeFileSync(this.path(name), text);
  }

  read(name: string): string {
    return readFileSync(this.path(name), "utf8");
  }

  /** Runs `ath` in this process. */
  async ath(...args: string[]): Promise<{ code: number; out: string; err: string }> {
    let out = "";
    let err = "";
    const code = await ath({
      args: [...args, "--data-root", this.dataRoot],
      registry,
      env: {},
      lockTimes: TIMES,
      module: program,
      output: {
        out: (text) => {
          out += text;
        },
        err: (text) => {
          err += text;
        },
      },
    });
    return { code, out, err };
  }

  /** Creates a run that has to succeed. */
  async create(run: string, ...args: string[]): Promise<void> {
    const { code, err } = await this.ath(...CREATE, "--run", run, ...args);
    if (code !== 0) throw new Error(err);
  }

  /** Starts `ath` as a process of its own. */
  spawn(args: string[], env: Record<string, string> = {}): Spawned {
    const child = spawn(process.execPath, [program, ...args], {
      env: { ...process.env, DATA_ROOT: this.dataRoot, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    return new Spawned(child);
  }

  async journal(run: string): Promise<Journal> {
    return JSON.parse((await this.ath("show", run, "--json")).out) as Journal;
  }

  /** @param folder of a run, from the data root */
  outputs(folder: string): Record<string, string> {
    return outputsIn(this.path(folder));
  }

  remove(): void {
    rmSync(this.dataRoot, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** Digest of every output of a run, by path: all but what Athanor itself keeps. @param root the run's folder */
export function outputsIn(root: string): Record<string, string> {
  const files = readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const names = files
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    .filter((name) => !/^(steps\/|run\.json$|journal\.json$)/.test(name));
  const digest = (name: string) =>
    createHash("sha256")
      .update(readFileSync(join(root, name)))
      .digest("hex");
  return Object.fromEntries(names.sort().map((name) => [name, digest(name)]));
}

/** `create words` with what it has to be given. */
export const CREATE = ["create", "words", "--title", "GROCERY", "--hh-date", "2017-11-04", "--executor", "in-process"];

/** A process, and what it has said so far. */
export class Spawned {
  readonly lines: string[] = [];
  readonly exit: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  readonly #waiting = new Set<() => void>();

  constructor(readonly child: ChildProcess) {
    for (const stream of [child.stdout, child.stderr])
      if (stream)
        createInterface({ input: stream }).on("line", (line) => {
          this.lines.push(line);
          for (const look of this.#waiting) look();
        });
    this.exit = new Promise((resolve) => {
      child.once("close", (code, signal) => resolve({ code, signal }));
    });
  }

  /** Waits until a line has a text in it. Rejects when the process ends without. */
  async says(text: string): Promise<void> {
    await Promise.race([
      new Promise<void>((resolve) => {
        const look = () => {
          if (!this.lines.some((line) => line.includes(text))) return;
          this.#waiting.delete(look);
          resolve();
        };
        this.#waiting.add(look);
        look();
      }),
      this.exit.then(() => {
        if (!this.lines.some((line) => line.includes(text)))
          throw new Error(`It ended without '${text}':\n${this.lines.join("\n")}`);
      }),
    ]);
  }
}

/** Number of attempts by unit. */
export function attemptsOf(journal: Journal): Record<string, number> {
  return Object.fromEntries(
    journal.steps.flatMap(({ units }) => units.map(({ unit, attempts }) => [unit, attempts.length])),
  );
}

/** Why the last attempt at each unit was made, by unit. */
export function reasonsOf(journal: Journal): Record<string, string[]> {
  return Object.fromEntries(
    journal.steps.flatMap(({ units }) => units.map(({ unit, attempts }) => [unit, attempts.at(-1)?.reasons ?? []])),
  );
}
