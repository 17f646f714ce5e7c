// Where things are: the project, its generated files and its Python environment.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The checkout. The compiled file stands in `dist/localcloud/server/`. */
export const projectRoot = fileURLToPath(new URL("../../../", import.meta.url));

/** The folder of everything that a run generates: `CRUCIBLE_HOME`, or `.crucible` in the project. */
export function crucibleHome(): string {
  return process.env.CRUCIBLE_HOME ?? join(projectRoot, ".crucible");
}

/** A file that stands beside the compiled code of this folder. */
export function besideServer(name: string): string {
  return fileURLToPath(new URL(name, import.meta.url));
}

/** The Python of the project's own environment. Throws when set-up has not made it. */
export function projectPython(): string {
  const candidates = [join(".venv", "bin", "python"), join(".venv", "Scripts", "python.exe")];
  const found = candidates.map((path) => join(projectRoot, path)).find((path) => existsSync(path));
  if (found) return found;
  throw new Error(`The project's Python environment ${join(projectRoot, ".venv")} is missing. Run \`npm run setup\`.`);
}
