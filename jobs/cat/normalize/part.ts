// A file in the making: rows until there are enough, then the text. Its header is known when its last row is.
import { COLUMNS, type Row } from "./rows.js";

export class Part {
  readonly #rows: Row[] = [];
  readonly #extras = new Set<string>();
  #characters = 0;
  #conversations = 0;

  /** Of one conversation; they may be none. */
  add(rows: readonly Row[]): void {
    this.#conversations += 1;
    for (const row of rows) {
      this.#rows.push(row);
      this.#characters += row.fields.length + 1;
      for (const [column, text] of row.extras) {
        this.#extras.add(column);
        this.#characters += text.length + 1;
      }
    }
  }

  get rows(): number {
    return this.#rows.length;
  }

  get conversations(): number {
    return this.#conversations;
  }

  /** About as many as the file will have bytes. */
  get characters(): number {
    return this.#characters;
  }

  /** Columns beyond the known ones, by name. */
  get extras(): string[] {
    return [...this.#extras].sort();
  }

  /** The file, in UTF-8, with a header and a line feed after every row. */
  file(): Buffer {
    const extras = this.extras;
    const lines = this.#rows.map((row) =>
      extras.length === 0 ? row.fields : `${row.fields},${extras.map((name) => row.extras.get(name) ?? "").join(",")}`,
    );
    return Buffer.from(`${[[...COLUMNS, ...extras].join(","), ...lines].join("\n")}\n`);
  }
}
