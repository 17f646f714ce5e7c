// What `ath` shows while steps run: a line per event, and on a terminal one that tells the time of what runs now.
import type { UnitEvent } from "../engine/unit.js";
import { describeClaim } from "../locks/locks.js";

export interface Output {
  out(text: string): void;
  err(text: string): void;
  /** A terminal that lines can be written over on; absent: none. */
  columns?: number;
}

export class Progress {
  #step = "";
  #running = new Map<string, number>();
  #timer?: NodeJS.Timeout;

  constructor(private readonly output: Output) {}

  /** Begins a step. */
  step(index: number, count: number): void {
    this.#step = `[${index}/${count}] `;
  }

  event(event: UnitEvent): void {
    const head = `${this.#step}${event.unit}`;
    if (event.type === "skipped") this.#line(`${head}  up to date`);
    else if (event.type === "waiting")
      this.#line(`${head}  waits for ${event.mode} on ${event.path}: ${event.blockers.map(describeClaim).join("; ")}`);
    else if (event.type === "started") {
      this.#running.set(event.unit, performance.now());
      this.#line(`${head}  runs: ${event.reasons.join("; ")}`);
      this.#tick();
    } else if (event.type === "released")
      this.#line(`${head}  removed ${event.outputs.join(", ")} of ${event.of}: nobody needs it any more`);
    else {
      this.#running.delete(event.unit);
      const { seconds, peakMemoryMiB, rowsOut } = event.attempt;
      const figures = [
        seconds === undefined ? undefined : duration(seconds),
        peakMemoryMiB === undefined ? undefined : `${peakMemoryMiB} MiB`,
        rowsOut === undefined ? undefined : `${rowsOut} rows`,
      ].filter((figure) => figure !== undefined);
      this.#line(`${head}  done (${figures.join(", ")})`);
    }
  }

  /** Ends the line that tells the time. */
  end(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#running.clear();
    this.#clear();
  }

  #line(text: string): void {
    this.#clear();
    this.output.err(`${text}\n`);
  }

  #clear(): void {
    if (this.output.columns) this.output.err("\r\u001b[K");
  }

  #tick(): void {
    if (!this.output.columns || this.#timer) return;
    this.#timer = setInterval(() => {
      const now = performance.now();
      const parts = [...this.#running].map(([unit, since]) => `${unit} ${duration(Math.floor((now - since) / 1000))}`);
      if (parts.length > 0)
        this.output.err(`\r\u001b[K${`${this.#step}${parts.join(" · ")}`.slice(0, (this.output.columns ?? 80) - 1)}`);
    }, 1000);
    this.#timer.unref();
  }
}

/** `0.4 s`, `3 min 12 s` */
export function duration(seconds: number): string {
  if (seconds < 60) return `${Number(seconds.toFixed(1))} s`;
  return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
}
