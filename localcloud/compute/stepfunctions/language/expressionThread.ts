// The thread's side: one expression after the other, as they come.
import { parentPort } from "node:worker_threads";
import { evaluateAtLength, type Given } from "./expression.js";

export interface ToThread {
  source: string;
  given: Given;
  /** A longer text of the value is not sent back, bytes of UTF-8. */
  maximumBytes: number;
}
export type FromThread =
  | { kind: "value"; text: string }
  | { kind: "nothing" | "unsupported" | "tooLarge" }
  | { kind: "failed"; code?: string; message: string };

parentPort?.on("message", async (asked: ToThread) => parentPort?.postMessage(await answer(asked)));

async function answer({ source, given, maximumBytes }: ToThread): Promise<FromThread> {
  try {
    const result = await evaluateAtLength(source, given);
    if (result.kind !== "value") return result;
    const text = JSON.stringify(result.value);
    return Buffer.byteLength(text) > maximumBytes ? { kind: "tooLarge" } : { kind: "value", text };
  } catch (error) {
    const { code, message } = error as { code?: string; message?: string };
    return { kind: "failed", ...(code ? { code } : {}), message: message ?? String(error) };
  }
}
