// What the engine says when it fails, as the few lines that matter.
import { plain } from "./events.js";

/** The CLI's whole output is the message of the SDK's error: only what stands under its headings is worth showing. */
export function engineMessage(error: unknown, diagnostics: readonly string[]): string {
  const unique = [...new Set(diagnostics.map((message) => message.trim()).filter(Boolean))];
  if (unique.length > 0) return unique.join("\n");
  const text = plain(error instanceof Error ? error.message : String(error));
  const lines = text.split("\n").map((line) => line.trim());
  const errors = lines.filter((line) => /^error:/.test(line));
  if (errors.length > 0) return [...new Set(errors)].map((line) => line.replace(/^error: /, "")).join("\n");
  return lines.filter(Boolean).slice(0, 20).join("\n");
}

/** A command of the engine that failed. */
export class EngineFailure extends Error {
  override name = "EngineFailure";
  /** @param cause the SDK's or the process's error @param diagnostics what the engine's events complained of */
  constructor(cause: unknown, diagnostics: readonly string[] = []) {
    super(engineMessage(cause, diagnostics), { cause });
  }
}

/** Diagnostics that only sum up others. */
export const isSummary = (message: string): boolean =>
  /^(error: )?(update|destroy|preview|refresh) (failed|cancell?ed)$/.test(message) ||
  /resource(s)? (could not be|failed)/.test(message);
