// The environment of a container that runs as a process: empty, but for what its image, its job and its runtime say.
import { delimiter } from "node:path";

/** Standard folders of a container; where `sh` and the like are found. */
const SYSTEM_PATH = ["/usr/local/bin", "/usr/bin", "/bin"];

export interface EnvironmentInput {
  /** Env of the image's configuration. */
  image: Record<string, string>;
  /** Of the container; wins over everything else. */
  container: Record<string, string>;
  /** Folders with the runtime's `node` and `python3`; always first in PATH. */
  runtimeFolders: string[];
  /** The container's own working folder. */
  home: string;
  temporary: string;
  memoryMiB: number;
  vcpus: number;
  /** Processors of this machine. */
  cpus: number;
}

/** Builds the environment. Nothing of this process' own environment is in it. */
export function containerEnvironment(input: EnvironmentInput): Record<string, string> {
  const { image, container } = input;
  const path = container.PATH ?? image.PATH;
  const inherited = path === undefined ? SYSTEM_PATH : [...path.split(delimiter), ...SYSTEM_PATH];
  const threads = String(threadsFor(input.vcpus, input.cpus));
  return {
    HOME: input.home,
    TMPDIR: input.temporary,
    // A library sizes its pools by the machine's processors, since it cannot see what share of them is its own.
    OMP_NUM_THREADS: threads,
    OPENBLAS_NUM_THREADS: threads,
    MKL_NUM_THREADS: threads,
    // Threads that wait for each other by spinning take the processors that they wait for, once containers share them: on a
    // busy machine of two, a training took five times as long.
    OMP_WAIT_POLICY: "PASSIVE",
    // In a container Node sizes its heap by the container's memory (half of it, 4 GiB at most); here it would by the machine's.
    NODE_OPTIONS: `--max-old-space-size=${Math.max(32, Math.min(4096, Math.floor(input.memoryMiB / 2)))}`,
    // The image's files are shared by all its containers: no caches beside them.
    PYTHONDONTWRITEBYTECODE: "1",
    ...image,
    ...container,
    PATH: [...new Set([...input.runtimeFolders, ...inherited])].join(delimiter),
  };
}

/** How many threads a share of processors is worth on this machine: at least one, never more than there are processors. */
export function threadsFor(vcpus: number, cpus: number): number {
  return Math.max(1, Math.min(cpus, Math.ceil(vcpus)));
}
