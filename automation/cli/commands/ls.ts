import { listJournals } from "../../environments/journal.js";
import { isCloudGone } from "../../environments/place.js";
import { messageOf } from "../../errors.js";
import { define } from "../command.js";
import { journalSummary, timeLeft } from "../show.js";

export const ls = define({
  command: "ls",
  describe: "List the environments",
  examples: [["crucible ls --json", "the same for a program"]],
  options: (yargs) => yargs,
  async run(_argv, { terminal }) {
    const journals = await listJournals((name, error) => terminal.note(`${name}: ${messageOf(error)}`));
    const status = (journal: (typeof journals)[number]) => (isCloudGone(journal) ? "gone" : journal.status);
    terminal.json(journals.map((journal) => ({ ...journalSummary(journal), status: status(journal) })));
    if (journals.length === 0)
      terminal.line("There are no environments. Create one with: crucible up sanders --name s1");
    else
      terminal.table(
        ["name", "units", "settings", "status", "where", "account", "region", "time left"],
        journals.map((journal) => [
          journal.name,
          journal.units.join(" ") || "-",
          journal.environment,
          status(journal),
          journal.cloud ?? journal.target,
          journal.account ?? "-",
          journal.region,
          timeLeft(journal.expiresAt, new Date()),
        ]),
      );
    if (journals.some((journal) => status(journal) === "gone" || status(journal) === "failed"))
      terminal.note("What is gone or failed is cleared away by: crucible sweep");
    return 0;
  },
});
