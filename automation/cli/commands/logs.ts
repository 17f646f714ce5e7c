import { setTimeout as sleep } from "node:timers/promises";
import { parseDuration } from "../../environments/duration.js";
import { openEnvironment } from "../../environments/open.js";
import type { LogLine } from "../../executions/logs.js";
import { define } from "../command.js";

const LOOK_MS = 500;

export const logs = define({
  command: "logs <name>",
  describe: "Show the logs of an environment, all groups in the order of time",
  examples: [
    ["crucible logs s1 --follow", "as they come, until Ctrl-C"],
    ["crucible logs s1 --group /aws/batch/job --since 10m", "of the Batch jobs, the last ten minutes"],
  ],
  options: (yargs) =>
    yargs
      .positional("name", { type: "string", demandOption: true, describe: "Name of the environment" })
      .option("follow", { type: "boolean", default: false, describe: "Go on until interrupted" })
      .option("group", { type: "string", describe: "Only groups whose name begins with this" })
      .option("stream", { type: "string", describe: "Only streams whose name contains this" })
      .option("filter", { type: "string", describe: "CloudWatch Logs' filter pattern" })
      .option("since", { type: "string", describe: "Only the last while, e.g. 10m" }),
  async run(argv, { terminal, interrupts }) {
    const env = await openEnvironment(argv.name);
    const options = {
      ...(argv.group !== undefined && { group: argv.group }),
      ...(argv.stream !== undefined && { stream: argv.stream }),
      ...(argv.filter !== undefined && { filter: argv.filter }),
      ...(argv.since !== undefined && { since: new Date(Date.now() - parseDuration(argv.since) * 1000) }),
    };
    const show = (line: LogLine) => {
      const { dim } = terminal.colours;
      if (argv.json) terminal.raw(JSON.stringify(line));
      else terminal.line(`${dim(line.at.toISOString())} ${dim(line.stream)} ${line.message}`);
    };
    if (!argv.follow) {
      for (const line of await env.logs(options)) show(line);
      return 0;
    }
    const { signal } = interrupts();
    try {
      for await (const line of env.followLogs(options, () => sleep(LOOK_MS, undefined, { signal }))) show(line);
    } catch (error) {
      if (!signal.aborted) throw error;
    }
    return 0;
  },
});
