// Lambda functions: what came of an invocation, for the function's own ARN as a resource and for `lambda:invoke`.
import { StatesError } from "../language/errors.js";
import { isObject, type Json } from "../language/json.js";
import type { Connection } from "./connection.js";
import type { ServiceNames } from "./descriptor.js";
import { optimizedFailure } from "./failures.js";
import { SPELLING } from "./optimized.js";

export const LAMBDA: ServiceNames = {
  sdk: "lambda",
  prefix: "Lambda",
  label: "AWSLambda",
  exception: "AWSLambdaException",
  reword: (message) => message.replace(/^(Function not found: arn:.*:function:[^:]+)$/, "$1:$LATEST"),
};

/**
 * Invokes the function with the input. What it returned is passed on as it stands.
 *
 * @throws StatesError named after the class that the function raised
 */
export async function invokeFunction(
  arn: string,
  input: Json,
  connection: Connection,
  abortSignal: AbortSignal,
): Promise<{ output: Json; text: string }> {
  const { output } = await connection.send({
    operation: "Invoke",
    parameters: { FunctionName: arn, Payload: payload(input) },
    spelling: SPELLING,
    failure: (error, module) => optimizedFailure(error, LAMBDA, module),
    abortSignal,
  });
  const text = payloadText(output);
  const value = readPayload(text);
  if (output.FunctionError !== undefined) throw functionError(value, text);
  return { output: value, text };
}

/** A function's input, as parameters have bytes. */
export const payload = (input: Json): string => Buffer.from(JSON.stringify(input)).toString("base64");

export const payloadText = ({ Payload }: Record<string, unknown>): string =>
  Buffer.from((Payload as Uint8Array | undefined) ?? []).toString("utf8");

/** The payload's JSON; what is none stays a text. */
export function readPayload(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return text;
  }
}

/** A function's error is named by its class, so that `Catch` and `Retry` can match it; its payload is the cause. */
export function functionError(payload: Json, text: string): StatesError {
  if (isObject(payload) && typeof payload.errorType === "string") return new StatesError(payload.errorType, text);
  return new StatesError(
    "Lambda.Unknown",
    `The cause could not be determined because Lambda did not return an error type. Returned payload: ${text}`,
  );
}
