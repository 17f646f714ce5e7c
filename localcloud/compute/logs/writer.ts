// Container output to CloudWatch Logs while the container runs: batched, in order, with one flusher that sleeps when nothing is there.

/** Longest message that one log event carries, bytes; the awslogs driver splits longer lines at the same place. */
const LONGEST_MESSAGE = 262_118;
/** PutLogEvents: at most 10,000 events and 1,048,576 bytes, each event counting 26 bytes more than its message. */
const MOST_EVENTS = 10_000;
const MOST_BYTES = 1_048_576;
const EVENT_OVERHEAD = 26;

export interface LogDestination {
  /** 12 digits. */
  readonly account: string;
  readonly region: string;
  readonly group: string;
  readonly stream: string;
}

export interface LogEvent {
  /** Milliseconds of the epoch. */
  readonly timestamp: number;
  readonly message: string;
}

/** The three calls of CloudWatch Logs that a writer needs. Creating what is there already is success. */
export interface LogsApi {
  createGroup(destination: LogDestination): Promise<void>;
  /** Rejects with an error named ResourceNotFoundException when there is no such group. */
  createStream(destination: LogDestination): Promise<void>;
  put(destination: LogDestination, events: LogEvent[]): Promise<void>;
}

export interface LogStream {
  /** The stream exists. Rejects when it cannot be created. */
  readonly ready: Promise<void>;
  /** Takes one line without its line end; empty lines are left out, CloudWatch Logs has no empty events. */
  write(line: string, at: Date): void;
  /** Resolves when everything written has been handed over, or given up on with a message. */
  close(): Promise<void>;
}

export interface LogWriterOptions {
  readonly api: LogsApi;
  /** Longest time that a line waits for others, milliseconds. @default 250 */
  readonly flushMillis?: number;
  /** Told about lines that could not be delivered. */
  readonly log: (message: string) => void;
}

/** Writes any number of streams. */
export class LogWriter {
  readonly #options: LogWriterOptions;
  readonly #waiting = new Set<OpenStream>();
  #timer: NodeJS.Timeout | undefined;

  constructor(options: LogWriterOptions) {
    this.#options = options;
  }

  /** @param createGroup whether a missing group is created (as with `awslogs-create-group`, and as Batch does with its own) */
  open(destination: LogDestination, createGroup: boolean): LogStream {
    return new OpenStream(this.#options, destination, createGroup, (stream) => this.#wake(stream));
  }

  #wake(stream: OpenStream): void {
    this.#waiting.add(stream);
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      const due = [...this.#waiting];
      this.#waiting.clear();
      for (const each of due) void each.flush();
    }, this.#options.flushMillis ?? 250);
  }
}

class OpenStream implements LogStream {
  readonly ready: Promise<void>;
  #pending: LogEvent[] = [];
  #delivery: Promise<void>;

  constructor(
    private readonly options: LogWriterOptions,
    private readonly destination: LogDestination,
    createGroup: boolean,
    private readonly wake: (stream: OpenStream) => void,
  ) {
    this.ready = this.#create(createGroup);
    this.#delivery = this.ready.catch(() => undefined);
  }

  write(line: string, at: Date): void {
    if (line === "") return;
    for (const message of splitMessage(line)) this.#pending.push({ timestamp: at.getTime(), message });
    this.wake(this);
  }

  flush(): Promise<void> {
    const events = this.#pending;
    this.#pending = [];
    for (const batch of batches(events)) this.#delivery = this.#delivery.then(() => this.#put(batch));
    return this.#delivery;
  }

  close(): Promise<void> {
    return this.flush();
  }

  async #create(createGroup: boolean): Promise<void> {
    const { api } = this.options;
    try {
      await api.createStream(this.destination);
    } catch (error) {
      if (!createGroup || (error as Error).name !== "ResourceNotFoundException") throw error;
      await api.createGroup(this.destination);
      await api.createStream(this.destination);
    }
  }

  async #put(events: LogEvent[]): Promise<void> {
    try {
      await this.options.api.put(this.destination, events);
    } catch (error) {
      const { group, stream } = this.destination;
      this.options.log(
        `logs: ${events.length} lines of ${group} ${stream} were not delivered: ${(error as Error).message}`,
      );
    }
  }
}

/** A line in pieces that each fit into one event; never splits a character. */
export function splitMessage(line: string): string[] {
  if (line.length * 3 <= LONGEST_MESSAGE || Buffer.byteLength(line) <= LONGEST_MESSAGE) return [line];
  const pieces: string[] = [];
  let piece = "";
  let bytes = 0;
  for (const character of line) {
    const size = Buffer.byteLength(character);
    if (bytes + size > LONGEST_MESSAGE) {
      pieces.push(piece);
      piece = "";
      bytes = 0;
    }
    piece += character;
    bytes += size;
  }
  return [...pieces, piece];
}

/** Events in the batches that PutLogEvents accepts: chronological, within its limits. */
export function batches(events: readonly LogEvent[]): LogEvent[][] {
  const sorted = [...events].sort((a, b) => a.timestamp - b.timestamp);
  const all: LogEvent[][] = [];
  let batch: LogEvent[] = [];
  let bytes = 0;
  for (const event of sorted) {
    const size = Buffer.byteLength(event.message) + EVENT_OVERHEAD;
    if (batch.length === MOST_EVENTS || bytes + size > MOST_BYTES) {
      all.push(batch);
      batch = [];
      bytes = 0;
    }
    batch.push(event);
    bytes += size;
  }
  return batch.length > 0 ? [...all, batch] : all;
}
