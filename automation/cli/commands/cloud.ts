// The background cloud by hand: `crucible up` starts and joins it by itself.
import { once } from "node:events";
import {
  backgroundStatus,
  clientEnvironment,
  findBackgroundCloud,
  joinBackgroundCloud,
  stopBackgroundCloud,
} from "../../../localcloud/server/background.js";
import { CrucibleError, UsageError } from "../../errors.js";
import { define } from "../command.js";
import { exportLines } from "../shell.js";
import { timeLeft } from "../show.js";

const DEFAULT_ACCOUNT = "000000000000";
const DEFAULT_REGION = "us-east-1";
const LAST_PORT = 65_535;

export const cloudStart = define({
  command: "start",
  describe: "Start the background cloud and keep it without environments, here or detached",
  examples: [
    ["crucible cloud start", "until Ctrl-C"],
    ["crucible cloud start --port 4566 --detach", "at a fixed port, until `crucible cloud stop`"],
  ],
  options: (yargs) =>
    yargs
      .option("port", { type: "number", describe: "Port of 127.0.0.1 [default: a free one]" })
      .option("executor", {
        choices: ["process", "container"] as const,
        describe: "What runs containers; container takes podman or docker [default: process]",
      })
      .option("detach", { type: "boolean", default: false, describe: "Return, and leave it running" }),
  async run(argv, { terminal, progress, interrupts }) {
    const { port, executor } = argv;
    if (port !== undefined && !(Number.isInteger(port) && port >= 1 && port <= LAST_PORT))
      throw new UsageError("--port has to be a number from 1 to 65535.");
    progress.task("")({ kind: "step", message: "starting the local cloud" });
    const cloud = await joinBackgroundCloud({
      keep: true,
      ...(port !== undefined && { port }),
      ...(executor && { executor }),
    });
    progress.stop();
    const { endpoint, pid, started } = cloud;
    terminal.json({ endpoint, pid, started });
    terminal.line(`The local cloud ${started ? "runs" : "ran already"} at ${endpoint} (process ${pid}).`);
    terminal.line('AWS clients:  eval "$(crucible cloud env)"');
    if (argv.detach) {
      terminal.line("Stop it:      crucible cloud stop");
      return 0;
    }
    terminal.line("Ctrl-C stops it.");
    const { signal } = interrupts();
    // A signal to wait for does not keep the process alive.
    const alive = setInterval(() => {}, 2 ** 30);
    if (!signal.aborted) await once(signal, "abort");
    clearInterval(alive);
    await stopBackgroundCloud();
    return 0;
  },
});

export const cloudStop = define({
  command: "stop",
  describe: "Stop the background cloud",
  examples: [["crucible cloud stop --force", "also with environments in it, which are lost"]],
  options: (yargs) =>
    yargs.option("force", {
      type: "boolean",
      default: false,
      describe: "Also when environments live in it; they are lost",
    }),
  async run(argv, { terminal }) {
    const stopped = await stopBackgroundCloud({ force: argv.force }).catch((error: unknown) => {
      throw new CrucibleError((error as Error).message, { cause: error });
    });
    terminal.json({ stopped });
    terminal.line(stopped ? "The background cloud is stopped." : "The background cloud does not run.");
    return 0;
  },
});

export const cloudStatus = define({
  command: "status",
  describe: "Say whether the background cloud runs, where, and what lives in it",
  examples: [["crucible cloud status --json", "for a program"]],
  options: (yargs) => yargs,
  async run(_argv, { terminal }) {
    const { running, cloud, environments } = backgroundStatus();
    const address = cloud && { endpoint: cloud.endpoint, pid: cloud.pid, startedAt: cloud.startedAt };
    terminal.json({ running, ...address, environments });
    terminal.line(
      cloud
        ? `The background cloud runs at ${cloud.endpoint} (process ${cloud.pid}), since ${cloud.startedAt}.`
        : "The background cloud does not run.",
    );
    if (environments.length > 0)
      terminal.table(
        ["environment", "status", "time left"],
        environments.map(({ name, status, expiresAt }) => [name, status, timeLeft(expiresAt, new Date())]),
      );
    return 0;
  },
});

export const cloudEnv = define({
  command: "env",
  describe: "Print the variables with which any AWS client works in an account of the background cloud",
  examples: [['eval "$(crucible cloud env --account 123456789012)"', "in an account of your choice"]],
  options: (yargs) =>
    yargs
      .option("account", { type: "string", default: DEFAULT_ACCOUNT, describe: "12 digits" })
      .option("region", { type: "string", default: DEFAULT_REGION, describe: "Region" }),
  async run(argv, { terminal }) {
    if (!/^\d{12}$/.test(argv.account)) throw new UsageError("--account has to be 12 digits.");
    const cloud = findBackgroundCloud();
    if (!cloud)
      throw new CrucibleError("The background cloud does not run. Start it with: crucible cloud start --detach");
    const variables = clientEnvironment(cloud.endpoint, argv.account, argv.region);
    terminal.json(variables);
    if (!argv.json) terminal.raw(exportLines(variables, true));
    return 0;
  },
});
