// What the executor tests share: an image made by hand, an executor on it, and a container's outcome in one object.
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { ContainerExit, ContainerSpec, Executor } from "../../../../localcloud/compute/executors/executor.js";
import { ProcessExecutor } from "../../../../localcloud/compute/executors/process.js";
import { type ImageConfig, type ImageStore, PullError } from "../../../../localcloud/compute/images/image.js";

/** The name under which the store knows its one image. */
export const IMAGE = "000000000001.dkr.ecr.eu-central-1.amazonaws.com/jobs:one";

/** A store with one image, whose files are these. */
export function imageOf(root: string, files: Record<string, string>, config: Partial<ImageConfig> = {}): ImageStore {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  }
  mkdirSync(root, { recursive: true });
  return {
    resolve: async ({ image }) => {
      if (image !== IMAGE)
        throw new PullError(`pull image manifest has been retried 1 time(s): failed to resolve ref ${image}`);
      return {
        reference: image,
        digest: "sha256:0",
        config: { entrypoint: [], command: [], workingDirectory: "/app", environment: {}, ...config },
        raw: { config: "{}", manifest: "{}" },
        layers: [],
        root: async () => root,
        blob: async () => {
          throw new Error("this image has no layers");
        },
      };
    },
  };
}

export interface Bench {
  executor: ProcessExecutor;
  /** Where the containers' own folders are. */
  workFolder: string;
  folder: string;
  /** Groups that are registered now, and all that ever were. */
  registered: Set<number>;
  everRegistered: number[];
  log: string[];
  close(): Promise<void>;
}

/** An executor on an image of these files. */
export function bench(
  files: Record<string, string> = {},
  config: Partial<ImageConfig> = {},
  machine: { memoryMiB?: number } = {},
): Bench {
  const folder = mkdtempSync(join(tmpdir(), "executor-"));
  const workFolder = join(folder, "work");
  const registered = new Set<number>();
  const everRegistered: number[] = [];
  const log: string[] = [];
  const executor = new ProcessExecutor({
    images: imageOf(join(folder, "image"), files, config),
    workFolder,
    processes: {
      register: (pgid) => {
        registered.add(pgid);
        everRegistered.push(pgid);
      },
      unregister: (pgid) => void registered.delete(pgid),
    },
    runtime: {},
    ...machine,
    log: (message) => void log.push(message),
  });
  return {
    executor,
    workFolder,
    folder,
    registered,
    everRegistered,
    log,
    close: async () => {
      await executor.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Folders of containers that are still there. */
export function leftovers(at: Bench): string[] {
  return readdirSync(at.workFolder).filter((name) => name !== ".runtime");
}

let serial = 0;

/** A container's description, complete but for what a test is about. */
export function spec(part: Partial<ContainerSpec>): ContainerSpec & { lines: string[] } {
  const lines: string[] = [];
  serial += 1;
  return {
    id: `test-${serial}`,
    account: "000000000001",
    region: "eu-central-1",
    image: IMAGE,
    environment: {},
    memoryMiB: 512,
    vcpus: 1,
    onLine: (line) => void lines.push(line),
    lines,
    ...part,
  };
}

/** Runs a container to its end. */
export async function outcome(
  executor: Executor,
  part: Partial<ContainerSpec>,
): Promise<ContainerExit & { lines: string[] }> {
  const described = spec(part);
  const exit = await executor.run(described).exited;
  return { ...exit, lines: described.lines };
}

/** Whether a process exists and is not merely waiting to be taken notice of. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
