// What the driver and the worker process of an environment say to each other.
import { z } from "zod";

/** What the worker has to know of its stack; sent over the channel, never on a command line. */
export const WorkerSpec = z.object({
  /** The environment's name, which is the stack's. */
  stack: z.string(),
  /** Folder with Pulumi.yaml and the stack's configuration; exists. */
  projectFolder: z.string(),
  /** Folder of the file backend; exists. */
  stateFolder: z.string(),
  pulumiHome: z.string(),
  passphraseFile: z.string(),
  /** The state is saved once, at the end of an operation, and not after each resource: for a cloud that ends with its driver. */
  savesOnce: z.boolean(),
  /** URL of the module that exports `program()`. */
  program: z.string(),
  /** The stack's configuration by full key (`crucible:units`, `aws:region`). */
  config: z.record(z.string(), z.unknown()),
});
export type WorkerSpec = z.infer<typeof WorkerSpec>;

/** Where the stack is deployed to; told once the cloud is there, while the worker gets ready. */
export const WorkerPlace = z.object({
  /** Variables of the AWS clients, the official plugin's among them. */
  environment: z.record(z.string(), z.string()),
  /** Our own provider is served with this; null for the official plugin. */
  provider: z
    .object({
      endpoint: z.string().optional(),
      credentials: z
        .object({ accessKeyId: z.string(), secretAccessKey: z.string(), sessionToken: z.string().optional() })
        .optional(),
      region: z.string(),
    })
    .nullable(),
});
export type WorkerPlace = z.infer<typeof WorkerPlace>;

const Output = z.object({ value: z.unknown(), secret: z.boolean() });

/** One thing that the engine tells while it works. */
export const EngineProgress = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("resource"),
    phase: z.enum(["begin", "done", "failed"]),
    /** The engine's operation: `create`, `update`, `delete`, `replace`, `read`, `same`, … */
    op: z.string(),
    urn: z.string(),
    type: z.string(),
  }),
  z.object({
    kind: z.literal("diagnostic"),
    severity: z.enum(["info", "warning", "error"]),
    message: z.string(),
    urn: z.string().optional(),
  }),
]);
export type EngineProgress = z.infer<typeof EngineProgress>;

export const OPERATIONS = ["up", "preview", "refresh", "destroy", "unprotect", "outputs"] as const;
export type Operation = (typeof OPERATIONS)[number];

/** What each operation answers with. */
export const Results = {
  up: z.object({
    outputs: z.record(z.string(), Output),
    /** Count of the stack's resources. */
    resources: z.number(),
    changes: z.record(z.string(), z.number()),
  }),
  preview: z.object({ changes: z.record(z.string(), z.number()), text: z.string() }),
  refresh: z.object({ changes: z.record(z.string(), z.number()) }),
  destroy: z.object({ changes: z.record(z.string(), z.number()) }),
  unprotect: z.null(),
  outputs: z.object({ outputs: z.record(z.string(), Output), resources: z.number() }),
} as const;
export type ResultOf<O extends Operation> = z.infer<(typeof Results)[O]>;

export const ToWorker = z.discriminatedUnion("type", [
  z.object({ type: z.literal("start"), spec: WorkerSpec }),
  z.object({ type: z.literal("place"), place: WorkerPlace }),
  z.object({ type: z.literal("do"), id: z.number(), operation: z.enum(OPERATIONS) }),
  /** Lets the engine end what is in flight, save its state, and stop. */
  z.object({ type: z.literal("cancel") }),
  z.object({ type: z.literal("end") }),
]);
export type ToWorker = z.infer<typeof ToWorker>;

export const FromWorker = z.discriminatedUnion("type", [
  z.object({ type: z.literal("ready"), engine: z.string() }),
  z.object({ type: z.literal("progress"), id: z.number(), progress: EngineProgress }),
  z.object({ type: z.literal("result"), id: z.number(), result: z.unknown() }),
  z.object({
    type: z.literal("error"),
    /** Of the operation; null when the worker could not start. */
    id: z.number().nullable(),
    name: z.string(),
    message: z.string(),
    stack: z.string().optional(),
  }),
]);
export type FromWorker = z.infer<typeof FromWorker>;
