// `--set system.key=value`, as settings of the stack.
import { UsageError } from "../errors.js";

type Settings = Record<string, unknown>;

/**
 * Reads assignments such as `sanders.network.natGateways=0`. A value that is JSON is taken as such, anything else as text.
 *
 * @throws UsageError for one that is no assignment, or that contradicts another
 */
export function readSettings(assignments: readonly string[]): Settings {
  const settings: Settings = {};
  for (const assignment of assignments) {
    const [, path, text] = /^([A-Za-z][\w-]*(?:\.[\w-]+)*)=(.*)$/s.exec(assignment) ?? [];
    if (path === undefined || text === undefined)
      throw new UsageError(`"${assignment}" is not a setting; write for example --set sanders.batch.maxVcpus=8`);
    const keys = path.split(".");
    let inner = settings;
    for (const key of keys.slice(0, -1)) {
      inner[key] ??= {};
      if (typeof inner[key] !== "object")
        throw new UsageError(`--set ${assignment}: ${key} has another value already.`);
      inner = inner[key] as Settings;
    }
    inner[keys.at(-1) ?? ""] = jsonOrText(text);
  }
  return settings;
}

function jsonOrText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
