// Text with columns: delimiter, header and types by the rules of "Built-in CSV classifier", AWS Glue Developer Guide.
import type { FileSchema } from "./schema.js";

/** What a custom classifier lays down, instead of looking for it. */
export interface CsvRules {
  delimiter?: string;
  quote?: string;
  header?: "PRESENT" | "ABSENT" | "UNKNOWN";
  names?: string[];
  allowSingleColumn?: boolean;
  serde?: "OpenCSVSerDe" | "LazySimpleSerDe";
}

const DELIMITERS = [",", "|", "\t", ";", "\u0001"];
/** Longest content of a header's field but the last, characters. */
const LONGEST_HEADER_FIELD = 150;
/** Rows that are looked at. */
const MOST_ROWS = 1000;

/** The rows of a text; quotes hold delimiters and line ends, a doubled one stands for itself. */
export function parseCsv(text: string, delimiter: string, quote = '"', most = Number.POSITIVE_INFINITY): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let field = "";
  let quoted = false;
  for (let index = 0; index < text.length && rows.length < most; index += 1) {
    const character = text[index] as string;
    if (quoted) {
      if (character !== quote) field += character;
      else if (text[index + 1] === quote) {
        field += quote;
        index += 1;
      } else quoted = false;
    } else if (character === quote && field === "") quoted = true;
    else if (character === delimiter) {
      row.push(field);
      field = "";
    } else if (character === "\n") {
      rows.push([...row, field.endsWith("\r") ? field.slice(0, -1) : field]);
      row = [];
      field = "";
    } else field += character;
  }
  if ((field !== "" || row.length > 0) && rows.length < most) rows.push([...row, field]);
  return rows;
}

/** The type of one value; text that is empty tells nothing. */
export function typeOfText(value: string): string {
  const text = value.trim();
  if (text === "") return "null";
  if (/^[+-]?\d{1,19}$/.test(text)) {
    const number = BigInt(text);
    return number >= -(2n ** 63n) && number < 2n ** 63n ? "bigint" : "string";
  }
  if (/^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(text)) return "double";
  if (/^(true|false)$/i.test(text)) return "boolean";
  return "string";
}

function typeOfColumn(rows: readonly string[][], index: number): string {
  const types = new Set(rows.map((row) => typeOfText(row[index] ?? "")));
  types.delete("null");
  if (types.size === 0) return "null";
  if (types.size === 1) return [...types][0] as string;
  return [...types].every((type) => type === "bigint" || type === "double") ? "double" : "string";
}

/** The delimiter by which every row has as many fields, more than one of them. */
function findDelimiter(text: string, quote: string): string | undefined {
  let best: { delimiter: string; fields: number } | undefined;
  for (const delimiter of DELIMITERS) {
    const rows = parseCsv(text, delimiter, quote, MOST_ROWS).filter((row) => row.length > 1 || row[0] !== "");
    const fields = rows[0]?.length ?? 0;
    const regular = rows.filter((row) => row.length === fields).length;
    if (fields < 2 || rows.length < 2 || regular / rows.length < 0.9) continue;
    if (!best || fields > best.fields) best = { delimiter, fields };
  }
  return best?.delimiter;
}

/** Whether the first row names the columns: it is all text, short, and different from the rows below. */
function isHeader(first: readonly string[], types: readonly string[]): boolean {
  const isText = first.every((field) => typeOfText(field) === "string");
  const isShort = first.slice(0, -1).every((field) => field.length < LONGEST_HEADER_FIELD);
  return isText && isShort && types.some((type) => type !== "string" && type !== "null");
}

/**
 * The schema of a text, or undefined when it has no columns.
 *
 * @param text the beginning of a file, whole lines
 */
export function csvSchema(text: string, rules: CsvRules = {}): Omit<FileSchema, "compression" | "records"> | undefined {
  const quote = rules.quote ?? '"';
  const delimiter = rules.delimiter ?? findDelimiter(text, quote);
  if (delimiter === undefined) return undefined;
  const rows = parseCsv(text, delimiter, quote, MOST_ROWS).filter((row) => row.length > 1 || row[0] !== "");
  const [first, ...rest] = rows;
  if (!first || (first.length < 2 && !rules.allowSingleColumn)) return undefined;
  const types = first.map((_, index) => typeOfColumn(rest, index));
  const hasHeader = rules.header === "PRESENT" || (rules.header !== "ABSENT" && isHeader(first, types));
  const all = hasHeader ? types : first.map((_, index) => typeOfColumn(rows, index));
  const names = rules.names?.length ? rules.names : hasHeader ? first : first.map((_, index) => `col${index}`);
  const seen = new Set<string>();
  const columns = names.flatMap((name, index) => {
    const lower = name.trim().toLowerCase() || `col${index}`;
    if (seen.has(lower)) return [];
    seen.add(lower);
    // Hive's reader of CSV with quotes knows text only.
    return [{ name: lower, type: rules.serde === "OpenCSVSerDe" ? "string" : (all[index] ?? "string") }];
  });
  return {
    classification: "csv",
    columns,
    csv: { delimiter, hasHeader, isQuoted: text.includes(quote), quote: rules.quote, serde: rules.serde },
  };
}
