// The tags by which CAT's costs are found: those of everything, and those of a half's parts.
import type { ComponentResourceOptions } from "@pulumi/pulumi";
import { System } from "../../components/system/system.js";
import type { Environment } from "../config.js";
import type { StackContext } from "../context.js";

/** Of every resource, besides `ManagedBy`. */
export function commonTags(environment: Environment): Record<string, string> {
  return { Project: "CAT-NORMALIZE", ProjectId: "P2124", Environment: environment.toUpperCase() };
}

/** The project's identifier, in tags and rows. */
export const PROJECT_ID = "P2124";

const STAGES = { "ETL-1": "EXTRACT-TRANSFORM", "ETL-2": "TRANSFORM-LOAD" } as const;

/** The two halves: what reads the table, and what makes it queryable. */
export type EtlComponent = keyof typeof STAGES;
export type ResourceKind = "COMPUTE" | "STORAGE" | "ORCHESTRATION" | "CATALOG" | "ANALYTICS";

/** Options of a part of a half: what is made with them bears the component's tags. */
export type TaggedParts = (kind: ResourceKind) => ComponentResourceOptions;

/** @param below options of what is right below the system's root, whose tags come from `commonTags` */
export function taggedParts(
  context: StackContext,
  component: EtlComponent,
  below: ComponentResourceOptions,
): TaggedParts {
  return (kind) => {
    const name = `cat-${component}-${kind}`.toLowerCase();
    const tags = { ETLComponent: component, ETLStage: STAGES[component], ResourceType: kind };
    return { parent: context.shared(name, () => new System(name, { tags }, below)) };
  };
}
