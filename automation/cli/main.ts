// The command line: words, options and help by yargs; one file per command; errors in one place.
import yargs, { type Argv, type CommandModule } from "yargs";
import { hideBin } from "yargs/helpers";
import { nearest } from "../../stacks/nearest.js";
import { InterruptedError, messageOf, UsageError } from "../errors.js";
import { type CommandDescription, command } from "./command.js";
import { INTERRUPTED } from "./interrupt.js";
import { Terminal } from "./terminal.js";

const FAILED = 1;
const USAGE = 2;
const WIDEST = 110;

// biome-ignore lint/suspicious/noExplicitAny: each command has options of its own; only yargs looks at them together
type AnyCommand = CommandDescription<any>;

/** What stands behind the first word of a command line. */
interface Entry {
  /** Loaded only when it is wanted: a short command need not wait for what a long one needs. */
  load(): Promise<AnyCommand[]>;
  /** Present where a second word says which command it is, e.g. `it batch`. */
  group?: string;
}

const ENTRIES: Record<string, Entry> = {
  preview: { load: async () => [(await import("./commands/preview.js")).preview] },
  up: { load: async () => [(await import("./commands/up.js")).up] },
  ls: { load: async () => [(await import("./commands/ls.js")).ls] },
  outputs: { load: async () => [(await import("./commands/outputs.js")).outputs] },
  env: { load: async () => [(await import("./commands/env.js")).env] },
  exec: { load: async () => [(await import("./commands/exec.js")).exec] },
  run: { load: async () => [(await import("./commands/run.js")).run] },
  logs: { load: async () => [(await import("./commands/logs.js")).logs] },
  advance: { load: async () => [(await import("./commands/advance.js")).advance] },
  down: { load: async () => [(await import("./commands/down.js")).down] },
  sweep: { load: async () => [(await import("./commands/sweep.js")).sweep] },
  engine: { load: async () => [(await import("./commands/engine.js")).engine] },
  it: {
    group: "Run integration tests",
    async load() {
      const { itBatch, itLs, itStart } = await import("./commands/it.js");
      return [itBatch, itStart, itLs];
    },
  },
  cloud: {
    group: "The background cloud by hand",
    async load() {
      const { cloudEnv, cloudStart, cloudStatus, cloudStop } = await import("./commands/cloud.js");
      return [cloudStart, cloudStop, cloudStatus, cloudEnv];
    },
  },
};

/** Runs a command line and returns its exit code: 0, 1 for a failure, 2 for a wrong command line, 130 after an interrupt. */
export async function main(args: readonly string[]): Promise<number> {
  let code = 0;
  const exit = (value: number) => {
    code = value;
  };
  const [word = ""] = args;
  if (word !== "" && !word.startsWith("-") && !ENTRIES[word]) return complain(noCommand(word), args);
  const wanted = ENTRIES[word] ? { [word]: ENTRIES[word] } : ENTRIES;
  const parser = yargs([...args])
    .scriptName("crucible")
    .usage("$0 <command>\n\nThrowaway AWS environments in which the real workflows run.")
    .option("json", {
      type: "boolean",
      default: false,
      global: true,
      describe: "The result as JSON on standard output",
    })
    .option("debug", { type: "boolean", default: false, global: true, describe: "Stack traces with errors" })
    .parserConfiguration({ "populate--": true, "strip-dashed": false })
    .demandCommand(1, 1, "Give a command.", "Give one command.")
    .recommendCommands()
    .strict()
    .wrap(Math.min(WIDEST, process.stdout.columns ?? WIDEST))
    .version(false)
    .help()
    .alias("h", "help")
    .exitProcess(false)
    .fail((message, error) => {
      throw error && error.name !== "YError" && !isCheck(message, error)
        ? error
        : new UsageError(message ?? messageOf(error));
    });
  for (const [first, { load, group }] of Object.entries(wanted)) {
    const modules = (await load()).map((one) => command(one, exit)) as CommandModule[];
    if (group === undefined) parser.command(modules);
    else
      parser.command(first, group, (inner: Argv) =>
        inner.command(modules).demandCommand(1, 1, `Give a command after ${first}.`).strict(),
      );
  }
  try {
    await parser.parseAsync();
    return code;
  } catch (error) {
    return complain(error, args);
  }
}

function noCommand(word: string): UsageError {
  const meant = nearest(word, Object.keys(ENTRIES));
  return new UsageError(`There is no command '${word}'.${meant === undefined ? "" : ` Did you mean '${meant}'?`}`);
}

/** yargs hands over what a `check` threw together with its message. */
const isCheck = (message: string | undefined, error: Error): boolean =>
  message !== undefined && message !== null && message === error.message && !(error instanceof UsageError);

/** Tells of a failure: one clear line, or more with `--debug`. */
function complain(error: unknown, args: readonly string[]): number {
  const terminal = new Terminal({ json: args.includes("--json"), debug: args.includes("--debug") });
  const isUsage = error instanceof UsageError;
  terminal.json({ error: { name: error instanceof Error ? error.name : "Error", message: messageOf(error) } });
  terminal.note(`${terminal.quiet.red("crucible:")} ${messageOf(error)}`);
  if (terminal.options.debug && error instanceof Error) terminal.note(describeCauses(error));
  else if (isUsage) terminal.note(`See crucible ${helpFor(args)}--help`);
  if (error instanceof InterruptedError) return INTERRUPTED;
  return isUsage ? USAGE : FAILED;
}

/** The words of the command line that name a command. */
function helpFor(args: readonly string[]): string {
  const [first = "", second = ""] = args;
  const entry = ENTRIES[first];
  if (!entry) return "";
  return entry.group !== undefined && /^[a-z]+$/.test(second) ? `${first} ${second} ` : `${first} `;
}

function describeCauses(error: Error): string {
  const stacks: string[] = [];
  for (let current: unknown = error; current instanceof Error; current = current.cause)
    stacks.push(current.stack ?? current.message);
  return stacks.join("\ncaused by ");
}

// Whoever reads has had enough (`crucible env ls | head`): what is left is said to nobody, and what was begun is brought to its end.
for (const stream of [process.stdout, process.stderr])
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
  });
const code = await main(hideBin(process.argv));
// What is written has to be out before the end, and no idle connection has to be waited for.
process.stdout.write("", () => process.stderr.write("", () => process.exit(code)));
