// Moving an environment's clock: by how much, or to which time, as programs and people say it.
import type { Advanced, Cloud } from "../../localcloud/server/cloud.js";
import { UsageError } from "../errors.js";
import { parseDuration } from "./duration.js";

/** A stretch of time; its members add up. */
export interface Stretch {
  days?: number;
  hours?: number;
  minutes?: number;
  seconds?: number;
}

export const secondsOf = ({ days = 0, hours = 0, minutes = 0, seconds = 0 }: Stretch): number =>
  ((days * 24 + hours) * 60 + minutes) * 60 + seconds;

/** Whose clock it is. */
export interface ClockOwner {
  name: string;
  target: string;
  account: string;
  cloud: Cloud | undefined;
}

/**
 * Moves the clock of an environment's account forward; see {@link Cloud.advance}.
 *
 * @throws UsageError where there is no clock to be moved, and for a time that is over
 */
export async function advanceClock(owner: ClockOwner, by: Stretch | Date): Promise<Advanced> {
  const { name, account, target } = owner;
  if (target !== "local")
    throw new UsageError(
      `The clock of environment ${name} cannot be moved: it lives on ${target === "aws" ? "AWS" : target}, where time passes by itself. Only the local cloud has a clock to move.`,
    );
  if (!owner.cloud)
    throw new UsageError(
      `The clock of environment ${name} can be moved only by the process that brought it up, which has its cloud to itself.`,
    );
  if (by instanceof Date) {
    const { now } = await owner.cloud.advance(account, 0);
    if (by < now)
      throw new UsageError(
        `The clock of environment ${name} only goes forward: it is ${now.toISOString()} there, and ${by.toISOString()} is over.`,
      );
    return await owner.cloud.advance(account, by);
  }
  const seconds = secondsOf(by);
  if (!(seconds >= 0)) throw new UsageError(`The clock of environment ${name} only goes forward, not by ${seconds} s.`);
  return await owner.cloud.advance(account, seconds);
}

const TIME_OF_DAY = /^([01]\d|2[0-3]):([0-5]\d)Z?$/;
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/;

/**
 * What a command line says: a duration (`24h`), a time (`2026-12-01T04:30Z`), or the next time of a day, in UTC (`04:30`).
 *
 * @param now asked only for a time of day
 * @throws UsageError for anything else
 */
export async function parseMove(text: string, now: () => Promise<Date>): Promise<Stretch | Date> {
  const [, hours, minutes] = TIME_OF_DAY.exec(text) ?? [];
  if (hours !== undefined) {
    const from = await now();
    const at = new Date(from);
    at.setUTCHours(Number(hours), Number(minutes), 0, 0);
    if (at <= from) at.setUTCDate(at.getUTCDate() + 1);
    return at;
  }
  if (TIME.test(text) && !Number.isNaN(Date.parse(text))) return new Date(text);
  try {
    return { seconds: parseDuration(text) };
  } catch (cause) {
    throw new UsageError(
      `"${text}" is neither a duration (90s, 24h, 3d) nor a time (2026-12-01T04:30Z) nor a time of day in UTC (04:30).`,
      { cause },
    );
  }
}
