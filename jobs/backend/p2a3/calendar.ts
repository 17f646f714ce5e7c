// Which days a model learns of and is tested on. Pure.
import { InputError } from "../../lib/errors.js";

/** Features look back this many days; what is older does not count, so that an early and a late day see as much. */
export const LOOKBACK_DAYS = 168;
/** A household is looked at as of at most this many days before the order's, each a window apart. */
const SNAPSHOTS = 3;

/** Days of which the co-operative has transactions, the first and the last; the last may be a part of a day only. */
export interface Period {
  from: string;
  to: string;
}

export interface Calendar {
  hhDate: string;
  windowDays: number;
  /** Days as of which the training set looks at households, latest first. The label's window of each ends where the next one's begins. */
  trainDates: string[];
  /** Whether the days from hhDate on, windowDays of them, are in the data, so that the scores can be compared with what came. */
  outcomeKnown: boolean;
}

/** A day so many days later (or earlier). */
export function addDays(day: string, days: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10);
}

/** @throws InputError when hhDate is later than the day after the data's last: what happened until then is not known */
export function checkHhDate(hhDate: string, period: Period): void {
  if (hhDate > addDays(period.to, 1))
    throw new InputError(`hhDate ${hhDate} is after the co-operative's data, which go to ${period.to}`);
}

/**
 * Plans the days of a model as of `hhDate`. Nothing of hhDate or later is used to train: the latest window that labels a household
 * ends the day before hhDate. The window from hhDate on is the test: of the time after, unknown when the model is made.
 * @throws InputError when the data do not reach to hhDate, or do not begin early enough
 */
export function planCalendar(hhDate: string, windowDays: number, period: Period): Calendar {
  checkHhDate(hhDate, period);
  const first = addDays(period.from, LOOKBACK_DAYS + windowDays);
  if (hhDate < first)
    throw new InputError(
      `hhDate ${hhDate} is too early: a window of ${windowDays} days after ${LOOKBACK_DAYS} days of history needs a day from ${first} on, ` +
        `the co-operative's data begin on ${period.from}`,
    );
  const trainDates = Array.from({ length: SNAPSHOTS }, (_, index) => addDays(hhDate, -windowDays * (index + 1))).filter(
    (day) => addDays(day, -LOOKBACK_DAYS) >= period.from,
  );
  return { hhDate, windowDays, trainDates, outcomeKnown: addDays(hhDate, windowDays) <= period.to };
}
