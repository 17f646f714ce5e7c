// Ctrl-C and its relatives: the first asks for an orderly end with teardown, the second leaves at once.

const SIGNALS: NodeJS.Signals[] = ["SIGINT", "SIGTERM", "SIGHUP"];
/** As shells report a process that SIGINT ended. */
export const INTERRUPTED = 130;

export interface Interrupts {
  readonly signal: AbortSignal;
  /** Gives the signals back to whoever had them. */
  release(): void;
}

/** Aborts the signal on the first interrupt. On the second the process ends; what is left is a journal, which a sweep finishes. */
export function onInterrupt(note: (text: string) => void): Interrupts {
  const controller = new AbortController();
  const handle = () => {
    if (controller.signal.aborted) {
      note("Left as it is. Finish with: crucible sweep");
      process.exit(INTERRUPTED);
    }
    note("Interrupted: tearing down. Once more to leave at once.");
    controller.abort();
  };
  for (const signal of SIGNALS) process.on(signal, handle);
  return {
    signal: controller.signal,
    release() {
      for (const signal of SIGNALS) process.off(signal, handle);
    },
  };
}
