// The arguments of `ath`, and what each command does with them.
import { resolve } from "node:path";
import yargs, { type Argv } from "yargs";
import { UsageError } from "../../lib/errors.js";
import { runStepCommand, type StepCommand } from "../container.js";
import type { LockTimes } from "../locks/locks.js";
import type { Registered, Registry } from "../registry.js";
import { type Cli, create, type HowToRun, list, openExisting, resume, show, showLog, unlock } from "./commands.js";
import { givenParameters, parameterOptions } from "./parameters.js";
import type { Output } from "./progress.js";

export interface AthOptions {
  /** Arguments after the program's name. */
  args: string[];
  registry: Registry;
  env: Record<string, string | undefined>;
  output: Output;
  /** See Cli. */
  module: string;
  lockTimes?: LockTimes;
}

const text = { type: "string", requiresArg: true } as const;
const json = { type: "boolean", default: false, describe: "As JSON" } as const;
const runOption = { ...text, describe: "Id of the run [default: workflow, time and four letters]" } as const;
const workflowOption = { ...text, describe: "Its workflow, when runs of several have the id" } as const;

/** A run of a workflow that the arguments name, before its options can be known. */
interface Named {
  registered?: Registered;
  /** Of a run that is there. */
  input: Record<string, unknown>;
}

/**
 * Parses the arguments and does what they say.
 * @returns the exit code
 * @throws UsageError for wrong arguments; what the command throws
 */
export async function runCommand(options: AthOptions, signal: AbortSignal): Promise<number> {
  const { args, registry, env, output, module, lockTimes } = options;
  const cliOf = (parsed: { dataRoot?: string }): Cli => {
    const dataRoot = resolve(parsed.dataRoot ?? env.DATA_ROOT ?? "/mnt/data");
    return { registry, dataRoot, env, output, signal, module, lockTimes };
  };
  const { registered, input } = await namedIn(args, cliOf);
  const workflow = () => {
    if (!registered) throw new UsageError("There is no workflow to run");
    return registered;
  };
  const given = (parsed: object) => givenParameters(workflow().workflow, parsed as Record<string, unknown>);
  const runOptions = <T>(command: Argv<T>) => {
    if (registered) command.options(parameterOptions(registered.workflow));
    return command.options(HOW_TO_RUN);
  };
  let exitCode = 0;

  const parser = yargs(args)
    .scriptName("ath")
    .usage("$0 <command>\n\nAthanor runs workflows step by step; what is done and has not changed is not done again.")
    .options({ "data-root": { ...text, describe: "The shared data [default: DATA_ROOT or /mnt/data]" } })
    .command(
      "create <workflow>",
      "Begin a run and run all its steps",
      (command) =>
        runOptions(
          command.positional("workflow", { type: "string", demandOption: true, describe: registry.names.join(", ") }),
        )
          .options({ run: runOption })
          .example("$0 create p2a3xgb --title GROCERY --hh-date 2017-11-04 --states ca,tx,ny", "run it")
          .example("$0 create p2a3xgb --title GROCERY --hh-date 2017-11-04 --dry-run", "what it would do, and why"),
      (parsed) => create(cliOf(parsed), workflow(), parsed.run, given(parsed), howOf(parsed)),
    )
    .command(
      "resume <run>",
      "Run what is not done of a run, or not up to date; parameters may be given anew",
      (command) =>
        runOptions(command.positional("run", { type: "string", demandOption: true, describe: "Id of the run" }))
          .options({ workflow: workflowOption })
          .example("$0 resume p2a3xgb-20171104-090000-1a2b", "go on where it ended")
          .example("$0 resume p2a3xgb-20171104-090000-1a2b --seed 2 --dry-run", "what another seed would run again"),
      (parsed) => resume(cliOf(parsed), workflow(), parsed.run, input, given(parsed), howOf(parsed)),
    )
    .command(
      "ls",
      "List runs, newest first",
      (command) => command.options({ json }),
      (parsed) => list(cliOf(parsed), parsed.json),
    )
    .command(
      "show <run>",
      "Show the journal of a run: attempts and why, how long, memory",
      (command) =>
        command.positional("run", { type: "string", demandOption: true }).options({ workflow: workflowOption, json }),
      (parsed) => show(cliOf(parsed), parsed.run, parsed.workflow, parsed.json),
    )
    .command(
      "log <run> [step]",
      "Show what steps have logged, attempt by attempt",
      (command) =>
        command
          .positional("run", { type: "string", demandOption: true })
          .positional("step", { type: "string" })
          .options({ workflow: workflowOption }),
      (parsed) => showLog(cliOf(parsed), parsed.run, parsed.workflow, parsed.step),
    )
    .command(
      "unlock [path]",
      "List locks; of a data set, remove those whose owner is gone",
      (command) =>
        command
          .positional("path", { type: "string", describe: "The data set, from the data root" })
          .options({
            force: { type: "boolean", default: false, describe: "Remove a lock although its owner is alive" },
          })
          .example("$0 unlock", "who holds and waits for what")
          .example("$0 unlock prod/coop", "a stale lock; one of another machine is watched for its lease first"),
      (parsed) => unlock(cliOf(parsed), parsed.path, parsed.force),
    );
  for (const name of ["step", "merge"] as const)
    parser.command(
      `${name} <workflow> <step>`,
      name === "step" ? "Run one step, or partition, as a state of a state machine does" : "Merge a step's partitions",
      (command) => command.positional("workflow", POSITIONAL).positional("step", POSITIONAL).options(STEP_OPTIONS),
      async (parsed) => {
        exitCode = await runStepCommand({ ...stepOptions(name, parsed, cliOf(parsed)), registry, lockTimes });
      },
    );
  await parser
    .demandCommand(1, "Say what to do: create, resume, ls, show, log, unlock, step or merge")
    .strict()
    .version(false)
    .help()
    .wrap(120)
    .epilogue(
      `Workflows: ${registry.names.join(", ")}\n\nExit codes: 0 done, 1 failed, 2 wrong usage, 130 or 143 stopped (SIGINT, SIGTERM).`,
    )
    .exitProcess(false)
    .fail((message, error) => {
      throw error ?? new UsageError(message);
    })
    .parseAsync(args, {}, (_error, _parsed, shown) => {
      // What --help asks for.
      if (shown) output.out(`${shown}\n`);
    });
  return exitCode;
}

