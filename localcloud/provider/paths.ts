// Property paths as the engine writes them: `tags.Owner`, `rules[0].status`, `tags["a key"]`, and `*` for any key or index.

/** `rules[0].filter["a b"]` → `rules`, `0`, `filter`, `a b`. */
export function segments(path: string): string[] {
  return Array.from(path.matchAll(/\["((?:[^"\\]|\\.)*)"\]|\[([^\]]*)\]|([^.[\]]+)/g), (match) =>
    match[1] === undefined ? (match[2] ?? match[3] ?? "") : match[1].replace(/\\(.)/g, "$1"),
  );
}

/** The top-level property of a path. */
export function rootOf(path: string): string {
  return segments(path)[0] ?? path;
}

/** Whether `path` is what `pattern` names, or lies in it. */
export function isWithin(path: string, pattern: string): boolean {
  const wanted = segments(pattern);
  const own = segments(path);
  return wanted.length <= own.length && wanted.every((segment, at) => segment === "*" || segment === own[at]);
}
