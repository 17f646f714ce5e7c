// The name that somebody meant who wrote another.

/** One slip in so many letters: `bogus` is not meant to be `logs`. */
const LETTERS_PER_SLIP = 3;

/** The most similar of `names`; undefined when none is similar. Upper and lower case are the same. */
export function nearest(name: string, names: readonly string[]): string | undefined {
  const most = Math.floor(name.length / LETTERS_PER_SLIP);
  const [best] = names
    .map((other) => ({ other, slips: slipsBetween(name.toLowerCase(), other.toLowerCase()) }))
    .filter(({ slips }) => slips <= most)
    .sort((left, right) => left.slips - right.slips);
  return best?.other;
}

/** How many letters are too many, missing or wrong, or have changed places with the next (optimal string alignment). */
function slipsBetween(left: string, right: string): number {
  const rows = [Array.from({ length: right.length + 1 }, (_, column) => column)];
  const at = (row: number, column: number): number => rows[row]?.[column] ?? Number.POSITIVE_INFINITY;
  for (let row = 1; row <= left.length; row++) {
    rows[row] = [row];
    for (let column = 1; column <= right.length; column++) {
      const swapped = left[row - 1] === right[column - 2] && left[row - 2] === right[column - 1];
      rows[row]?.push(
        Math.min(
          at(row - 1, column) + 1,
          at(row, column - 1) + 1,
          at(row - 1, column - 1) + (left[row - 1] === right[column - 1] ? 0 : 1),
          swapped ? at(row - 2, column - 2) + 1 : Number.POSITIVE_INFINITY,
        ),
      );
    }
  }
  return at(left.length, right.length);
}
