// Text with delimiters, as an ItemReader parses it. Source: "How Step Functions parses input CSV files" in the Developer Guide.

/**
 * Rows of fields. Quotes may hold delimiters and line ends; a quote is kept by doubling it, within quotes or without. A backslash
 * keeps the backslash, quote or delimiter after it, and is dropped before anything else. Empty lines are no rows.
 *
 * @throws Error for a quoted field that does not end
 */
export function parseCsv(content: string, delimiter: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let field = "";
  let isQuoted = false;
  /** Whether the field has begun, be it with an empty pair of quotes. */
  let hasBegun = false;
  const endField = () => {
    row.push(field);
    field = "";
    hasBegun = false;
  };
  const endRow = () => {
    const isEmpty = row.length === 0 && field === "" && !hasBegun;
    endField();
    if (!isEmpty) rows.push(row);
    row = [];
  };
  for (let index = content.charCodeAt(0) === 0xfeff ? 1 : 0; index < content.length; index += 1) {
    const character = content[index] as string;
    const next = content[index + 1];
    if (character === "\\") {
      hasBegun = true;
      if (next !== "\\" && next !== '"' && next !== delimiter) continue;
      field += next;
      index += 1;
    } else if (character === '"') {
      if (next === '"' && (isQuoted || field !== "")) {
        field += '"';
        index += 1;
      } else if (isQuoted) isQuoted = false;
      else if (!hasBegun) isQuoted = true;
      else field += character;
      hasBegun = true;
    } else if (isQuoted) field += character;
    else if (character === delimiter) endField();
    else if (character === "\n" || character === "\r") {
      if (character === "\r" && next === "\n") index += 1;
      endRow();
    } else {
      field += character;
      hasBegun = true;
    }
  }
  if (isQuoted) throw new Error(`a quoted field that begins in row ${rows.length + 1} does not end`);
  endRow();
  return rows;
}
