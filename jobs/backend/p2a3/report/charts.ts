// Charts as inline SVG, drawn in the page's own colours (CSS variables), readable without any script.

export interface Point {
  x: number;
  y: number;
  /** What the pointer sees. */
  title: string;
}

const WIDTH = 520;
const HEIGHT = 300;
const MARGIN = { top: 16, right: 24, bottom: 44, left: 52 };
const INNER = { width: WIDTH - MARGIN.left - MARGIN.right, height: HEIGHT - MARGIN.top - MARGIN.bottom };

/** Text as it may stand in HTML and SVG. */
export function escapeText(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}

export function percent(share: number, digits = 0): string {
  return `${(share * 100).toFixed(digits)} %`;
}

/** Curve through points of shares (0 to 1 on both axes), with the diagonal for comparison. */
export function curve(
  points: readonly Point[],
  axes: { x: string; y: string; label: string; diagonal: string },
): string {
  const path = points.map(({ x, y }, index) => `${index === 0 ? "M" : "L"}${px(x)} ${py(y, 1)}`).join("");
  return frame(axes.label, [
    grid([0, 0.2, 0.4, 0.6, 0.8, 1], 1, percent),
    ticksX([0, 0.2, 0.4, 0.6, 0.8, 1], percent),
    axisTitles(axes.x, axes.y),
    `<path class="reference" d="M${px(0)} ${py(0, 1)}L${px(1)} ${py(1, 1)}"/>`,
    `<text class="note" x="${px(0.66)}" y="${py(0.56, 1)}">${escapeText(axes.diagonal)}</text>`,
    `<path class="line" d="${path}"/>`,
    ...points.map(
      ({ x, y, title }) =>
        `<circle class="dot" cx="${px(x)}" cy="${py(y, 1)}" r="4"><title>${escapeText(title)}</title></circle>`,
    ),
  ]);
}

/** Points of shares (0 to `most` on both axes), their area by weight, with the diagonal on which they should lie. */
export function scatter(
  points: readonly (Point & { weight: number })[],
  axes: { x: string; y: string; label: string; diagonal: string; most: number },
): string {
  const { most } = axes;
  const heaviest = Math.max(1, ...points.map(({ weight }) => weight));
  const steps = [0, 0.2, 0.4, 0.6, 0.8, 1].map((step) => step * most);
  return frame(axes.label, [
    grid(steps, most, percent),
    ticksX(steps, percent, most),
    axisTitles(axes.x, axes.y),
    `<path class="reference" d="M${px(0)} ${py(0, 1)}L${px(1)} ${py(1, 1)}"/>`,
    `<text class="note" x="${px(0.6)}" y="${py(0.5, 1)}">${escapeText(axes.diagonal)}</text>`,
    ...points.map(
      ({ x, y, weight, title }) =>
        `<circle class="bubble" cx="${px(x / most)}" cy="${py(y, most)}" r="${round(4 + 10 * Math.sqrt(weight / heaviest))}">` +
        `<title>${escapeText(title)}</title></circle>`,
    ),
  ]);
}

/** Upright bars, one per name, with a line for comparison. */
export function bars(
  items: readonly { name: string; value: number; text: string }[],
  axes: { x: string; y: string; label: string; reference: number; referenceText: string },
): string {
  const most = niceMaximum(Math.max(axes.reference, ...items.map(({ value }) => value)));
  const slot = INNER.width / Math.max(1, items.length);
  const steps = [0, 0.25, 0.5, 0.75, 1].map((step) => step * most);
  return frame(axes.label, [
    grid(steps, most, (value) => String(round(value))),
    axisTitles(axes.x, axes.y),
    ...items.map(({ name, value, text }, index) => {
      const x = MARGIN.left + index * slot;
      const top = py(value, most);
      return (
        `<rect class="bar" x="${round(x + slot * 0.14)}" y="${top}" width="${round(slot * 0.72)}" height="${round(HEIGHT - MARGIN.bottom - top)}" rx="2">` +
        `<title>${escapeText(`${name}: ${text}`)}</title></rect>` +
        `<text class="value" x="${round(x + slot / 2)}" y="${round(top - 4)}">${escapeText(text)}</text>` +
        `<text class="tick" text-anchor="middle" x="${round(x + slot / 2)}" y="${HEIGHT - MARGIN.bottom + 16}">${escapeText(name)}</text>`
      );
    }),
    `<path class="reference" d="M${MARGIN.left} ${py(axes.reference, most)}H${WIDTH - MARGIN.right}"/>`,
    `<text class="note" text-anchor="end" x="${WIDTH - MARGIN.right}" y="${round(py(axes.reference, most) - 5)}">${escapeText(axes.referenceText)}</text>`,
  ]);
}

