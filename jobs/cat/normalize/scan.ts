// Reads one segment of the table, page by page, and writes it as parts. What is saved is never read again.

import { Part } from "./part.js";
import { type Origin, rowsOf } from "./rows.js";
import type { Key, Segment } from "./state.js";
import type { Attributes } from "./values.js";

export interface Page {
  items: Attributes[];
  /** Where the next page begins; absent when there is none. */
  lastKey?: Key;
}

/** Reads a page of a segment that begins behind a key. @throws the signal's reason when it aborts */
export type ReadPage = (segment: number, after: Key | undefined, signal: AbortSignal) => Promise<Page>;

export interface SegmentScan {
  index: number;
  readPage: ReadPage;
  origin: Origin;
  /** Size at which a part is finished, bytes. */
  partBytes: number;
  /** Names of the table's key attributes, which the scan may go on from. */
  keyNames: readonly string[];
  /** Aborts when there is no more time. */
  signal: AbortSignal;
  /** Writes a part, the how manieth of its segment. Returns where it is. */
  write(part: number, file: Buffer): Promise<string>;
  /** Saves how far the segment is. */
  save(segment: Segment): Promise<void>;
}

/** Scans a segment from where it was left to its end, or until time is up. Either way, what was read is saved when it resolves. */
export async function scanSegment(from: Segment, scan: SegmentScan): Promise<void> {
  let segment = from;
  let part = new Part();
  /** What follows from here is not in a part that is saved. */
  let read = segment.lastKey;
  let silent = 0;
  const finishPart = async (done: boolean) => {
    const parts = [...segment.parts];
    if (part.rows > 0) {
      const file = part.file();
      const { rows, extras, conversations } = part;
      const staged = await scan.write(parts.length, file);
      parts.push({ staged, rows, bytes: file.length, conversations, extras });
    }
    segment = { done, parts, silent: segment.silent + silent, ...(!done && read && { lastKey: read }) };
    part = new Part();
    silent = 0;
    await scan.save(segment);
  };
  while (!scan.signal.aborted) {
    const page = await pageOrNone(scan, read);
    if (page === undefined) break;
    for (const item of page.items) {
      const rows = rowsOf(item, scan.origin);
      if (rows.length === 0) silent += 1;
      else part.add(rows);
      // A scan goes on behind any item, not only behind the last of a page.
      read = keyOf(item, scan.keyNames);
      if (part.characters >= scan.partBytes) await finishPart(false);
    }
    if (page.lastKey === undefined) return finishPart(true);
    read = page.lastKey;
  }
  if (read !== undefined && read !== segment.lastKey) await finishPart(false);
}

/** Nothing when time was up before the page was there. */
async function pageOrNone(scan: SegmentScan, after: Key | undefined): Promise<Page | undefined> {
  try {
    return await scan.readPage(scan.index, after, scan.signal);
  } catch (error) {
    if (scan.signal.aborted) return undefined;
    throw error;
  }
}

function keyOf(item: Attributes, names: readonly string[]): Key {
  return Object.fromEntries(names.map((name) => [name, item[name] as unknown as Record<string, string>]));
}
