// What the function is invoked with: by the clock, by hand, or by itself to go on.
import { z } from "zod";

const day = z
  .string()
  .regex(/^\d{4}-\d{2}-\d{2}$/, "must be a day such as 2026-11-21")
  .refine((text) => {
    const date = new Date(`${text}T00:00:00Z`);
    return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text);
  }, "is no day of the calendar");

const schema = z.object({
  /** Day whose files are written. @default that of `time`, or today, UTC */
  date: day.optional(),
  /** When a schedule was due. */
  time: z.iso.datetime({ offset: true }).optional(),
  /** The run that is to go on; one that is over, or was replaced, does not. */
  resume: z.string().optional(),
  /** Gives up what an unfinished run of the day has read. */
  restart: z.boolean().optional(),
});

export interface Request {
  date: string;
  resume?: string;
  restart: boolean;
}

/** The event cannot be understood. */
export class InvalidEvent extends Error {
  override readonly name = "InvalidEvent";
}

/** @throws InvalidEvent naming what is wrong */
export function parseEvent(event: unknown, now: Date): Request {
  const parsed = schema.safeParse(event ?? {});
  if (!parsed.success) throw new InvalidEvent(z.prettifyError(parsed.error));
  const { date, time, resume, restart = false } = parsed.data;
  const utcDay = (at: Date) => at.toISOString().slice(0, 10);
  return { date: date ?? utcDay(time ? new Date(time) : now), restart, ...(resume !== undefined && { resume }) };
}
