// Where an environment lives: the local cloud, real AWS, or an endpoint that speaks AWS's protocols.
import { UsageError } from "../errors.js";

export type Target = { kind: "local" } | { kind: "aws" } | { kind: "endpoint"; url: string };

/**
 * Reads `local`, `aws` or the URL of an endpoint.
 *
 * @throws UsageError for anything else
 */
export function parseTarget(text: string): Target {
  if (text === "local" || text === "aws") return { kind: text };
  try {
    const url = new URL(text);
    if (url.protocol === "http:" || url.protocol === "https:")
      return { kind: "endpoint", url: url.href.replace(/\/$/, "") };
  } catch {
    // Not a URL: answered below, with what would have been understood.
  }
  throw new UsageError(`"${text}" is not a target; use local, aws, or the URL of an endpoint (http://127.0.0.1:4566).`);
}

export const formatTarget = (target: Target): string => (target.kind === "endpoint" ? target.url : target.kind);
