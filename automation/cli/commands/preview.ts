import { previewEnvironment, previewUnits } from "../../environments/preview.js";
import { define } from "../command.js";
import { readSettings } from "../settings-option.js";

export const preview = define({
  command: "preview [units..]",
  describe: "Show what `up` would do, as the engine tells it",
  examples: [
    ["crucible preview sanders", "a new environment, all of it"],
    ["crucible preview --name s1", "what the program would change in s1 now"],
  ],
  options: (yargs) =>
    yargs
      .positional("units", { type: "string", array: true, default: [] as string[], describe: "Units to deploy" })
      .option("name", { type: "string", describe: "An environment that is up" })
      .option("env", {
        choices: ["dev", "test", "prod"] as const,
        default: "dev" as const,
        describe: "Whose settings it gets",
      })
      .option("target", { type: "string", default: "local", describe: "local, aws, or the URL of an endpoint" })
      .option("region", { type: "string", describe: "Region of all units [default: each system's own]" })
      .option("set", {
        type: "string",
        array: true,
        default: [] as string[],
        describe: "A setting, e.g. sanders.batch.maxVcpus=8",
      })
      .check((argv) => {
        if (argv.units.length > 0 === (argv.name !== undefined))
          throw new Error("Name units, or an environment with --name.");
        return true;
      }),
  async run(argv, { terminal, progress, interrupts }) {
    const onProgress = progress.task("");
    const { signal } = interrupts();
    const { changes, text } =
      argv.name === undefined
        ? await previewUnits(argv.units, {
            environment: argv.env,
            target: argv.target,
            ...(argv.region !== undefined && { region: argv.region }),
            settings: readSettings(argv.set),
            settingsFrom: "--set",
            onProgress,
            signal,
          })
        : await previewEnvironment(argv.name, { onProgress, signal });
    progress.stop();
    terminal.json({ changes, text });
    terminal.line(text.trimEnd());
    return 0;
  },
});
