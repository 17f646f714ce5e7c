// Positions of compiled code in a stack trace, told as positions of its source. Node's own way (`--enable-source-maps`) makes every
// captured stack some ten times as expensive, and Pulumi's SDK captures one for each promise: here only a stack that is shown costs.
import { readFileSync } from "node:fs";
import { SourceMap } from "node:module";
import { fileURLToPath } from "node:url";

const POSITION = /(file:\/\/)?(\/[^\s():]+\.m?js):(\d+):(\d+)/g;

/** @param text anything with stack frames in it @returns the same with the positions of sources, where a source map is there */
export function withSourcePositions(text: string): string {
  const maps = new Map<string, SourceMap | undefined>();
  return text.replace(POSITION, (position, _scheme, file: string, line: string, column: string) => {
    // Packages come without the sources that their maps name.
    if (file.includes("/node_modules/")) return position;
    if (!maps.has(file)) maps.set(file, sourceMapOf(file));
    const entry = maps.get(file)?.findEntry(Number(line) - 1, Number(column) - 1);
    if (!entry || !("originalSource" in entry)) return position;
    const source = entry.originalSource.startsWith("file:")
      ? fileURLToPath(entry.originalSource)
      : entry.originalSource;
    return `${source}:${entry.originalLine + 1}:${entry.originalColumn + 1}`;
  });
}

function sourceMapOf(file: string): SourceMap | undefined {
  try {
    const payload = JSON.parse(readFileSync(`${file}.map`, "utf8")) as ConstructorParameters<typeof SourceMap>[0];
    const sources = payload.sources.map((source) => new URL(source, `file://${file}`).href);
    return new SourceMap({ ...payload, sources });
  } catch {
    return undefined;
  }
}
