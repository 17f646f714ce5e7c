// The Pulumi project, and where its file backend keeps a stack.
import { join } from "node:path";

/** Name of the project: stacks of environments and those of the plain CLI share it. */
export const PROJECT = "crucible";

/** Folder of the project's stacks in the file backend `stateFolder`, one JSON file each. */
export const stacksFolder = (stateFolder: string): string => join(stateFolder, ".pulumi", "stacks", PROJECT);

/** The file of a stack, whose name may be qualified (`organization/crucible/dev`). */
export const checkpointPath = (stateFolder: string, stack: string): string =>
  join(stacksFolder(stateFolder), `${stack.split("/").pop()}.json`);
