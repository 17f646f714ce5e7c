// The settings of each system: where they are checked. Each is loaded only where there is something to check.
import type { StackConfig } from "./config.js";

type Check = (config: StackConfig) => unknown;

const checks: Record<string, () => Promise<Check>> = {
  sanders: async () => (await import("./sanders/settings.js")).sandersSettings,
  backend: async () => (await import("./backend/settings.js")).backendSettings,
  cat: async () => (await import("./cat/settings.js")).catSettings,
  preprocessing: async () => (await import("./preprocessing/settings.js")).preprocessingSettings,
};

/** Systems whose settings are checked here. */
export const checkedSystems: readonly string[] = Object.keys(checks);

/** Checks what a configuration says of the systems, of those too that it does not deploy. @throws SettingsError */
export async function checkSystems(config: StackConfig): Promise<void> {
  for (const [system, values] of Object.entries(config.systems))
    if (Object.keys(values).length > 0) (await checks[system]?.())?.(config);
}
