import { readFile } from "node:fs/promises";
import { formatDuration } from "../../environments/duration.js";
import { openEnvironment } from "../../environments/open.js";
import { InterruptedError, messageOf, UsageError } from "../../errors.js";
import { explain } from "../../evidence/capture.js";
import { define } from "../command.js";

/** JSON from the command line, or from a file after `@`. @throws UsageError saying what is wrong with it */
export async function readInput(text: string): Promise<unknown> {
  const path = text.startsWith("@") ? text.slice(1) : undefined;
  try {
    return JSON.parse(path === undefined ? text : await readFile(path, "utf8"));
  } catch (error) {
    throw new UsageError(
      `--input ${path === undefined ? "is not JSON" : `@${path} cannot be read`}: ${messageOf(error)}`,
    );
  }
}

export const run = define({
  command: "run <name> <workflow>",
  describe: "Run a workflow and follow it, state by state; the exit code is its outcome",
  examples: [
    ["crucible run s1 orchestrator", "with an empty input"],
    [`crucible run s1 orchestrator --input '{"environment": {"FEATURE_DATE": "2026-02-07"}}'`, "with an input"],
    ["crucible run s1 orchestrator --input @input.json --json", "from a file, with the result as JSON"],
  ],
  options: (yargs) =>
    yargs
      .positional("name", { type: "string", demandOption: true, describe: "Name of the environment" })
      .positional("workflow", {
        type: "string",
        demandOption: true,
        describe: "Name of the workflow, or ARN of a state machine",
      })
      .option("input", { type: "string", default: "{}", describe: "JSON, or @ and the path of a file" }),
  async run(argv, { terminal, progress, interrupts }) {
    const input = await readInput(argv.input);
    const env = await openEnvironment(argv.name, progress.task(""));
    const { signal } = interrupts();
    const result = await env.run(argv.workflow, input, { signal }).catch((error: unknown) => {
      throw signal.aborted ? new InterruptedError("Interrupted; the execution was stopped.", { cause: error }) : error;
    });
    const hints = result.status === "SUCCEEDED" ? [] : await explain(env, result);
    progress.stop();
    const { history, ...rest } = result;
    terminal.json({ ...rest, events: history.length, ...(hints.length > 0 && { hints }) });
    const { colours } = terminal;
    const status = result.status === "SUCCEEDED" ? colours.green(result.status) : colours.red(result.status);
    terminal.line(`${argv.workflow} ${status} in ${formatDuration(result.seconds)}`);
    for (const hint of hints) terminal.line(`  ${hint}`);
    if (result.output !== undefined) terminal.line(JSON.stringify(result.output, null, 2));
    return result.status === "SUCCEEDED" ? 0 : 1;
  },
});
