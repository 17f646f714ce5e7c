import { findEngine } from "../../engine/engine.js";
import { define } from "../command.js";

export const engine = define({
  command: "engine",
  describe: "Say which Pulumi CLI is used, and from where",
  examples: [["crucible engine --json", "path, source and version"]],
  options: (yargs) => yargs,
  async run(_argv, { terminal, progress }) {
    const onProgress = progress.task("");
    const { path, source, version } = await findEngine({
      onProgress: (message) => onProgress({ kind: "step", message }),
    });
    progress.stop();
    terminal.json({ path, source, version });
    terminal.line(`Pulumi ${version} from ${source}: ${path}`);
    return 0;
  },
});
