// Names and ARNs of Amazon ECS ("Amazon Resource Names", Amazon ECS Developer Guide, in the long format).
import { randomBytes } from "node:crypto";
import type { Scope } from "../scope.js";

/** `arn:aws:ecs:<region>:<account>:<resource>`. */
export const ecsArn = ({ region, account }: Scope, resource: string): string =>
  `arn:aws:ecs:${region}:${account}:${resource}`;

export interface EcsArn extends Scope {
  /** `cluster`, `task`, `service`, `task-definition`, `container`, … */
  readonly type: string;
  /** What follows the type, e.g. `<cluster>/<task id>`. */
  readonly name: string;
}

/** The parts of an ARN of ECS; undefined for any other text. */
export function parseEcsArn(text: string): EcsArn | undefined {
  const match = /^arn:aws[a-z-]*:ecs:([a-z0-9-]+):(\d{12}):([a-z-]+)\/(.+)$/.exec(text);
  if (!match) return undefined;
  const [, region = "", account = "", type = "", name = ""] = match;
  return { region, account, type, name };
}

/** The last part of an ARN, or the text itself where it is a name or an id. */
export const shortName = (nameOrArn: string): string => nameOrArn.slice(nameOrArn.lastIndexOf("/") + 1);

/** Names of clusters, services and families: up to 255 letters, digits, underscores and hyphens. */
export const NAME = /^[A-Za-z0-9_-]{1,255}$/;

/** Id of a task: 32 hexadecimal digits. */
export const newTaskId = (): string => randomBytes(16).toString("hex");
