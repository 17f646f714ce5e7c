// Parameter substitution in a job's command: "Parameters", AWS Batch User Guide, "Job definition parameters".
import { clientException } from "../errors.js";

/**
 * Replaces every `Ref::name` in the command by the parameter of that name.
 *
 * @throws ClientException when a placeholder has no parameter
 */
export function substitute(command: readonly string[], parameters: Readonly<Record<string, string>>): string[] {
  return command.map((part) =>
    part.replace(/Ref::([A-Za-z0-9_-]+)/g, (_, name: string) => {
      const value = parameters[name];
      if (value === undefined)
        throw clientException(`Unable to substitute value. No parameter found for reference ${name}`);
      return value;
    }),
  );
}
