import { parseMove } from "../../environments/advance.js";
import { openEnvironment } from "../../environments/open.js";
import { define } from "../command.js";

export const advance = define({
  command: "advance <name> <by>",
  describe: "Move an environment's clock forward in the local cloud; schedules that fall due on the way fire",
  examples: [
    ["crucible advance cat 24h", "a day later"],
    ["crucible advance cat 04:30", "to the next 04:30 UTC"],
    ["crucible advance cat 2026-12-01T00:00Z", "to a time"],
  ],
  options: (yargs) =>
    yargs
      .positional("name", { type: "string", demandOption: true, describe: "Name of the environment" })
      .positional("by", {
        type: "string",
        demandOption: true,
        describe: "A duration (90s, 24h, 3d), a time (2026-12-01T04:30Z), or a time of day in UTC (04:30)",
      }),
  async run(argv, { terminal }) {
    const env = await openEnvironment(argv.name);
    const by = await parseMove(argv.by, async () => (await env.advance({})).now);
    const { fired, now } = await env.advance(by);
    terminal.json({ fired, now: now.toISOString() });
    const what = fired === 1 ? "1 schedule" : `${fired} schedules`;
    terminal.line(`It is ${now.toISOString()} in ${argv.name}; ${what} fired.`);
    return 0;
  },
});
