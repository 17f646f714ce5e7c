// The protocol awsJson 1.1, which Amazon ECS and AWS Glue speak: the operation in X-Amz-Target, JSON both ways.
import type { ServiceRequest, ServiceResponse } from "./service.js";

/** The operation that a request names; empty when it names none. */
export const operationOf = ({ headers }: ServiceRequest): string => headers["x-amz-target"]?.split(".").at(-1) ?? "";

/** @throws SyntaxError when the body is no JSON */
export const bodyOf = ({ body }: ServiceRequest): unknown => (body.length > 0 ? JSON.parse(body.toString()) : {});

/** An answer; its timestamps become seconds of the epoch. */
export function awsJsonAnswer(status: number, body: unknown): ServiceResponse {
  const text = JSON.stringify(body, function (this: Record<string, unknown>, key, value: unknown) {
    const plain = this[key];
    return plain instanceof Date ? plain.getTime() / 1000 : value;
  });
  return { status, headers: { "content-type": "application/x-amz-json-1.1" }, body: text };
}
