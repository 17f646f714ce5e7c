// Where things lie below the reports' prefix.
import type { State } from "./state.js";

/** What an export's own files are called in a day's folder; whatever else is there was put there by somebody. */
const EXPORTED = /\/conversations-\d{8}T\d{6}Z-\d+-\d+\.csv$/;

export const isExported = (key: string): boolean => EXPORTED.test(key);

export function layoutOf(prefix: string, date: string) {
  const [year, month, day] = date.split("-");
  const folder = `${prefix}year=${year}/month=${month}/day=${day}/`;
  const staging = `${prefix}_staging/${date}/`;
  const number = (value: number, digits: number) => String(value).padStart(digits, "0");
  return {
    /** The day's files. */
    folder,
    /** What is no event's business yet: without `.csv`, so that no rule for files hears of it. */
    staging,
    state: `${prefix}_state/${date}.json`,
    manifest: `${prefix}_manifests/${date}.json`,
    /** Unique to the invocation: one that is late does not overwrite what its successor has written. */
    staged: ({ runId, invocation }: State, segment: number, part: number) =>
      `${staging}${runId}/${number(segment, 3)}-${number(part, 5)}.${invocation}.part`,
    file: ({ stamp }: State, segment: number, part: number) =>
      `${folder}conversations-${stamp}-${number(segment, 3)}-${number(part, 5)}.csv`,
  };
}

export type Layout = ReturnType<typeof layoutOf>;
