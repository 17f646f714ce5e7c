// Requests to services whose SDK clients nothing else here needs, made by hand.
import assert from "node:assert/strict";

/** Who asks, and where. */
export interface Caller {
  endpoint: string;
  /** Acts as its root. */
  account: string;
  region: string;
}

async function ask(caller: Caller, service: string, path: string, request: RequestInit): Promise<string> {
  const { endpoint, account, region } = caller;
  // Of a signature the local cloud looks at the account, the region and the service.
  const scope = `Credential=${account}/20260101/${region}/${service}/aws4_request`;
  const authorization = `AWS4-HMAC-SHA256 ${scope}, SignedHeaders=host, Signature=0`;
  const answer = await fetch(`${endpoint}${path}`, { ...request, headers: { authorization, ...request.headers } });
  const text = await answer.text();
  assert.ok(answer.ok, `${service} ${path}: ${answer.status} ${text}`);
  return text;
}

/** One operation of a service that speaks awsJson. @param target e.g. `Kinesis_20131202.CreateStream` */
export async function askJson(caller: Caller, service: string, target: string, input: object = {}) {
  const headers = { "content-type": "application/x-amz-json-1.1", "x-amz-target": target };
  const text = await ask(caller, service, "/", { method: "POST", headers, body: JSON.stringify(input) });
  return (text ? JSON.parse(text) : {}) as Record<string, Record<string, unknown>>;
}

/** One operation of a service that speaks the query protocol. */
export const askQuery = (caller: Caller, service: string, input: Record<string, string>) =>
  ask(caller, service, "/", { method: "POST", body: new URLSearchParams(input) });

/** One operation of a service that speaks REST; the body is JSON, or XML as it is. */
export const askRest = (caller: Caller, service: string, method: string, path: string, body?: object | string) =>
  ask(caller, service, path, {
    method,
    ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
  });
