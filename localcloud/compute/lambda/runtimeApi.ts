// The Lambda runtime API of one execution environment ("Using the Lambda runtime API for custom runtimes"): what a runtime asks for
// its next invocation and tells its answer. The runtimes of this project speak it, and so do those in images and `provided.*`.
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Invocation } from "./invocation.js";

/** What a runtime answered; `error` carries the description of an error as JSON text. */
export type Answer = { kind: "response" | "error"; body: Buffer };

export interface RuntimeEvents {
  /** The runtime is ready for (another) invocation. */
  onReady(): void;
  /** The runtime could not initialize; JSON text. */
  onInitError(body: string): void;
  onAnswer(requestId: string, answer: Answer): void;
}

export interface RuntimeApi {
  /** `127.0.0.1:<port>`, for `AWS_LAMBDA_RUNTIME_API`. */
  readonly address: string;
  /** Hands over an invocation to the runtime, as soon as it waits for one. @param deadlineMs milliseconds of the epoch */
  dispatch(invocation: Invocation, deadlineMs: number): void;
  close(): void;
}

const VERSION = "/2018-06-01/runtime";

export async function openRuntimeApi(events: RuntimeEvents): Promise<RuntimeApi> {
  let waiting: ServerResponse | undefined;
  /** An invocation that came before the runtime asked for it: it has answered the one before, but is not back yet. */
  let next: (() => void) | undefined;
  const server = createServer((request, response) => {
    route(request, response).catch(() => response.destroy());
  });
  // The runtime's one long wait is the wait for its next invocation.
  server.keepAliveTimeout = 0;
  server.requestTimeout = 0;

  async function route(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = (request.url ?? "").replace(VERSION, "");
    if (request.method === "GET" && path === "/invocation/next") {
      waiting = response;
      events.onReady();
      const handOver = next;
      next = undefined;
      return handOver?.();
    }
    const body = await read(request);
    const [, requestId, kind] = /^\/invocation\/([^/]+)\/(response|error)$/.exec(path) ?? [];
    if (request.method === "POST" && path === "/init/error") events.onInitError(body.toString());
    else if (request.method === "POST" && requestId && kind)
      events.onAnswer(requestId, { kind: kind as Answer["kind"], body });
    else {
      response.writeHead(404, { "content-type": "application/json" });
      return void response.end(JSON.stringify({ errorType: "NotFound", errorMessage: `nothing at ${request.url}` }));
    }
    response.writeHead(202, { "content-type": "application/json" });
    response.end('{"status":"OK"}');
  }

  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    dispatch(invocation, deadlineMs) {
      const handOver = () => {
        answerNext(waiting, invocation, deadlineMs);
        waiting = undefined;
      };
      if (waiting) handOver();
      else next = handOver;
    },
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

function answerNext(response: ServerResponse | undefined, invocation: Invocation, deadlineMs: number): void {
  response?.writeHead(200, {
    "content-type": "application/json",
    "content-length": Buffer.byteLength(invocation.event),
    "Lambda-Runtime-Aws-Request-Id": invocation.requestId,
    "Lambda-Runtime-Deadline-Ms": String(deadlineMs),
    "Lambda-Runtime-Invoked-Function-Arn": invocation.invokedArn,
    ...(invocation.traceId ? { "Lambda-Runtime-Trace-Id": invocation.traceId } : {}),
    ...(invocation.clientContext ? { "Lambda-Runtime-Client-Context": invocation.clientContext } : {}),
  });
  response?.end(invocation.event);
}

async function read(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
