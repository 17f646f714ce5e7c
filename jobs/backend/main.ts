// Entry point of the image: `prepare` makes the co-operative's data, the other commands run steps of workflows.
import { Commands } from "../lib/commands.js";

const commands = new Commands({
  prepare: {
    usage: "[options]",
    load: async () => {
      const { prepareCommand } = await import("./data/command.js");
      return (argv) => prepareCommand(argv, process.env);
    },
  },
});

process.exitCode = await commands.run(process.argv.slice(2));
