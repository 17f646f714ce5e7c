import { formatDuration } from "../../environments/duration.js";
import { listJournals } from "../../environments/journal.js";
import { downEnvironment } from "../../environments/open.js";
import { LeakError } from "../../environments/teardown.js";
import { messageOf, UsageError } from "../../errors.js";
import { summarize } from "../../inventory/inventory.js";
import { define } from "../command.js";

export const down = define({
  command: "down [name]",
  describe: "Destroy an environment, and prove that nothing of it is left",
  examples: [
    ["crucible down s1", "destroy s1"],
    ["crucible down --all", "destroy all that are there"],
  ],
  options: (yargs) =>
    yargs
      .positional("name", { type: "string", describe: "Name of the environment" })
      .option("all", { type: "boolean", default: false, describe: "Every environment" }),
  async run(argv, { terminal, progress }) {
    if ((argv.name === undefined) === !argv.all) throw new UsageError("Name one environment, or give --all.");
    const names = argv.name === undefined ? (await listJournals()).map(({ name }) => name) : [argv.name];
    const results: { name: string; outcome: string; seconds: number; leaks: string[]; error?: string }[] = [];
    for (const name of names) {
      try {
        const { seconds, reaped } = await downEnvironment(name, {
          onProgress: progress.task(names.length > 1 ? name : ""),
        });
        progress.stop();
        results.push({ name, outcome: "destroyed", seconds, leaks: [] });
        terminal.line(`${name} is destroyed (${formatDuration(seconds)}); nothing is left in its account.`);
        for (const item of summarize(reaped)) terminal.line(`  also removed: ${item}`);
      } catch (error) {
        progress.stop();
        if (names.length === 1 && !argv.json) throw error;
        if (error instanceof UsageError) throw error;
        const teardown = error instanceof LeakError ? error.teardown : undefined;
        const leaks = summarize(teardown?.leaks ?? []);
        results.push({ name, outcome: "failed", seconds: teardown?.seconds ?? 0, leaks, error: messageOf(error) });
        terminal.note(messageOf(error));
      }
    }
    if (names.length === 0) terminal.line("There are no environments.");
    terminal.json(argv.all ? results : results[0]);
    return results.some(({ outcome }) => outcome === "failed") ? 1 : 0;
  },
});
