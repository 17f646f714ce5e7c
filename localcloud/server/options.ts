// What the cloud process is told when it starts, and what it says when it is ready.
import { z } from "zod";

/** The first argument of the cloud process, as JSON. It shows in process lists: no secrets in it. */
export const ProcessOptions = z.object({
  dataDir: z.string(),
  /** Port of 127.0.0.1 for AWS clients; 0 for a free one. */
  port: z.number().int().min(0).max(65535),
  executor: z.enum(["process", "container"]),
  /** `parent`: ends when standard input does. `detached`: ends when it is told to. */
  lifetime: z.enum(["parent", "detached"]),
  /** Present for the background cloud: it owns the named environments. */
  background: z
    .object({
      /** Folder of `cloud.json`, the lock and the log. */
      folder: z.string(),
      /** Folder with one subfolder per named environment. */
      environments: z.string(),
      /** Command that destroys an environment; its name is appended. */
      down: z.array(z.string()).min(1),
    })
    .optional(),
});
export type ProcessOptions = z.infer<typeof ProcessOptions>;

/** A running cloud's address: its one line on standard output, and the background cloud's `cloud.json`. */
export const CloudRecord = z.object({
  pid: z.number().int(),
  /** Start of the process as the system counts it; null where it does not tell. */
  processStartedAt: z.string().nullable(),
  endpoint: z.string(),
  /** Loopback URL of the compute plane. */
  computeUrl: z.string(),
  token: z.string(),
  dataDir: z.string(),
  startedAt: z.string(),
});
export type CloudRecord = z.infer<typeof CloudRecord>;

/** The one line on standard output of a cloud process. */
export const Announcement = z.union([CloudRecord, z.object({ error: z.string() })]);

/** The one line on standard output of ministack's launcher. */
export const LauncherAnnouncement = z.union([z.object({ port: z.number() }), z.object({ error: z.string() })]);
