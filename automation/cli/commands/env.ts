import { openEnvironment } from "../../environments/open.js";
import { define } from "../command.js";
import { exportLines } from "../shell.js";

export const env = define({
  command: "env <name>",
  describe: "Print the variables with which any AWS client works in an environment",
  examples: [['eval "$(crucible env s1)" && aws s3 ls', "the AWS CLI in environment s1"]],
  options: (yargs) =>
    yargs.positional("name", { type: "string", demandOption: true, describe: "Name of the environment" }),
  async run(argv, { terminal }) {
    const environment = await openEnvironment(argv.name);
    terminal.json(environment.variables);
    if (!argv.json) terminal.raw(exportLines(environment.variables, environment.target === "local"));
    return 0;
  },
});
