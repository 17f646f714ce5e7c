// What the parts of one system share while they are made: its names, its root, and where it is.
import type { ComponentResourceOptions } from "@pulumi/pulumi";
import { System } from "../components/system/system.js";
import type { StackContext } from "./context.js";
import { createNames, type Names } from "./names.js";

export interface Scope<Settings> {
  readonly context: StackContext;
  readonly settings: Settings;
  /** Physical names, e.g. `sanders-batch-queue-dev`. */
  readonly names: Names;
  /** Options of everything right below the system's root. */
  readonly below: ComponentResourceOptions;
  /** Logical name of a part, e.g. `sanders-lake`. */
  child(what: string): string;
  /** ARN of something in the system's region and account. */
  arn(service: string, resource: string): string;
}

/**
 * Opens a system: makes its root, which tags all that is below it and puts it into the system's region.
 *
 * @param project value of the tag `Project`, by which costs are found
 * @param tags more tags of everything, which win over the usual ones
 */
export function openScope<Settings extends { region: string }>(
  system: string,
  project: string,
  context: StackContext,
  settings: Settings,
  tags: Record<string, string> = {},
): Scope<Settings> {
  const { config, partition, account } = context;
  const root = new System(system, {
    tags: { Project: project, Environment: config.environment, ManagedBy: "Pulumi", ...tags },
    ...(settings.region !== context.region && { region: settings.region }),
  });
  return {
    context,
    settings,
    names: createNames({ system, ...config }),
    below: { parent: root },
    child: (what) => `${system}-${what}`,
    arn: (service, resource) => `arn:${partition}:${service}:${settings.region}:${account}:${resource}`,
  };
}
