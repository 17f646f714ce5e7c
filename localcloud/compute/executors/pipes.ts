// Real pipes for a container's output. What Node calls a pipe to a child is a socket, and `/dev/stdout` or `/dev/stderr`, which
// shell scripts write to, cannot be opened when it is one; with a container runtime they can.
import { execFile } from "node:child_process";
import { closeSync, constants, openSync, unlinkSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { Socket } from "node:net";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { promisify } from "node:util";

/** One end to read, the other for the child. */
export interface OutputPipe {
  reader: Readable;
  /** What `spawn` takes under `stdio`. To be closed as soon as the child has it. */
  writeFd: number;
}

const BATCH = 32;

/**
 * Makes pipes out of named ones, the only kind that Node can open: their names are made ahead, many at once, and removed when
 * they are opened, so that a pipe costs microseconds and leaves nothing.
 */
export class PipeMaker {
  readonly #folder: string;
  #names: string[] = [];
  #making: Promise<void> | undefined;
  #made = 0;

  /** @param folder for the names; made if missing */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Whether this system reads named pipes as it does sockets. */
  static get works(): boolean {
    return process.platform === "linux";
  }

  /** Pipes for one container: standard output and standard error. */
  async pair(): Promise<[OutputPipe, OutputPipe]> {
    while (this.#names.length < 2) await this.#more();
    const [one, other] = this.#names.splice(0, 2);
    if (this.#names.length < BATCH / 4) void this.#more().catch(() => {});
    return [open(one as string), open(other as string)];
  }

  #more(): Promise<void> {
    this.#making ??= (async () => {
      await mkdir(this.#folder, { recursive: true });
      const names = Array.from({ length: BATCH }, () => join(this.#folder, `${process.pid}-${this.#made++}`));
      await promisify(execFile)("mkfifo", ["-m", "600", ...names]);
      this.#names.push(...names);
    })().finally(() => {
      this.#making = undefined;
    });
    return this.#making;
  }
}

function open(path: string): OutputPipe {
  // In this order: opening to write would wait for a reader.
  const readFd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  let writeFd: number;
  try {
    writeFd = openSync(path, constants.O_WRONLY);
  } catch (error) {
    closeSync(readFd);
    throw error;
  }
  unlinkSync(path);
  return { reader: new Socket({ fd: readFd, readable: true, writable: false }), writeFd };
}
