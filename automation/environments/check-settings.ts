// Settings that were asked for are checked with the program's own schemas before anything is journalled or made.
import { parseValues, SettingsError } from "../../stacks/config.js";
import { regionName } from "../../stacks/settings.js";
import { checkSystems } from "../../stacks/systems.js";
import { UsageError } from "../errors.js";
import type { EnvironmentStage } from "./journal.js";

/** What is checked, and where it was given. */
export interface GivenSettings {
  environment?: EnvironmentStage;
  region?: string;
  settings?: Record<string, unknown>;
  /** For errors, e.g. `--set`. @default "settings" */
  settingsFrom?: string;
}

/**
 * Checks settings for the project's own program.
 *
 * @throws UsageError naming each wrong key and value, where it was given, and the key that was probably meant
 */
export async function checkSettings(given: GivenSettings): Promise<void> {
  const { environment = "dev", region, settings = {}, settingsFrom = "settings" } = given;
  if (region !== undefined && !regionName.safeParse(region).success)
    throw new UsageError(`"${region}" is not a region; write for example eu-central-1.`);
  try {
    const config = parseValues({ environment, ...settings }, { prefix: "", source: settingsFrom });
    await checkSystems(config);
  } catch (error) {
    if (error instanceof SettingsError) throw new UsageError(error.message, { cause: error });
    throw error;
  }
}
