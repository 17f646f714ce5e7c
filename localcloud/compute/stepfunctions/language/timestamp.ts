// Timestamps as Wait, Choice and the Context object have them: ISO 8601 with an offset, as Java's OffsetDateTime reads it.

const PATTERN =
  /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?(Z|[+-]\d{2}:\d{2}(?::\d{2})?)$/;

/** Nanoseconds since the epoch, or undefined when the text is no ISO-8601 extended offset date-time. */
export function parseTimestamp(text: string): bigint | undefined {
  const match = PATTERN.exec(text);
  if (!match) return undefined;
  const [, year, month, day, hour, minute, second = "0", part = "", zone = "Z"] = match as unknown as string[];
  const numbers = [year, month, day, hour, minute, second].map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const whole = Date.UTC(numbers[0], numbers[1] - 1, numbers[2], numbers[3], numbers[4], numbers[5]);
  const date = new Date(whole);
  const isSame =
    date.getUTCMonth() === numbers[1] - 1 &&
    date.getUTCDate() === numbers[2] &&
    date.getUTCHours() === numbers[3] &&
    date.getUTCMinutes() === numbers[4] &&
    date.getUTCSeconds() === numbers[5];
  if (!isSame) return undefined;
  const offset = zone === "Z" ? 0 : offsetSeconds(zone);
  if (offset === undefined) return undefined;
  return BigInt(whole - offset * 1000) * 1_000_000n + BigInt(part.padEnd(9, "0") || "0");
}

function offsetSeconds(zone: string): number | undefined {
  const [hours = 0, minutes = 0, seconds = 0] = zone.slice(1).split(":").map(Number);
  if (hours > 18 || minutes > 59 || seconds > 59) return undefined;
  return (zone.startsWith("-") ? -1 : 1) * (hours * 3600 + minutes * 60 + seconds);
}

/** Milliseconds since the epoch, fractions of one cut off. */
export function timestampMs(text: string): number | undefined {
  const nanoseconds = parseTimestamp(text);
  return nanoseconds === undefined ? undefined : Number(nanoseconds / 1_000_000n);
}
