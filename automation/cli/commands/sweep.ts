import { sweep as sweepAll } from "../../environments/sweep.js";
import { forgetDiedRuns } from "../../suites/history.js";
import { define } from "../command.js";

export const sweep = define({
  command: "sweep",
  describe: "Finish what was left behind: environments whose owner died, failed ones, and those whose time is over",
  examples: [["crucible sweep", "after a crash, a second Ctrl-C, or leaks"]],
  options: (yargs) => yargs,
  async run(_argv, { terminal, progress }) {
    const result = await sweepAll((name) => progress.task(name));
    const runs = await forgetDiedRuns();
    progress.stop();
    terminal.json({ ...result, runs });
    for (const { name, reason, outcome, removed, error } of result.swept) {
      terminal.line(
        outcome === "destroyed" ? `${name}: destroyed, ${reason}.` : `${name}: not destroyed (${reason}): ${error}`,
      );
      for (const item of removed) terminal.line(`  removed: ${item}`);
    }
    for (const { name, error } of result.unreadable) terminal.note(`${name}: ${error}`);
    for (const run of runs) terminal.line(`Run ${run}: forgotten, its process ended before it could report.`);
    if (result.swept.length === 0 && runs.length === 0) terminal.line("Nothing was left behind.");
    if (result.kept.length > 0) terminal.line(`Alive, and left alone: ${result.kept.join(", ")}.`);
    return result.unreadable.length > 0 || result.swept.some(({ outcome }) => outcome === "failed") ? 1 : 0;
  },
});
