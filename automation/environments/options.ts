// What can be asked for when an environment is made.
import type { OnProgress } from "../progress.js";
import type { EnvironmentStage } from "./journal.js";
import type { CloudChoice } from "./place.js";

export interface EnvironmentOptions {
  /** Its name: a letter, then letters, digits and hyphens. @default the first unit and the suffix */
  name?: string;
  /** Which of the program's configurations it gets. @default "dev" */
  environment?: EnvironmentStage;
  /** `local`, `aws`, or the URL of an endpoint. @default "local" */
  target?: string;
  /** @default the first unit's own */
  region?: string;
  /** Settings of the stack by key, e.g. `{ sanders: { natGateways: 0 } }`. */
  settings?: Record<string, unknown>;
  /** Where the settings were given, for errors about them, e.g. `--set`. @default "settings" */
  settingsFrom?: string;
  /** Seconds until the background cloud destroys it; null: never. @default null */
  ttlSeconds?: number | null;
  /** The local cloud to live in. @default "private": one of its own, which ends with it */
  cloud?: CloudChoice;
  /** URL of a module that exports `program()`, in place of the project's own. */
  program?: string;
  /** Interrupts what is going on; what exists by then is torn down. */
  signal?: AbortSignal;
  onProgress?: OnProgress;
}
