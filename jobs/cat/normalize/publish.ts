// Puts a scan's parts where files belong, says in a manifest which they are, and clears away what they replace.
import { mapConcurrent } from "../../lib/concurrency.js";
import type { StateKeeper } from "./keeper.js";
import { isExported, type Layout } from "./layout.js";
import { COLUMNS } from "./rows.js";
import type { State } from "./state.js";
import type { ReportStore } from "./store.js";

/** Copies on their way at once. */
const COPIES = 16;

export interface Manifest {
  date: string;
  runId: string;
  status: "COMPLETE";
  files: { key: string; rows: number; bytes: number }[];
  rows: number;
  conversations: number;
  /** Of all files together; a file has those beyond the usual ones that it needs. */
  columns: string[];
  startedAt: string;
  finishedAt: string;
}

/** What a run that was read to its end amounts to. */
export function manifestOf(state: State, layout: Layout, finishedAt: Date): Manifest {
  const parts = state.segments.flatMap(({ parts }, segment) =>
    parts.map((part, index) => ({ ...part, key: layout.file(state, segment, index) })),
  );
  const sum = (of: (part: (typeof parts)[number]) => number) => parts.reduce((total, part) => total + of(part), 0);
  const silent = state.segments.reduce((total, each) => total + each.silent, 0);
  return {
    date: state.date,
    runId: state.runId,
    status: "COMPLETE",
    files: parts.map(({ key, rows, bytes }) => ({ key, rows, bytes })),
    rows: sum(({ rows }) => rows),
    conversations: sum(({ conversations }) => conversations) + silent,
    columns: [...COLUMNS, ...new Set(parts.flatMap(({ extras }) => extras).sort())],
    startedAt: state.startedAt,
    finishedAt: finishedAt.toISOString(),
  };
}

/**
 * Publishes a run. Whatever has been done of it already is done again to the same end, or left.
 *
 * @returns the manifest, or nothing when time was up
 * @throws Superseded when another invocation publishes it
 */
export async function publish(
  keeper: StateKeeper,
  store: ReportStore,
  layout: Layout,
  { signal, now }: { signal: AbortSignal; now: () => Date },
): Promise<Manifest | undefined> {
  const { state } = keeper;
  const moves = state.segments.flatMap(({ parts }, segment) =>
    parts.map(({ staged }, index) => ({ from: staged, to: layout.file(state, segment, index) })),
  );
  for (let at = state.published; at < moves.length; at += COPIES) {
    if (signal.aborted) return undefined;
    const some = moves.slice(at, at + COPIES);
    await mapConcurrent(some, COPIES, ({ from, to }) => store.copy(from, to));
    await keeper.update((same) => ({ ...same, published: at + some.length, stalled: 0 }));
  }
  if (signal.aborted) return undefined;
  const manifest = manifestOf(state, layout, now());
  await store.put(layout.manifest, JSON.stringify(manifest, null, 2), "application/json");
  const current = new Set(manifest.files.map(({ key }) => key));
  const replaced = (await store.list(layout.folder)).filter((key) => isExported(key) && !current.has(key));
  await store.remove(replaced);
  await keeper.update((same) => ({ ...same, phase: "COMPLETE" }));
  await store.remove(await store.list(layout.staging));
  return manifest;
}
