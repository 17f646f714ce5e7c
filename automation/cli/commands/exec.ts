import { execInEnvironment } from "../../environments/plain-cli.js";
import { define } from "../command.js";

export const exec = define({
  command: "exec <name>",
  describe: "Run a command in an environment: any AWS client, or the plain Pulumi CLI",
  examples: [
    ["crucible exec s1 -- aws s3 ls", "the AWS CLI of the project's Python environment"],
    ["crucible exec s1 -- pulumi preview", "the plain CLI, on the stack that `up` made"],
    ["crucible exec plain -- pulumi up -s dev", "in an empty environment, with the settings of Pulumi.dev.yaml"],
    ["crucible exec s1 -- bash", "a shell in the environment"],
  ],
  options: (yargs) =>
    yargs.positional("name", { type: "string", demandOption: true, describe: "Name of the environment" }),
  run: (argv) => execInEnvironment(argv.name, (argv["--"] as string[] | undefined) ?? []),
});
