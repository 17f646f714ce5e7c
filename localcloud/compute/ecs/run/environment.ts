// The environment of a task's container: what ECS sets, the container's own, its files, its secrets and its credentials.
import { credentialVariables, placeVariables, type ServedCredentials } from "../../containers/environment.js";
import type { Task, TaskContainer } from "../model.js";

export interface EnvironmentParts {
  readonly task: Task;
  readonly container: TaskContainer;
  /** Endpoint of the local cloud. */
  readonly endpoint: string;
  /** Where the container learns about itself. */
  readonly metadataUri: string;
  /** Variables of environment files. */
  readonly files: Readonly<Record<string, string>>;
  /** Secret values by variable name. */
  readonly secrets: Readonly<Record<string, string>>;
  /** Where the task role's session is served; absent for a task without a role. */
  readonly credentials?: ServedCredentials;
}

/**
 * The whole environment. A container's own variables win over those of its files ("Use environment files"); the region and the
 * endpoint are defaults that it may replace; where its metadata and credentials are cannot be overridden.
 */
export function containerEnvironment(parts: EnvironmentParts): Record<string, string> {
  const { task, container, credentials } = parts;
  const own = (container.definition.environment ?? []).map(({ name = "", value = "" }) => [name, value] as const);
  return {
    ...placeVariables(task.region, parts.endpoint, task.launchType),
    ...parts.files,
    ...Object.fromEntries(own),
    ...parts.secrets,
    ECS_CONTAINER_METADATA_URI_V4: parts.metadataUri,
    ...credentialVariables(credentials),
  };
}
