// A stack's deployment as the engine keeps it: its outputs with their secret flags, and its resources.
import { readFile } from "node:fs/promises";
import { z } from "zod";
import type { StackOutput } from "../environments/redact.js";

/** The key by which a deployment tells what kind of special value an object is, and the value for a secret (Pulumi's own constants). */
const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";
const STACK_TYPE = "pulumi:pulumi:Stack";

const Checkpoint = z.object({ version: z.literal(3), checkpoint: z.object({ latest: z.unknown() }) });

const Deployment = z.object({
  resources: z
    .array(
      z.object({
        urn: z.string(),
        type: z.string(),
        custom: z.boolean().optional(),
        outputs: z.record(z.string(), z.unknown()).optional(),
      }),
    )
    .optional(),
});

export interface Description {
  outputs: Record<string, StackOutput>;
  /** Count of the resources that are not components or providers. */
  resources: number;
}

/** @param path of the stack's file in the file backend @throws when it is of another version than this engine writes */
export async function readCheckpoint(path: string): Promise<Description> {
  return readDeployment(Checkpoint.parse(JSON.parse(await readFile(path, "utf8"))).checkpoint.latest);
}

/** An output counts as secret when it is one, or holds one at any depth; the value of such an output is encrypted here. */
export function readDeployment(deployment: unknown): Description {
  const { resources = [] } = Deployment.parse(deployment ?? {});
  const outputs = resources.find(({ type }) => type === STACK_TYPE)?.outputs ?? {};
  return {
    outputs: Object.fromEntries(
      Object.entries(outputs).map(([name, value]) => [name, { value, secret: holdsSecret(value) }]),
    ),
    resources: resources.filter(({ custom, type }) => custom && !type.startsWith("pulumi:providers:")).length,
  };
}

function holdsSecret(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(holdsSecret);
  if (typeof value !== "object" || value === null) return false;
  return (value as Record<string, unknown>)[SIGNATURE] === SECRET || Object.values(value).some(holdsSecret);
}
