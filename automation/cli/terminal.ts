// What the command line writes: results to standard output, everything about them to standard error.
import Table from "cli-table3";
import pc from "picocolors";

const { createColors } = pc;

export interface TerminalOptions {
  json: boolean;
  /** Stack traces with errors. */
  debug: boolean;
}

/** Colours for a terminal, and none for anything else, or when NO_COLOR is set. */
const wantsColour = (stream: NodeJS.WriteStream): boolean =>
  process.env.NO_COLOR ? false : stream.isTTY === true && process.env.TERM !== "dumb";

export class Terminal {
  readonly colours = createColors(wantsColour(process.stdout));
  /** For standard error. */
  readonly quiet = createColors(wantsColour(process.stderr));

  constructor(readonly options: TerminalOptions) {}

  /** A line of the result; nothing with `--json`, whose result is one value. */
  line(text = ""): void {
    if (!this.options.json) process.stdout.write(`${text}\n`);
  }

  /** The result as data; nothing without `--json`. */
  json(value: unknown): void {
    if (this.options.json) process.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
  }

  /** The result, whatever the format: lines that are made to be read by a program. */
  raw(text: string): void {
    process.stdout.write(`${text}\n`);
  }

  /** Something beside the result. */
  note(text: string): void {
    process.stderr.write(`${text}\n`);
  }

  table(head: string[], rows: (string | number)[][], rightAligned: number[] = []): void {
    if (this.options.json) return;
    const none = Object.fromEntries(
      ["top", "bottom", "left", "right", "mid"].flatMap((side) => [
        [side, ""],
        [`${side}-mid`, ""],
        [`${side}-left`, ""],
        [`${side}-right`, ""],
        [`left-mid`, ""],
        [`mid-mid`, ""],
        [`right-mid`, ""],
      ]),
    );
    const table = new Table({
      head: head.map((title) => this.colours.dim(title)),
      chars: { ...none, middle: "  " },
      style: { "padding-left": 0, "padding-right": 0, head: [], border: [] },
      colAligns: head.map((_, index) => (rightAligned.includes(index) ? "right" : "left")),
    });
    table.push(...rows);
    this.line(
      table
        .toString()
        .split("\n")
        .map((line) => line.trimEnd())
        .join("\n"),
    );
  }
}
