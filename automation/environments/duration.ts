// Durations as people write them (`90s`, `30m`, `2h`, `1h30m`, `3d`) and as they read them.
import { UsageError } from "../errors.js";

const UNIT_SECONDS: Record<string, number> = { s: 1, m: 60, h: 3600, d: 86_400 };

/**
 * Seconds of a duration such as `2h` or `1h30m`.
 *
 * @throws UsageError when it is not one, or not longer than nothing
 */
export function parseDuration(text: string): number {
  const parts = [...text.trim().matchAll(/(\d+(?:\.\d+)?)([smhd])/g)];
  const seconds = parts.reduce((sum, [, amount, unit]) => sum + Number(amount) * (UNIT_SECONDS[unit ?? ""] ?? 0), 0);
  if (parts.map(([part]) => part).join("") !== text.trim() || seconds <= 0)
    throw new UsageError(`"${text}" is not a duration; write for example 90s, 30m, 2h or 1h30m.`);
  return seconds;
}

/** A duration in seconds for people: `0.4 s`, `12 s`, `3 m 05 s`, `2 h 10 m`, `3 d 4 h`. */
export function formatDuration(seconds: number): string {
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} m ${String(whole % 60).padStart(2, "0")} s`;
  const minutes = Math.round(whole / 60);
  if (minutes < 1440) return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, "0")} m`;
  const hours = Math.round(minutes / 60);
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}
