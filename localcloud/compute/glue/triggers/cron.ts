// Schedules: "Time-based schedules for jobs and crawlers", AWS Glue Developer Guide. `cron(minutes hours day-of-month month day-of-week year)`, UTC.
import { invalidInput } from "../errors.js";

const MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const DAYS = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];
const FIRST_YEAR = 1970;
const LAST_YEAR = 2199;
const DAY_MS = 86_400_000;

/** A parsed schedule. */
export interface Schedule {
  /** The first time after `after`; undefined when there is none any more. */
  next(after: Date): Date | undefined;
}

/** @throws InvalidInputException for what is no schedule */
export function parseSchedule(expression: string): Schedule {
  const invalid = () => invalidInput(`Invalid schedule expression: ${expression}`);
  const fields = /^cron\((.+)\)$/.exec(expression.trim())?.[1]?.trim().split(/\s+/);
  if (fields?.length !== 6) throw invalid();
  const [minute, hour, dayOfMonth, month, dayOfWeek, year] = fields as [string, string, string, string, string, string];
  // One of the two says which day it is, the other that it does not matter.
  if ((dayOfMonth === "?") === (dayOfWeek === "?")) throw invalid();
  const set = (text: string, low: number, high: number, names: string[] = [], from = 0) => {
    const values = valuesOf(text.toUpperCase(), low, high, names, from);
    if (!values || values.length === 0) throw invalid();
    return values;
  };
  const minutes = set(minute, 0, 59);
  const hours = set(hour, 0, 23);
  const months = set(month, 1, 12, MONTHS, 1);
  const years = new Set(set(year, FIRST_YEAR, LAST_YEAR));
  const isDay =
    dayOfMonth === "?" ? weekdayMatcher(dayOfWeek.toUpperCase(), set) : monthdayMatcher(dayOfMonth.toUpperCase(), set);

  return {
    next(after) {
      const first = Math.floor(after.getTime() / 60_000) * 60_000 + 60_000;
      const midnight = Math.floor(first / DAY_MS) * DAY_MS;
      for (let day = midnight; new Date(day).getUTCFullYear() <= LAST_YEAR; day += DAY_MS) {
        const date = new Date(day);
        if (!years.has(date.getUTCFullYear())) {
          const following = [...years].find((each) => each > date.getUTCFullYear());
          if (following === undefined) return undefined;
          day = Date.UTC(following, 0, 1) - DAY_MS;
          continue;
        }
        if (!months.includes(date.getUTCMonth() + 1) || !isDay(date)) continue;
        for (const h of hours)
          for (const m of minutes) {
            const at = day + (h * 60 + m) * 60_000;
            if (at >= first) return new Date(at);
          }
      }
      return undefined;
    },
  };
}

/** The values of a field, ascending; undefined for one that cannot be read. */
function valuesOf(text: string, low: number, high: number, names: string[], from: number): number[] | undefined {
  const values = new Set<number>();
  for (const part of text.split(",")) {
    const [range = "", stepText] = part.split("/");
    const step = stepText === undefined ? 1 : Number(stepText);
    const one = (word: string) =>
      names.includes(word) ? names.indexOf(word) + from : Number(word === "" ? Number.NaN : word);
    const [start, end] =
      range === "*" || range === "?"
        ? [low, high]
        : range.includes("-")
          ? (range.split("-").map(one) as [number, number])
          : [one(range), stepText === undefined ? one(range) : high];
    if (![start, end, step].every(Number.isInteger) || step < 1 || start < low || end > high) return undefined;
    // FRI-MON goes over the week's end.
    const span = end >= start ? end - start : end - start + (high - low + 1);
    for (let offset = 0; offset <= span; offset += step) values.add(low + ((start - low + offset) % (high - low + 1)));
  }
  return [...values].sort((a, b) => a - b);
}

type Values = (text: string, low: number, high: number, names?: string[], from?: number) => number[];

const lastOfMonth = (date: Date): number =>
  new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();

/** Days of the week are 1 (Sunday) to 7; `6L` the month's last Friday, `6#3` its third. */
function weekdayMatcher(text: string, set: Values): (date: Date) => boolean {
  const weekday = (date: Date) => date.getUTCDay() + 1;
  const last = /^(\w+)L$/.exec(text)?.[1];
  if (text === "L") return (date) => weekday(date) === 7;
  if (last !== undefined) {
    const [day] = set(last, 1, 7, DAYS, 1);
    return (date) => weekday(date) === day && date.getUTCDate() > lastOfMonth(date) - 7;
  }
  const [, name, nth] = /^(\w+)#([1-5])$/.exec(text) ?? [];
  if (name !== undefined) {
    const [day] = set(name, 1, 7, DAYS, 1);
    return (date) => weekday(date) === day && Math.ceil(date.getUTCDate() / 7) === Number(nth);
  }
  const days = set(text, 1, 7, DAYS, 1);
  return (date) => days.includes(weekday(date));
}

/** `L` is the month's last day, `15W` the weekday nearest to the fifteenth within the month. */
function monthdayMatcher(text: string, set: Values): (date: Date) => boolean {
  if (text === "L") return (date) => date.getUTCDate() === lastOfMonth(date);
  const near = /^(\d+|L)W$/.exec(text)?.[1];
  if (near !== undefined) {
    return (date) => {
      const wanted = near === "L" ? lastOfMonth(date) : Math.min(Number(near), lastOfMonth(date));
      return date.getUTCDate() === nearestWeekday(date, wanted);
    };
  }
  const days = set(text, 1, 31);
  return (date) => days.includes(date.getUTCDate());
}

function nearestWeekday(date: Date, wanted: number): number {
  const weekday = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), wanted)).getUTCDay();
  if (weekday === 6) return wanted > 1 ? wanted - 1 : wanted + 2;
  if (weekday === 0) return wanted < lastOfMonth(date) ? wanted + 1 : wanted - 2;
  return wanted;
}
