// What every command is made of: its words and options for yargs, and its work with a terminal.
import type { ArgumentsCamelCase, Argv, CommandModule } from "yargs";
import { type Interrupts, onInterrupt } from "./interrupt.js";
import { ProgressView } from "./progress-view.js";
import { Terminal } from "./terminal.js";

export interface GlobalOptions {
  json: boolean;
  debug: boolean;
}

export interface CommandContext {
  terminal: Terminal;
  progress: ProgressView;
  /** Aborted by the first interrupt. Asking for it takes the signals over from Node's default, which ends the process. */
  interrupts(): Interrupts;
}

export interface CommandDescription<A> {
  /** As yargs writes it: `up <units..>`. */
  command: string;
  /** One sentence for the list of commands. */
  describe: string;
  /** Pairs of a command line and what it does. */
  examples: [line: string, what: string][];
  options(yargs: Argv<GlobalOptions>): Argv<A>;
  /** Returns the exit code. */
  run(argv: ArgumentsCamelCase<A>, context: CommandContext): Promise<number>;
}

/** A command for yargs; the exit code goes to `exit`. */
export function command<A extends GlobalOptions>(
  description: CommandDescription<A>,
  exit: (code: number) => void,
): CommandModule<GlobalOptions, A> {
  return {
    command: description.command,
    describe: description.describe,
    builder: (yargs) => description.options(yargs).example(description.examples),
    async handler(argv) {
      const progress = new ProgressView({ states: !argv.json });
      const terminal = new Terminal({ json: argv.json, debug: argv.debug });
      let interrupts: Interrupts | undefined;
      const context: CommandContext = {
        terminal,
        progress,
        interrupts() {
          interrupts ??= onInterrupt((text) => progress.line(text));
          return interrupts;
        },
      };
      try {
        exit(await description.run(argv, context));
      } finally {
        progress.stop();
        interrupts?.release();
      }
    },
  };
}

/** A command whose arguments yargs infers from its options. */
export const define = <A extends GlobalOptions>(description: CommandDescription<A>): CommandDescription<A> =>
  description;
