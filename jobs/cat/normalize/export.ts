// The export of a day: begins a run or goes on with one, as far as time allows.
import type { Request } from "./event.js";
import { StateKeeper, Superseded } from "./keeper.js";
import { type Layout, layoutOf } from "./layout.js";
import { type Manifest, publish } from "./publish.js";
import type { Origin } from "./rows.js";
import { type ReadPage, scanSegment } from "./scan.js";
import { isUnfinished, newRun, type State, takenOver, withSegment } from "./state.js";
import type { ReportStore } from "./store.js";

export interface ExportOptions {
  /** Reads the table, divided into so many segments. */
  pages(segments: number): ReadPage;
  store: ReportStore;
  origin: Origin;
  /** Below which everything lies, e.g. `reports/etl-process1/`. */
  prefix: string;
  segments: number;
  partBytes: number;
  keyNames: readonly string[];
  /** Aborts when there is just enough time left to save what was read. */
  signal: AbortSignal;
  /** Has the function go on with a run in another invocation. */
  goOn(date: string, runId: string): Promise<void>;
  now(): Date;
  log(message: string, facts: Record<string, unknown>): void;
}

export type Outcome =
  | ({ status: "COMPLETE"; manifest: string; files: number } & Pick<
      Manifest,
      "date" | "runId" | "rows" | "conversations"
    >)
  /** Time was up; another invocation goes on. */
  | { status: "CONTINUES"; date: string; runId: string }
  /** Another invocation has taken the run over. */
  | { status: "SUPERSEDED"; date: string; runId: string }
  /** There is nothing to go on with. */
  | { status: "NOTHING_TO_DO"; date: string; runId: string };

/**
 * Exports the table as files of a day, or as much of it as there is time for.
 *
 * @throws NoProgress when the last invocations came no further, and what reading and writing fail with: invoked again, the function
 *   goes on from what was saved
 */
export async function exportDay(request: Request, options: ExportOptions): Promise<Outcome> {
  const { date } = request;
  const { store, log } = options;
  const layout = layoutOf(options.prefix, date);
  const { last, begin } = await StateKeeper.open(store, layout.state);
  const unfinished = last && isUnfinished(last, options.now()) && !request.restart ? last : undefined;
  if (request.resume !== undefined && unfinished?.runId !== request.resume)
    return { status: "NOTHING_TO_DO", date, runId: request.resume };
  const first = unfinished ? takenOver(unfinished) : newRun(date, options.segments, options.now(), last);
  const { runId } = first;
  try {
    const keeper = await begin(first);
    log(unfinished ? "goes on" : "begins", { runId, invocation: first.invocation, segments: first.segments.length });
    const manifest = await work(keeper, layout, options);
    if (manifest === undefined) {
      log("time is up", { runId, ...progressOf(keeper.state) });
      await options.goOn(date, runId);
      return { status: "CONTINUES", date, runId };
    }
    const { rows, conversations, files } = manifest;
    log("complete", { runId, rows, conversations, files: files.length });
    return { status: "COMPLETE", date, runId, rows, conversations, files: files.length, manifest: layout.manifest };
  } catch (error) {
    if (!(error instanceof Superseded)) throw error;
    log("superseded", { runId });
    return { status: "SUPERSEDED", date, runId };
  }
}

async function work(keeper: StateKeeper, layout: Layout, options: ExportOptions): Promise<Manifest | undefined> {
  if (keeper.state.phase === "SCANNING") await scan(keeper, layout, options);
  return keeper.state.phase === "PUBLISHING" ? publish(keeper, options.store, layout, options) : undefined;
}

/** Scans all segments at once. When one fails, the others save what they have before it is told. */
async function scan(keeper: StateKeeper, layout: Layout, options: ExportOptions): Promise<void> {
  const failure = new AbortController();
  const signal = AbortSignal.any([options.signal, failure.signal]);
  const readPage = options.pages(keeper.state.segments.length);
  const scans = keeper.state.segments.map(async (segment, index) => {
    if (segment.done) return;
    try {
      await scanSegment(segment, {
        ...options,
        readPage,
        index,
        signal,
        write: async (part, file) => {
          const key = layout.staged(keeper.state, index, part);
          await options.store.put(key, file, "text/csv; charset=utf-8");
          return key;
        },
        save: (saved) => keeper.update((state) => withSegment(state, index, saved)),
      });
    } catch (error) {
      failure.abort(error);
      throw error;
    }
  });
  const failed = (await Promise.allSettled(scans)).filter((each) => each.status === "rejected");
  // Being superseded is no failure, whatever came of it.
  const [reason] = failed.map((each) => each.reason).sort((left) => (left instanceof Superseded ? -1 : 1));
  if (failed.length > 0) throw reason;
}

function progressOf(state: State): Record<string, unknown> {
  const parts = state.segments.flatMap(({ parts }) => parts);
  return {
    phase: state.phase,
    segmentsDone: state.segments.filter(({ done }) => done).length,
    files: parts.length,
    rows: parts.reduce((total, { rows }) => total + rows, 0),
  };
}
