// What job definitions of both platforms write alike.

/** Entries by key, so that a difference in a preview is a difference in meaning. */
export function sorted<T>(values: Record<string, T>): [string, T][] {
  return Object.entries(values).sort(([left], [right]) => (left < right ? -1 : 1));
}
