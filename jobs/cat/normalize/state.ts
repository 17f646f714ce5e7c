// How far the export of a day is: what is kept in the bucket between invocations, and how it goes on from there.
import { z } from "zod";

const key = z.record(z.string(), z.record(z.string(), z.string()));

const partSchema = z.object({
  /** Where it lies until all are there. */
  staged: z.string(),
  rows: z.int(),
  bytes: z.int(),
  conversations: z.int(),
  /** Columns beyond the known ones. */
  extras: z.array(z.string()),
});

const segmentSchema = z.object({
  done: z.boolean(),
  /** Key of the last item that was read, as DynamoDB has it; absent before the first. */
  lastKey: key.optional(),
  /** Conversations that were read and are in no part: those without messages. */
  silent: z.int(),
  parts: z.array(partSchema),
});

const stateSchema = z.object({
  version: z.literal(1),
  date: z.string(),
  runId: z.string(),
  /** In the names of the run's files. */
  stamp: z.string(),
  startedAt: z.string(),
  phase: z.enum(["SCANNING", "PUBLISHING", "COMPLETE"]),
  /** Counts the invocations that have worked on the run. */
  invocation: z.int(),
  /** Invocations one after the other that came no further. */
  stalled: z.int(),
  segments: z.array(segmentSchema),
  /** How many files are where they belong. */
  published: z.int(),
});

export type Key = z.infer<typeof key>;
export type PartRecord = z.infer<typeof partSchema>;
export type Segment = z.infer<typeof segmentSchema>;
export type State = z.infer<typeof stateSchema>;

/** How often in a row an invocation may come no further. */
const PATIENCE = 3;

/** Invocations are too short, or have too little memory, to read even one page. */
export class NoProgress extends Error {
  override readonly name = "NoProgress";
}

/** @throws with zod's own words when it is none; another version's counts as none, and the day begins anew */
export function parseState(text: string): State | undefined {
  const json = JSON.parse(text) as { version?: unknown };
  return json.version === 1 ? stateSchema.parse(json) : undefined;
}

/**
 * A run that begins.
 *
 * @param before the last run of the day: files of two runs must not have the same names
 */
export function newRun(date: string, segments: number, now: Date, before?: State): State {
  let begin = now;
  while (before && stampOf(begin) <= before.stamp) begin = new Date(begin.getTime() + 1000);
  return {
    version: 1,
    date,
    runId: `${date}-${stampOf(begin)}`,
    stamp: stampOf(begin),
    startedAt: now.toISOString(),
    phase: "SCANNING",
    invocation: 1,
    stalled: 0,
    segments: Array.from({ length: segments }, () => ({ done: false, silent: 0, parts: [] })),
    published: 0,
  };
}

/** Days after which an unfinished run is given up: what it has read is of another time, and its parts are soon tidied away. */
const FRESH_DAYS = 3;

/** Whether the day's last run is to be gone on with. */
export function isUnfinished({ phase, startedAt }: State, now: Date): boolean {
  return phase !== "COMPLETE" && now.getTime() - Date.parse(startedAt) < FRESH_DAYS * 86_400_000;
}

/**
 * A run as the next invocation takes it on. Until this one has come further it counts as one that did not.
 *
 * @throws NoProgress when the last ones came no further
 */
export function takenOver(state: State): State {
  if (state.stalled >= PATIENCE)
    throw new NoProgress(
      `${PATIENCE} invocations came no further with ${state.runId}: give the function more time (normalize.lambda.timeout) or ` +
        `memory, then invoke it with {"date": "${state.date}", "restart": true}`,
    );
  return { ...state, invocation: state.invocation + 1, stalled: state.stalled + 1 };
}

/** The run after something of a segment was done. */
export function withSegment(state: State, index: number, segment: Segment): State {
  const segments = state.segments.map((each, at) => (at === index ? segment : each));
  return { ...state, segments, stalled: 0, phase: segments.every(({ done }) => done) ? "PUBLISHING" : "SCANNING" };
}

/** `20261121T043000Z`, UTC. */
export function stampOf(time: Date): string {
  return time.toISOString().replace(/[-:]|\.\d+/g, "");
}
