// Which known name was meant: by the pairs of letters that two names have in common.

/** `known`, the ones most like `wanted` first, then by name. */
export function closestFirst(wanted: string, known: readonly string[]): string[] {
  const own = bigrams(wanted);
  const scores = new Map(known.map((candidate) => [candidate, likeness(own, bigrams(candidate))]));
  const score = (candidate: string) => scores.get(candidate) ?? 0;
  return [...known].sort((left, right) => score(right) - score(left) || (left < right ? -1 : 1));
}

function likeness(left: Set<string>, right: Set<string>): number {
  const common = [...left].filter((pair) => right.has(pair)).length;
  return (2 * common) / Math.max(left.size + right.size, 1);
}

function bigrams(name: string): Set<string> {
  const letters = name.toLowerCase();
  return new Set(Array.from({ length: Math.max(letters.length - 1, 0) }, (_, at) => letters.slice(at, at + 2)));
}
