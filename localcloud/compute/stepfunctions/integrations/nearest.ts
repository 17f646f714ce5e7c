// The name that somebody may have meant.

/** How many letters have to be added, left out or changed to make one of the other. */
function distance(left: string, right: string): number {
  let above = Array.from({ length: right.length + 1 }, (_, column) => column);
  for (const [row, letter] of [...left].entries()) {
    const current = [row + 1];
    for (const [column, other] of [...right].entries())
      current.push(
        Math.min(
          (above[column + 1] ?? 0) + 1,
          (current[column] ?? 0) + 1,
          (above[column] ?? 0) + (letter === other ? 0 : 1),
        ),
      );
    above = current;
  }
  return above.at(-1) ?? 0;
}

/** The name that is most like `name`; undefined when more than a third of it would have to be changed. */
export function nearest(name: string, names: Iterable<string>): string | undefined {
  let best: { name: string; changes: number } | undefined;
  const most = Math.max(2, Math.floor(name.length / 3));
  for (const candidate of names) {
    if (Math.abs(candidate.length - name.length) > most) continue;
    const changes = distance(name.toLowerCase(), candidate.toLowerCase());
    if (changes <= most && (!best || changes < best.changes)) best = { name: candidate, changes };
  }
  return best?.name;
}
