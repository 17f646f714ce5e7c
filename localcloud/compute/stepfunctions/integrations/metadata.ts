// `SdkHttpMetadata` and `SdkResponseMetadata`, which optimized integrations add to a response.
import { randomBytes } from "node:crypto";
import type { JsonObject } from "../language/json.js";
import type { HttpAnswer } from "./sdk.js";

/** Headers that AWS's services answer with, spelled as they do; others are the local cloud's own. */
const SPELLINGS = new Map(
  [
    "connection",
    "Content-Length",
    "Content-Type",
    "Date",
    "x-amz-crc32",
    "X-Amz-Executed-Version",
    "X-Amz-Function-Error",
    "X-Amz-Log-Result",
    "x-amzn-RequestId",
    "X-Amzn-Trace-Id",
    "x-amzn-Remapped-Content-Length",
  ].map((name) => [name.toLowerCase(), name]),
);

/** What AWS's front ends add and the local cloud has no reason to send; Lambda's has ways of its own. */
function withAdded(headers: Record<string, string>): Record<string, string> {
  const { connection: _ours, ...rest } = headers;
  return "x-amz-executed-version" in rest
    ? { ...rest, Connection: "keep-alive", "x-amzn-Remapped-Content-Length": "0", "X-Amzn-Trace-Id": traceId() }
    : { ...rest, connection: "keep-alive" };
}

/** As X-Ray has them: the time in seconds, then chance. */
function traceId(): string {
  const seconds = Math.floor(Date.now() / 1000).toString(16);
  const chance = randomBytes(20).toString("hex");
  return `root=1-${seconds}-${chance.slice(0, 24)};parent=${chance.slice(24, 40)};sampled=0`;
}

export function metadataOf({ statusCode, headers, requestId }: HttpAnswer): JsonObject {
  const known = Object.entries(withAdded(headers))
    .map(([name, value]) => [name === "Connection" ? name : SPELLINGS.get(name.toLowerCase()), value] as const)
    .filter((entry): entry is readonly [string, string] => entry[0] !== undefined)
    .sort(([left], [right]) => (left.toLowerCase() < right.toLowerCase() ? -1 : 1));
  return {
    SdkHttpMetadata: {
      AllHttpHeaders: Object.fromEntries(known.map(([name, value]) => [name, [value]])),
      HttpHeaders: Object.fromEntries(known),
      HttpStatusCode: statusCode,
    },
    SdkResponseMetadata: { RequestId: requestId },
  };
}
