// Runs containers as supervised process groups on this machine: no engine, no copy of the image, a start in milliseconds.
//
// What it is not: a sandbox. A job sees the machine's file system and network, with the rights of who runs the cloud.
// What it cannot find to kill: a process that left its group and session, lost its parent before anyone looked, and cleared
// its environment as well; and, where there is no /proc, every process that left its group and lost its parent.
import { randomBytes } from "node:crypto";
import { mkdirSync, rmSync, symlinkSync } from "node:fs";
import { rm } from "node:fs/promises";
import { availableParallelism, totalmem } from "node:os";
import { dirname, join } from "node:path";
import type { ProcessRegistry } from "../../server/registry.js";
import type { ImageStore } from "../images/image.js";
import type { ContainerSpec, Executor, RunningContainer } from "./executor.js";
import { PipeMaker } from "./pipes.js";
import { ProcessContainer, type ProcessHost } from "./process-container.js";
import { type ProcessTable, processTable } from "./process-table.js";
import { Supervisor } from "./supervisor.js";

export interface ProcessExecutorOptions {
  images: ImageStore;
  /** Folder in which every container gets one of its own; made if missing. */
  workFolder: string;
  /** Kills the groups of a cloud that died. */
  processes: ProcessRegistry;
  /** What images of code run on. */
  runtime: {
    /** The project's Python; its folder is in every container's PATH. */
    python?: string;
    /** @default the Node that runs this */
    node?: string;
  };
  /** What happens behind a container's back, e.g. a process that does not end. */
  log?(message: string): void;
  table?: ProcessTable;
  /** The most that a container gets, whatever it was promised, MiB. @default nine tenths of the machine's, or of what a control group leaves of it */
  memoryMiB?: number;
}

/** What is left to the cloud that supervises the containers: a machine that has run out kills what it likes. */
const OWN_SHARE = 0.1;

export class ProcessExecutor implements Executor {
  readonly name = "process";
  readonly #host: ProcessHost;
  readonly #workFolder: string;
  readonly #running = new Set<RunningContainer>();
  #closed = false;

  constructor(options: ProcessExecutorOptions) {
    const { images, processes, runtime } = options;
    this.#workFolder = options.workFolder;
    this.#host = {
      images,
      processes,
      pipes: PipeMaker.works ? new PipeMaker(join(options.workFolder, ".runtime")) : undefined,
      supervisor: new Supervisor(options.table ?? processTable()),
      runtimeFolders: [
        linkRuntime(options.workFolder, runtime.node ?? process.execPath),
        ...(runtime.python ? [dirname(runtime.python)] : []),
      ],
      cpus: availableParallelism(),
      memoryMiB: options.memoryMiB ?? Math.floor(machineMemoryMiB() * (1 - OWN_SHARE)),
      log: options.log ?? (() => {}),
    };
  }

  run(spec: ContainerSpec): RunningContainer {
    if (this.#closed) throw new Error(`The executor is closed; container ${spec.id} cannot be started`);
    // The random part tells attempts apart, should they share an id, and makes the folder's path a mark of this one's processes.
    const folder = `${spec.id.replace(/[^A-Za-z0-9._-]/g, "_").slice(0, 80)}-${randomBytes(4).toString("hex")}`;
    const container = new ProcessContainer(spec, this.#host, join(this.#workFolder, folder));
    this.#running.add(container);
    void container.exited.then(() => this.#running.delete(container));
    return container;
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all([...this.#running].map((container) => container.stop(0)));
    await rm(join(this.#workFolder, ".runtime"), { recursive: true, force: true });
  }
}

function machineMemoryMiB(): number {
  const limit = process.constrainedMemory();
  return (limit > 0 ? Math.min(limit, totalmem()) : totalmem()) / 2 ** 20;
}

/** A folder that holds `node` and nothing else: the one that Node is installed in may hold anything. */
function linkRuntime(workFolder: string, node: string): string {
  const folder = join(workFolder, ".runtime");
  mkdirSync(folder, { recursive: true });
  rmSync(join(folder, "node"), { force: true });
  symlinkSync(node, join(folder, "node"));
  return folder;
}
