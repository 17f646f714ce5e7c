import { requireJournal } from "../../environments/journal.js";
import { savedOutputs } from "../../environments/open.js";
import { readOutputs } from "../../environments/stack-outputs.js";
import { define } from "../command.js";
import { showOutputs } from "../show.js";

export const outputs = define({
  command: "outputs <name>",
  describe: "Show the outputs of an environment's stack",
  examples: [
    ["crucible outputs s1", "secret ones withheld"],
    ["crucible outputs s1 --show-secrets --json", "all of them, as JSON"],
  ],
  options: (yargs) =>
    yargs
      .positional("name", { type: "string", demandOption: true, describe: "Name of the environment" })
      .option("show-secrets", { type: "boolean", default: false, describe: "Show secret outputs in plain text" }),
  async run(argv, { terminal }) {
    const journal = await requireJournal(argv.name);
    const found = argv.showSecrets ? await readOutputs(journal) : (await savedOutputs(journal.name)).outputs;
    const shown = Object.fromEntries(Object.entries(found).map(([key, { value }]) => [key, value]));
    terminal.json(shown);
    showOutputs(terminal, shown);
    return 0;
  },
});
