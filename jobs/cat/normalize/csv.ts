// CSV as RFC 4180 has it, with line feeds between rows. Null is an empty field, an empty text is a quoted one.

/** What needs quotes: what would end a field or a row, and space that some readers strip. */
const SPECIAL = /[",\r\n]|^\s|\s$/;

/** One field. */
export function field(text: string | null): string {
  if (text === null) return "";
  if (text !== "" && !SPECIAL.test(text)) return text;
  return `"${text.replaceAll('"', '""')}"`;
}

/** Fields with commas between them. */
export function fields(texts: readonly (string | null)[]): string {
  return texts.map(field).join(",");
}
