// What the driver's integration tests share: programs, and a look into the folders that they leave.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const urlOf = (name: string): string => new URL(`../programs/${name}.js`, import.meta.url).href;

/** A bucket, a log group, and outputs of which some are secret. */
export const SMALL = urlOf("small");
/** A queue, and a rule and a schedule that fill it in the morning. */
export const SCHEDULED = urlOf("scheduled");
/** A bucket, and then an error. */
export const BROKEN = urlOf("broken");
/** Fails by an error of its own, in one of several ways, while a remote component is in the making. */
export const THROWING = urlOf("throwing");
/** The values of the small program's secret outputs. */
export const SECRETS = ["correct horse battery", "staple of the nested kind"];

/** Every file below `folder` with its content. */
export function filesBelow(folder: string): { path: string; content: string }[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path) => ({ path, content: readFileSync(path, "latin1") }));
}
