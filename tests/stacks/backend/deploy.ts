// Deploys units of the backend onto mocks.
import { program } from "../../../stacks/index.js";
import { type Registered, run, settled } from "../../components/mocks.js";

export const REGION = "us-east-1";

export interface Deployed {
  resources: Registered[];
  outputs: Record<string, unknown>;
}

/** @param crucible the configuration's own namespace; @param more other namespaces, e.g. `credentials:dashboards` */
export async function deploy(
  units: readonly string[],
  crucible: Record<string, unknown> = {},
  more: Record<string, string> = {},
): Promise<Deployed> {
  const config = Object.fromEntries(
    Object.entries({ image: "none", units, ...crucible }).map(([key, value]) => [
      `crucible:${key}`,
      typeof value === "string" ? value : JSON.stringify(value),
    ]),
  );
  const { resources, result } = await run(program, { "aws:region": REGION, ...config, ...more });
  const outputs: Record<string, unknown> = {};
  for (const [key, output] of Object.entries(result)) outputs[key] = await settled(output);
  return { resources, outputs };
}

/** The image is another part's: a tag keeps what is deployed apart from it. */
export const backend = (settings: Record<string, unknown> = {}) => ({
  backend: { ...settings, jobs: { imageTag: "sha-0", ...(settings.jobs as object | undefined) } },
});

export const ofType = (resources: Registered[], type: string) =>
  resources.filter((each) => each.type.endsWith(`:${type}`));
