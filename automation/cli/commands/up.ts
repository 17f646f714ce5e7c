import { formatDuration, parseDuration } from "../../environments/duration.js";
import { readJournal } from "../../environments/journal.js";
import { savedOutputs } from "../../environments/open.js";
import { type Held, updateEnvironment, upEnvironment } from "../../environments/up.js";
import { UsageError } from "../../errors.js";
import { plural } from "../../report/text.js";
import { define } from "../command.js";
import { readSettings } from "../settings-option.js";
import { showOutputs } from "../show.js";

const DEFAULT_TTL = "2h";

export const up = define({
  command: "up [units..]",
  describe: "Bring units up in a named environment, or update one that is there",
  examples: [
    ["crucible up sanders --name s1", "Sanders in the background cloud, for two hours"],
    ["crucible up sanders --name s1 --env prod --keep", "with the settings of prod, until `crucible down s1`"],
    ["crucible up sanders --set sanders.network.natGateways=0", "with a setting of its own"],
    ["crucible up --name plain", "an empty one, for `crucible exec plain -- pulumi up -s dev`"],
    ["crucible up sanders --target aws --ttl 30m", "on real AWS, with your credentials"],
  ],
  options: (yargs) =>
    yargs
      .positional("units", {
        type: "string",
        array: true,
        default: [] as string[],
        describe: "Units to deploy, with what they depend on; none for an empty environment",
      })
      .option("name", { type: "string", describe: "Name of the environment [default: the unit and a suffix]" })
      .option("env", {
        choices: ["dev", "test", "prod"] as const,
        default: "dev" as const,
        describe: "Whose settings it gets",
      })
      .option("target", { type: "string", default: "local", describe: "local, aws, or the URL of an endpoint" })
      .option("region", { type: "string", describe: "Region of all units [default: each system's own]" })
      .option("ttl", {
        type: "string",
        describe: `How long it lives, e.g. 30m or 2h [default: ${DEFAULT_TTL}]`,
      })
      .option("keep", { type: "boolean", default: false, describe: "Keep it until it is destroyed by hand" })
      .option("set", {
        type: "string",
        array: true,
        default: [] as string[],
        describe: "A setting, e.g. sanders.batch.maxVcpus=8",
      })
      .check((argv) => {
        if (argv.ttl !== undefined && argv.keep) throw new Error("--ttl and --keep contradict each other.");
        return true;
      }),
  async run(argv, { terminal, progress, interrupts }) {
    const started = performance.now();
    const onProgress = progress.task("");
    const { signal } = interrupts();
    const settings = readSettings(argv.set);
    const ttlSeconds = argv.keep ? null : argv.ttl === undefined ? undefined : parseDuration(argv.ttl);
    const present = argv.name === undefined ? undefined : await readJournal(argv.name);
    let held: Held;
    if (present) {
      if (present.target !== argv.target || present.environment !== argv.env)
        throw new UsageError(
          `Environment ${present.name} is there already, on ${present.target} with the settings of ${present.environment}. Update it with the same --target and --env, or choose another name.`,
        );
      held = await updateEnvironment(present.name, argv.units, {
        signal,
        onProgress,
        ...(ttlSeconds !== undefined && { ttlSeconds }),
        ...(argv.set.length > 0 && { settings: { ...present.settings, ...settings }, settingsFrom: "--set" }),
      });
    } else
      held = await upEnvironment(
        argv.units,
        {
          ...(argv.name !== undefined && { name: argv.name }),
          environment: argv.env,
          target: argv.target,
          ...(argv.region !== undefined && { region: argv.region }),
          settings,
          settingsFrom: "--set",
          ttlSeconds: ttlSeconds === undefined ? parseDuration(DEFAULT_TTL) : ttlSeconds,
          cloud: "background",
          signal,
          onProgress,
        },
        "leave unless interrupted",
      );
    await held.leave();
    progress.stop();
    const { environment: env } = held;
    const seconds = (performance.now() - started) / 1000;
    const { outputs } = await savedOutputs(env.name);
    const shown = Object.fromEntries(Object.entries(outputs).map(([key, { value }]) => [key, value]));
    const { colours } = terminal;
    terminal.line(
      `${colours.bold(env.name)} is ${colours.green("up")}: ${plural(env.resources, "resource")} in ${formatDuration(seconds)}, account ${env.account}, ${env.region}.`,
    );
    showOutputs(terminal, shown);
    terminal.line();
    terminal.line(`AWS clients:  eval "$(crucible env ${env.name})"`);
    const [workflow] = Object.keys(env.workflows);
    if (workflow) terminal.line(`Workflow:     crucible run ${env.name} ${workflow}`);
    terminal.line(`Destroy:      crucible down ${env.name}`);
    terminal.json({
      name: env.name,
      account: env.account,
      region: env.region,
      endpoint: env.endpoint ?? null,
      resources: env.resources,
      seconds,
      outputs: shown,
      workflows: env.workflows,
    });
    return 0;
  },
});
