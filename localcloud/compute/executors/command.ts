// Which program a container's command line starts on this machine.
import { accessSync, constants, statSync } from "node:fs";
import { basename, delimiter, join } from "node:path";
import type { ImageConfig } from "../images/image.js";
import { CreateError, StartError } from "./reasons.js";
import type { ContainerView } from "./view.js";

/** Folders that every container has and that hold the same everywhere; they are the machine's, not the image's. */
const SYSTEM_FOLDERS = new Set(["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"]);

/** What to start. */
export interface Program {
  file: string;
  args: string[];
}

/**
 * The command line of a container: its entry point or else the image's, then its command or else the image's, which goes
 * with the image's entry point only.
 * @throws CreateError when both are empty
 */
export function commandLine(
  config: Pick<ImageConfig, "entrypoint" | "command">,
  command: readonly string[] | undefined,
  entrypoint?: readonly string[],
): [string, ...string[]] {
  const own = entrypoint?.length ? { entrypoint, command: [] } : config;
  const [file, ...args] = [...own.entrypoint, ...(command?.length ? command : own.command)];
  if (file === undefined || file === "") throw new CreateError("no command specified");
  return [file, ...args];
}

/**
 * Finds the program of a command line and translates its arguments.
 * @param runtimeFolders where the runtime's `node` and `python3` are; an absolute `/usr/local/bin/node` means them too
 * @param path PATH of the container's environment
 * @throws StartError with exit code 127 when there is no such program, 126 when it cannot be executed
 */
export function findProgram(
  [name, ...rest]: [string, ...string[]],
  view: ContainerView,
  runtimeFolders: readonly string[],
  path: string,
): Program {
  const args = rest.map((argument) => view.translate(argument));
  if (!name.includes("/")) {
    for (const folder of path.split(delimiter)) {
      const file = join(SYSTEM_FOLDERS.has(folder) ? folder : view.translate(folder), name);
      if (isProgram(file) === true) return { file, args };
    }
    throw new StartError(`exec: "${name}": executable file not found in $PATH`, 127);
  }
  const ofRuntime = SYSTEM_FOLDERS.has(name.slice(0, name.lastIndexOf("/")))
    ? runtimeFolders.map((folder) => join(folder, basename(name))).find((file) => isProgram(file) === true)
    : undefined;
  const file = ofRuntime ?? (name.startsWith("/") ? view.translate(name) : join(view.workingFolder, name));
  const found = isProgram(file);
  if (found === "missing") throw new StartError(`exec: "${name}": stat ${name}: no such file or directory`, 127);
  if (found === "forbidden") throw new StartError(`exec: "${name}": permission denied`, 126);
  return { file, args };
}

function isProgram(file: string): true | "missing" | "forbidden" {
  const stat = statSync(file, { throwIfNoEntry: false });
  if (!stat) return "missing";
  if (!stat.isFile()) return "forbidden";
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return "forbidden";
  }
}
