// Whether the resources of a definition's tasks exist, for the validation of definitions.

import type { Diagnostic } from "../definition/report.js";
import type { Machine } from "../definition/types.js";
import { validateDefinition } from "../definition/validate.js";
import { findOperation, nearestResource } from "./awsSdk.js";
import { parseTaskResource, unrecognized } from "./resource.js";
import { findIntegration } from "./services/index.js";

/** What AWS says of a resource that does not exist; undefined for one that does. Lambda functions and activities are not looked for. */
export async function checkResource(arn: string): Promise<string | undefined> {
  if (arn.includes(":activity:")) return undefined;
  const resource = parseTaskResource(arn);
  if (resource?.kind === "function") return undefined;
  const found = resource?.kind === "aws-sdk" ? await findOperation(resource) : resource && findIntegration(resource);
  if (found !== undefined) return undefined;
  const meant = resource?.kind === "aws-sdk" ? await nearestResource(resource) : undefined;
  return meant === undefined ? unrecognized(arn) : `${unrecognized(arn)} Did you mean ${meant}?`;
}

/** {@link validateDefinition}, and whether the resources of its tasks exist. */
export async function validateWithResources(
  ...definition: Parameters<typeof validateDefinition>
): Promise<ReturnType<typeof validateDefinition>> {
  const valid = validateDefinition(...definition);
  const missing = valid.definition ? await checkResources(valid.definition) : [];
  return missing.length > 0 ? { diagnostics: [...valid.diagnostics, ...missing] } : valid;
}

/**
 * An error for each Task state, at any depth, whose resource does not exist.
 *
 * @param definition one that has passed {@link validateDefinition}
 */
export async function checkResources(definition: Machine, location = ""): Promise<Diagnostic[]> {
  const found: Diagnostic[] = [];
  for (const [name, state] of Object.entries(definition.States)) {
    const at = `${location}/States/${name}`;
    const message = state.Type === "Task" ? await checkResource(state.Resource ?? "") : undefined;
    if (message !== undefined)
      found.push({ severity: "ERROR", code: "SCHEMA_VALIDATION_FAILED", message, location: `${at}/Resource` });
    for (const [index, branch] of (state.Branches ?? []).entries())
      found.push(...(await checkResources(branch, `${at}/Branches[${index}]`)));
    if (state.ItemProcessor) found.push(...(await checkResources(state.ItemProcessor, `${at}/ItemProcessor`)));
    if (state.Iterator) found.push(...(await checkResources(state.Iterator, `${at}/Iterator`)));
  }
  return found;
}
