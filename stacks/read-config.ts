// The configuration of the stack that runs.
import * as pulumi from "@pulumi/pulumi";
import { parseConfig, SettingsError, type StackConfig } from "./config.js";
import { checkSystems } from "./systems.js";

/**
 * Reads and checks the configuration, with the settings of every system.
 *
 * @throws RunError naming every wrong key and value, and the file
 */
export async function readConfig(): Promise<StackConfig> {
  const stack = pulumi.getStack();
  return await withoutStackTrace(async () => {
    const config = parseConfig(
      pulumi.runtime.allConfig(),
      `Configuration of the stack ${stack} (Pulumi.${stack}.yaml)`,
    );
    await checkSystems(config);
    return config;
  });
}

/** What a user set wrong is said without a stack trace: Pulumi prints none for its own kind of error. */
export async function withoutStackTrace<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof SettingsError) throw new pulumi.RunError(error.message);
    throw error;
  }
}