/** Lying bars, the longest first as given: names at the left, values at the bars' ends. */
export function lyingBars(items: readonly { name: string; value: number; text: string }[], label: string): string {
  const row = 20;
  const names = 256;
  const height = items.length * row + 8;
  const most = Math.max(1e-12, ...items.map(({ value }) => value));
  const width = WIDTH - names - 56;
  const rows = items.map(({ name, value, text }, index) => {
    const y = index * row + 4;
    const length = round((value / most) * width);
    return (
      `<text class="tick" text-anchor="end" x="${names - 8}" y="${y + 14}">${escapeText(name)}</text>` +
      `<rect class="bar" x="${names}" y="${y + 3}" width="${length}" height="${row - 6}" rx="2"><title>${escapeText(`${name}: ${text}`)}</title></rect>` +
      `<text class="tick" x="${round(names + length + 6)}" y="${y + 14}">${escapeText(text)}</text>`
    );
  });
  return `<svg viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${escapeText(label)}">${rows.join("")}</svg>`;
}

/** A line over equal steps, its range from the values themselves. */
export function trace(values: readonly number[], axes: { x: string; y: string; label: string }): string {
  const most = niceMaximum(Math.max(...values, 1e-12));
  const last = Math.max(1, values.length - 1);
  const path = values
    .map((value, index) => `${index === 0 ? "M" : "L"}${px(index / last)} ${py(value, most)}`)
    .join("");
  const steps = [0, 0.25, 0.5, 0.75, 1].map((step) => step * most);
  return frame(axes.label, [
    grid(steps, most, (value) => String(round(value))),
    ticksX([0, 0.25, 0.5, 0.75, 1], (share) => String(Math.round(share * last))),
    axisTitles(axes.x, axes.y),
    `<path class="line" d="${path}"/>`,
  ]);
}

function frame(label: string, parts: string[]): string {
  return `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${escapeText(label)}">${parts.join("")}</svg>`;
}

function grid(steps: number[], most: number, text: (value: number) => string): string {
  return steps
    .map(
      (value) =>
        `<path class="grid" d="M${MARGIN.left} ${py(value, most)}H${WIDTH - MARGIN.right}"/>` +
        `<text class="tick" text-anchor="end" x="${MARGIN.left - 7}" y="${round(py(value, most) + 4)}">${text(value)}</text>`,
    )
    .join("");
}

function ticksX(steps: number[], text: (value: number) => string, most = 1): string {
  return steps
    .map(
      (value) =>
        `<text class="tick" text-anchor="middle" x="${px(value / most)}" y="${HEIGHT - MARGIN.bottom + 16}">${text(value)}</text>`,
    )
    .join("");
}

function axisTitles(x: string, y: string): string {
  const middle = round(MARGIN.top + INNER.height / 2);
  return (
    `<text class="axis" text-anchor="middle" x="${round(MARGIN.left + INNER.width / 2)}" y="${HEIGHT - 8}">${escapeText(x)}</text>` +
    `<text class="axis" text-anchor="middle" transform="translate(13 ${middle}) rotate(-90)">${escapeText(y)}</text>`
  );
}

/** Place of a share of the width. */
function px(share: number): number {
  return round(MARGIN.left + share * INNER.width);
}

function py(value: number, most: number): number {
  return round(MARGIN.top + (1 - value / most) * INNER.height);
}

/** The next of 1, 2, 2.5, 4, 5, 8 times a power of ten: its quarters are short numbers. */
export function niceMaximum(value: number): number {
  if (!(value > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  const factor = [1, 2, 2.5, 4, 5, 8, 10].find((candidate) => candidate * power >= value) ?? 10;
  return factor * power;
}

function round(value: number): number {
  return Number(value.toFixed(2));
}
