// Runs containers in a container engine: real images, real isolation, the kernel's own memory limit.
//
// The root file system stays writable, as on Fargate unless a task definition says otherwise; each container's is its own.
// The network is the machine's, so that a container reaches the local cloud on loopback.
import { availableParallelism } from "node:os";
import { isAlive, thisProcess } from "../../server/processes.js";
import type { ProcessRegistry } from "../../server/registry.js";
import type { ImageStore } from "../images/image.js";
import { type ContainerHost, EngineContainer, OWNER_LABEL } from "./container-run.js";
import { type ContainerEngine, findContainerEngine, runEngine } from "./engine.js";
import { EngineImages } from "./engine-images.js";
import type { ContainerSpec, Executor, RunningContainer } from "./executor.js";

export interface ContainerExecutorOptions {
  images: ImageStore;
  /** For what is handed to the engine in files; empty in between. */
  workFolder: string;
  processes: ProcessRegistry;
  log(message: string): void;
}

/**
 * Opens the executor on this machine's engine and removes containers whose cloud has died.
 * @throws with the reason when there is no engine
 */
export async function openContainerExecutor(options: ContainerExecutorOptions): Promise<ContainerExecutor> {
  const found = await findContainerEngine();
  if ("reason" in found) throw new Error(`${found.reason}. Install podman or docker, or use the process executor.`);
  await removeOrphans(found.engine, options.log);
  return new ContainerExecutor(found.engine, options);
}

export class ContainerExecutor implements Executor {
  readonly name = "container";
  readonly #host: ContainerHost;
  readonly #running = new Set<RunningContainer>();
  #closed = false;

  constructor(engine: ContainerEngine, options: ContainerExecutorOptions) {
    const { images, processes, workFolder, log } = options;
    const { pid, startedAt } = thisProcess();
    this.#host = {
      engine,
      images,
      imports: new EngineImages(engine, workFolder, log),
      processes,
      owner: `${pid}/${startedAt ?? ""}`,
      cpus: availableParallelism(),
      log,
    };
  }

  run(spec: ContainerSpec): RunningContainer {
    if (this.#closed) throw new Error(`The executor is closed; container ${spec.id} cannot be started`);
    const container = new EngineContainer(spec, this.#host);
    this.#running.add(container);
    void container.exited.then(() => this.#running.delete(container));
    return container;
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all([...this.#running].map((container) => container.stop(0)));
  }
}

/** Removes the containers of cloud processes that are no more. */
async function removeOrphans(engine: ContainerEngine, log: (message: string) => void): Promise<void> {
  const listed = await runEngine(engine, ["ps", "--all", "--quiet", "--filter", `label=${OWNER_LABEL}`]);
  const ids = listed.stdout.split("\n").filter((id) => id !== "");
  if (ids.length === 0) return;
  const format = `{{.Id}} {{index .Config.Labels "${OWNER_LABEL}"}}`;
  // One that is removed meanwhile, by a cloud of its own, makes the whole command fail: there is always a next time.
  const { stdout } = await runEngine(engine, ["inspect", "--format", format, ...ids]).catch(() => ({ stdout: "" }));
  const orphans = stdout.split("\n").flatMap((line) => {
    const [id, owner = ""] = line.trim().split(" ");
    const [pid, startedAt] = owner.split("/");
    return id && !isAlive({ pid: Number(pid), startedAt: startedAt || null }) ? [id] : [];
  });
  if (orphans.length === 0) return;
  await runEngine(engine, ["rm", "--force", ...orphans]);
  log(`removed ${orphans.length} containers of clouds that have ended`);
}
