// The engine's events, reduced to what the driver shows and keeps. The engine has masked secrets in them already.
import { stripVTControlCharacters } from "node:util";
import type { EngineEvent, StepEventMetadata } from "@pulumi/pulumi/automation/events.js";
import type { EngineProgress } from "./protocol.js";

/** The engine also has `debug`, for which nobody asked. */
const SEVERITIES: Record<string, "info" | "warning" | "error"> = {
  info: "info",
  "info#err": "info",
  warning: "warning",
  error: "error",
};

/** What a person would want to know of an event; undefined for the rest. */
export function progressOf(event: EngineEvent): EngineProgress | undefined {
  if (event.resourcePreEvent) return resource("begin", event.resourcePreEvent.metadata);
  if (event.resOutputsEvent) return resource("done", event.resOutputsEvent.metadata);
  if (event.resOpFailedEvent) return resource("failed", event.resOpFailedEvent.metadata);
  if (event.diagnosticEvent) {
    const { severity, message, urn, ephemeral } = event.diagnosticEvent;
    const text = plain(message).trim();
    const level = SEVERITIES[severity];
    if (ephemeral || text === "" || level === undefined) return undefined;
    return {
      kind: "diagnostic",
      severity: level,
      message: text,
      ...(urn && { urn }),
    };
  }
  return undefined;
}

/** Count of resources by operation, of an event that ends an operation. */
export const changesOf = (event: EngineEvent): Record<string, number> | undefined =>
  event.summaryEvent && { ...(event.summaryEvent.resourceChanges as Record<string, number>) };

function resource(phase: "begin" | "done" | "failed", { op, urn, type }: StepEventMetadata): EngineProgress {
  return { kind: "resource", phase, op, urn, type };
}

/** Without the engine's colour tags (`<{%fg 1%}>`) and a terminal's. */
export const plain = (text: string): string => stripVTControlCharacters(text.replace(/<\{%[^%]*%\}>/g, ""));

/** `aws:s3/bucket:Bucket` → `s3 Bucket`; `crucible:sanders:Lake` → `sanders Lake`. */
export function shortType(type: string): string {
  const [, module = "", name = ""] = type.split(":");
  return `${module.split("/")[0] ?? ""} ${name}`.trim();
}

export const nameOfUrn = (urn: string): string => urn.split("::").slice(3).join("::") || urn;