const POSITIONAL = { type: "string", demandOption: true } as const;

const HOW_TO_RUN = {
  "dry-run": {
    type: "boolean",
    default: false,
    describe: "Print the plan with the reason for each step; change nothing",
  },
  json: { type: "boolean", default: false, describe: "Print the plan, or the journal, as JSON" },
  verbose: { type: "boolean", default: false, describe: "Show the steps' log" },
  executor: { choices: ["child-process", "in-process"], default: "child-process", describe: "How steps are run" },
  parallel: { ...text, default: "1", describe: "Partitions of a step at a time" },
  memory: { ...text, describe: "Memory that a step may use, MiB [default: what there is]" },
} as const;

const STEP_OPTIONS = {
  run: { ...text, describe: "Id of the run (RUN_ID)" },
  input: { ...text, describe: "Input of the run, JSON (RUN_INPUT)" },
  partition: { ...text, describe: "One partition, from 0 (AWS_BATCH_JOB_ARRAY_INDEX)" },
  partitions: { ...text, describe: "How many there are (PARTITIONS)" },
} as const;

function howOf(parsed: {
  dryRun: boolean;
  json: boolean;
  verbose: boolean;
  executor: "child-process" | "in-process";
  parallel: string;
  memory?: string;
}): HowToRun {
  const { dryRun, json: asJson, verbose, executor } = parsed;
  const memory = parsed.memory === undefined ? undefined : wholeNumber("--memory", parsed.memory);
  return { dryRun, json: asJson, verbose, executor, parallel: wholeNumber("--parallel", parsed.parallel), memory };
}

function wholeNumber(name: string, given: string): number {
  if (!/^[1-9]\d{0,8}$/.test(given)) throw new UsageError(`${name}=${given} is not a whole number from 1`);
  return Number(given);
}

/** A step's options stand for the variables that a container has. */
function stepOptions(
  command: StepCommand,
  parsed: { workflow: string; step: string; run?: string; input?: string; partition?: string; partitions?: string },
  cli: Cli,
) {
  const { workflow, step } = parsed;
  const given = {
    RUN_ID: parsed.run,
    RUN_INPUT: parsed.input,
    AWS_BATCH_JOB_ARRAY_INDEX: parsed.partition,
    PARTITIONS: parsed.partitions,
  };
  const env = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  return { command, workflow, step, env: { ...cli.env, DATA_ROOT: cli.dataRoot, ...env } };
}

/** Finds the workflow whose parameters are options. @throws UsageError when there is no such workflow or run */
async function namedIn(args: string[], cliOf: (parsed: { dataRoot?: string }) => Cli): Promise<Named> {
  const { _, help, ...parsed } = await yargs(args)
    .help(false)
    .version(false)
    .exitProcess(false)
    .boolean(["help", "dry-run", "json", "verbose", "force"])
    .string(["workflow", "data-root"])
    .parseAsync();
  const [command, subject] = _.map(String);
  const cli = cliOf({ dataRoot: parsed["data-root"] });
  if (command === "create" && subject !== undefined) return { registered: await cli.registry.load(subject), input: {} };
  if (command !== "resume" || subject === undefined || help) return { input: {} };
  const { registered, record } = await openExisting(cli, subject, parsed.workflow);
  return { registered, input: record.input };
}
