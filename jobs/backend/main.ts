// Entry point of the image: `prepare` makes the co-operative's data, `export` and `import` copy files out and in, the other commands run steps of workflows.

import type { StepCommand } from "../athanor/container.js";
import { type Command, Commands } from "../lib/commands.js";

const assets = new URL("./", import.meta.url);

/** A command of Athanor's: a named step of the run that the execution is. */
function stepCommand(command: StepCommand): Command {
  return {
    usage: "<workflow> <Step>",
    arity: 2,
    load: async () => {
      const [{ runStepCommand }, { backendWorkflows }] = await Promise.all([
        import("../athanor/container.js"),
        import("../athanor/registry.js"),
      ]);
      const registry = backendWorkflows(assets);
      return ([workflow, step]) =>
        runStepCommand({ command, workflow: workflow as string, step: step as string, registry, env: process.env });
    },
  };
}

const commands = new Commands({
  export: {
    usage: "<path below the data root> <name>",
    load: async () => {
      const { exportCommand } = await import("./transfer/export.js");
      return (argv) => exportCommand(argv, process.env);
    },
  },
  import: {
    usage: "<path below the data root> <name>",
    load: async () => {
      const { importCommand } = await import("./transfer/import.js");
      return (argv) => importCommand(argv, process.env);
    },
  },
  prepare: {
    usage: "[options]",
    load: async () => {
      const { prepareCommand } = await import("./data/command.js");
      return (argv) => prepareCommand(argv, process.env);
    },
  },
  step: stepCommand("step"),
  merge: stepCommand("merge"),
});

process.exitCode = await commands.run(process.argv.slice(2));
