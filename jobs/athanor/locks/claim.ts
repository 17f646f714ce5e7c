// A claim: the file by which a process asks for a lock and holds it. Its name gives its place in the queue, its text says whose it is.
import { randomUUID } from "node:crypto";
import { z } from "zod";
import type { LockMode } from "../workflow.js";
import { ownerSchema } from "./owner.js";

const schema = z.object({
  /** The data set, relative to the data root (its mount point may differ from host to host). */
  path: z.string(),
  mode: z.enum(["SHARED", "EXCLUSIVE"]),
  owner: ownerSchema,
  state: z.enum(["waiting", "held"]),
  /** Since when it waits or holds, by the clock of its host; for people only. */
  since: z.string(),
  /** Without a heartbeat for so long it is stale. */
  leaseMs: z.number(),
});

/** What a claim's file says. */
export type ClaimText = z.infer<typeof schema>;

/** Place in the queue of a lock: by number, then by id. A name is never used again. */
export interface ClaimName {
  number: number;
  mode: LockMode;
  id: string;
}

/** Longer than any claim, so that a heartbeat overwrites the whole text in place. */
const SIZE = 1024;

/** Text of a claim's file; `beat` changes with every heartbeat. */
export function encodeClaim(claim: ClaimText, beat: number): string {
  const text = `${beat}\n${JSON.stringify(claim)}`;
  // Long paths are rare, and a heartbeat may not leave the end of a longer text standing.
  const size = SIZE * Math.ceil((Buffer.byteLength(text) + 1) / SIZE);
  return `${text}${" ".repeat(size - Buffer.byteLength(text) - 1)}\n`;
}

/** @returns undefined when the text is torn or not a claim's */
export function decodeClaim(text: string): ClaimText | undefined {
  try {
    return schema.parse(JSON.parse(text.slice(text.indexOf("\n") + 1)));
  } catch {
    return undefined;
  }
}

/** A name behind all `others`. */
export function nextName(others: ClaimName[], mode: LockMode): ClaimName {
  return { number: Math.max(0, ...others.map((other) => other.number)) + 1, mode, id: randomUUID() };
}

export function fileOf(name: ClaimName): string {
  return `${String(name.number).padStart(12, "0")}-${name.mode === "SHARED" ? "S" : "X"}-${name.id}`;
}

/** @returns undefined for a file that is no claim */
export function parseName(file: string): ClaimName | undefined {
  const match = /^(\d{12})-([SX])-([0-9a-f-]{36})$/.exec(file);
  if (!match) return undefined;
  return { number: Number(match[1]), mode: match[2] === "S" ? "SHARED" : "EXCLUSIVE", id: match[3] as string };
}

/** Whether `one` comes before `other` in the queue. */
export function isBefore(one: ClaimName, other: ClaimName): boolean {
  return one.number !== other.number ? one.number < other.number : one.id < other.id;
}

/** Those of `claims` that `mine` has to wait for: all before it, but for shared ones when it is shared itself. */
export function blockersOf(mine: ClaimName, claims: ClaimName[]): ClaimName[] {
  return claims.filter((claim) => isBefore(claim, mine) && (mine.mode === "EXCLUSIVE" || claim.mode === "EXCLUSIVE"));
}
