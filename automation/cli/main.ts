// The command line: words, options and help by yargs; one file per command; errors in one place.
import yargs, { type Argv, type CommandModule } from "yargs";
import { hideBin } from "yargs/helpers";
import { InterruptedError, messageOf, UsageError } from "../errors.js";
import { type CommandDescription, command } from "./command.js";
import { cloudEnv, cloudStart, cloudStatus, cloudStop } from "./commands/cloud.js";
import { down } from "./commands/down.js";
import { engine } from "./commands/engine.js";
import { env } from "./commands/env.js";
import { exec } from "./commands/exec.js";
import { itBatch, itLs, itStart } from "./commands/it.js";
import { logs } from "./commands/logs.js";
import { ls } from "./commands/ls.js";
import { outputs } from "./commands/outputs.js";
import { preview } from "./commands/preview.js";
import { run } from "./commands/run.js";
import { sweep } from "./commands/sweep.js";
import { up } from "./commands/up.js";
import { INTERRUPTED } from "./interrupt.js";
import { Terminal } from "./terminal.js";

const FAILED = 1;
const USAGE = 2;
const WIDEST = 110;

// biome-ignore lint/suspicious/noExplicitAny: each command has options of its own; only yargs looks at them together
type AnyCommand = CommandDescription<any>;

/** A group of commands under one word, e.g. `it batch`. */
interface Group {
  word: string;
  describe: string;
  commands: AnyCommand[];
}

const COMMANDS: AnyCommand[] = [preview, up, ls, outputs, env, exec, run, logs, down, sweep, engine];
const GROUPS: Group[] = [
  { word: "it", describe: "Run integration tests", commands: [itBatch, itStart, itLs] },
  { word: "cloud", describe: "The background cloud by hand", commands: [cloudStart, cloudStop, cloudStatus, cloudEnv] },
];

/** Runs a command line and returns its exit code: 0, 1 for a failure, 2 for a wrong command line, 130 after an interrupt. */
export async function main(args: readonly string[]): Promise<number> {
  let code = 0;
  const exit = (value: number) => {
    code = value;
  };
  const modules = (commands: AnyCommand[]) => commands.map((one) => command(one, exit)) as CommandModule[];
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
    .command(modules(COMMANDS))
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
  for (const { word, describe, commands } of GROUPS)
    parser.command(word, describe, (group: Argv) =>
      group.command(modules(commands)).demandCommand(1, 1, `Give a command after ${word}.`).strict(),
    );
  try {
    await parser.parseAsync();
    return code;
  } catch (error) {
    return complain(error, args);
  }
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
  const words = args.filter((argument) => !argument.startsWith("-"));
  const group = GROUPS.find(({ word }) => word === words[0]);
  const isCommand = COMMANDS.some((one) => one.command.split(" ")[0] === words[0]);
  if (group)
    return words[1] && group.commands.some((one) => one.command.split(" ")[0] === words[1])
      ? `${words[0]} ${words[1]} `
      : `${words[0]} `;
  return isCommand ? `${words[0]} ` : "";
}

function describeCauses(error: Error): string {
  const stacks: string[] = [];
  for (let current: unknown = error; current instanceof Error; current = current.cause)
    stacks.push(current.stack ?? current.message);
  return stacks.join("\ncaused by ");
}

const code = await main(hideBin(process.argv));
// What is written has to be out before the end, and no idle connection has to be waited for.
process.stdout.write("", () => process.stderr.write("", () => process.exit(code)));
