// Cuts a stream of bytes into the lines that become log events.

/** PutLogEvents: an event has at most 262,144 bytes, 26 of which are overhead. */
export const MAX_LINE_BYTES = 262_144 - 26;

/**
 * Splits bytes at line feeds. A line that is longer than an event may be is cut into several, between characters, as the
 * awslogs driver does; memory stays bounded whatever a program prints.
 */
export class LineSplitter {
  readonly #emit: (line: string) => void;
  readonly #maxBytes: number;
  #pending: Buffer[] = [];
  #pendingBytes = 0;

  constructor(emit: (line: string) => void, maxBytes = MAX_LINE_BYTES) {
    this.#emit = emit;
    this.#maxBytes = maxBytes;
  }

  write(chunk: Buffer): void {
    let from = 0;
    for (let end = chunk.indexOf(10); end !== -1; end = chunk.indexOf(10, from)) {
      this.#add(chunk.subarray(from, end));
      this.#flush(true);
      from = end + 1;
    }
    this.#add(chunk.subarray(from));
  }

  /** The last line may have no line end. */
  end(): void {
    if (this.#pendingBytes > 0) this.#flush(true);
  }

  #add(bytes: Buffer): void {
    let rest = bytes;
    while (this.#pendingBytes + rest.length > this.#maxBytes) {
      const room = this.#maxBytes - this.#pendingBytes;
      this.#push(rest.subarray(0, room));
      rest = rest.subarray(room);
      this.#flush(false);
    }
    this.#push(rest);
  }

  #push(bytes: Buffer): void {
    if (bytes.length === 0) return;
    this.#pending.push(bytes);
    this.#pendingBytes += bytes.length;
  }

  /** Emits what is pending; at a forced cut the bytes of an unfinished character stay for the next piece. */
  #flush(lineEnded: boolean): void {
    const bytes = this.#pending.length === 1 ? (this.#pending[0] as Buffer) : Buffer.concat(this.#pending);
    this.#pending = [];
    this.#pendingBytes = 0;
    if (lineEnded) {
      const end = bytes.at(-1) === 13 ? bytes.length - 1 : bytes.length;
      this.#emit(bytes.toString("utf8", 0, end));
      return;
    }
    const cut = unfinishedFrom(bytes);
    this.#emit(bytes.toString("utf8", 0, cut));
    this.#push(bytes.subarray(cut));
  }
}

/** Where the last character of the bytes begins if it is not complete; their length if it is. */
function unfinishedFrom(bytes: Buffer): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back += 1) {
    const byte = bytes[bytes.length - back] as number;
    if ((byte & 0b1100_0000) === 0b1000_0000) continue;
    const needs = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
    return needs > back ? bytes.length - back : bytes.length;
  }
  return bytes.length;
}
