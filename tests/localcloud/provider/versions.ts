// Small words for lives: what differs between the versions of a program, and other resources' outputs.
import type { CustomResource, Output } from "@pulumi/pulumi";
import type { Version } from "./lifecycle.js";

/** The value of a version; `replaced` is as `updated` unless given. */
export function by<T>(version: Version, created: T, updated: T, replaced: T = updated): T {
  return { created, updated, replaced }[version];
}

/** Resources declared before, by name. */
export type Others = Record<string, CustomResource>;

/** The id of a resource declared before. */
export function id(others: Others, name: string): Output<string> {
  return find(others, name).id;
}

/** The ARN of a resource declared before. */
export function arn(others: Others, name: string): Output<string> {
  return (find(others, name) as CustomResource & { arn: Output<string> }).arn;
}

function find(others: Others, name: string): CustomResource {
  const found = others[name];
  if (!found) throw new Error(`no life before this one is named ${name}`);
  return found;
}

/** A life that only serves others and stays as it is. */
export const steady = { updated: "same", replaced: "same" } as const;
