// The compute plane's HTTP host: what the bridge forwards reaches the services here. Loopback only, token-checked.
import { timingSafeEqual } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { z } from "zod";
import type { MovableClocks } from "./accountClocks.js";
import type { Credentials } from "./credentials.js";
import type { FunctionHost } from "./lambda/host.js";
import type { ComputeContext, ComputeService, TargetInvocation } from "./service.js";

/** What is reachable through the plane, once the cloud has an endpoint. */
export interface PlaneContents {
  services: ComputeService[];
  credentials: Credentials;
  /** What tasks are told about themselves; `path` begins with `/v4/`. */
  metadata?(path: string): { status: number; body: unknown };
  /** Takes events of services that are ministack's own, so that they are heard here too. */
  putEvent?: ComputeContext["putEvent"];
  /** Invokes a target of EventBridge Scheduler that belongs to no service of this plane. */
  invokeTarget?(invocation: TargetInvocation): Promise<void>;
  /** Runs Lambda functions, whose control plane is ministack's. */
  functions?: Pick<FunctionHost, "invoke" | "deliver" | "retire">;
  /** What its timetables go by. */
  clocks?: MovableClocks;
}

export interface ComputePlane {
  readonly url: string;
  /** Says what it holds. Requests that come before wait for it, also for a promise of it; they fail when that rejects. */
  attach(contents: PlaneContents | Promise<PlaneContents>): void;
  /** Stops answering; connections are closed. */
  close(): void;
}

const Forwarded = z.object({
  account: z.string(),
  region: z.string(),
  principalArn: z.string(),
  requestId: z.string(),
  method: z.string(),
  path: z.string(),
  query: z.string(),
  headers: z.record(z.string(), z.string()),
  body: z.string(),
});
const Invocation = z.object({
  account: z.string(),
  region: z.string(),
  arn: z.string(),
  roleArn: z.string().nullish(),
  input: z.string(),
  target: z.record(z.string(), z.unknown()),
  source: z.string(),
});
const Put = z.object({
  account: z.string(),
  region: z.string(),
  event: z.object({
    source: z.string(),
    detailType: z.string(),
    detail: z.unknown(),
    resources: z.array(z.string()),
  }),
});
const Retirement = z.object({
  account: z.string(),
  region: z.string(),
  name: z.string(),
  version: z.string().nullish(),
});
const Move = z.object({ account: z.string(), /** Seconds of the epoch. */ to: z.number() });
/** An error with the status that the caller is to see. */
class PlaneFault extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

/**
 * Opens the plane on a free port of 127.0.0.1.
 *
 * @param token what the bridge shows in `x-crucible-token`
 */
export async function openComputePlane(token: string): Promise<ComputePlane> {
  const secret = Buffer.from(token);
  let attach: (contents: PlaneContents | Promise<PlaneContents>) => void = () => {};
  const attached = new Promise<PlaneContents>((resolve) => {
    attach = resolve;
  });
  // A failure is for the requests that need it, and for whoever attached it.
  attached.catch(() => {});

  const server = createServer((request, response) => {
    route(request, response).catch((error: unknown) => {
      if (response.headersSent) return response.destroy();
      const status = error instanceof PlaneFault ? error.status : error instanceof z.ZodError ? 400 : 500;
      const { name: code, message } = error instanceof Error ? error : new Error(String(error));
      send(response, status, { code, message });
    });
  });
  // The bridge keeps its connections, and an answer may take long: GetActivityTask waits a minute, StartSyncExecution five.
  server.keepAliveTimeout = 0;
  server.requestTimeout = 0;
  server.timeout = 0;

  async function route(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = new URL(request.url ?? "/", "http://127.0.0.1").pathname;
    const credentials = /^\/credentials\/([0-9a-f]+)$/.exec(path)?.[1];
    if (credentials && request.method === "GET") {
      const answer = await (await attached).credentials.answer(credentials, request.headers.authorization ?? "");
      return send(response, answer.status, answer.body);
    }
    if (path.startsWith("/v4/") && request.method === "GET") {
      const { metadata } = await attached;
      const answer = metadata?.(path) ?? { status: 404, body: `nothing at ${path}` };
      return send(response, answer.status, answer.body);
    }
    const given = Buffer.from(String(request.headers["x-crucible-token"] ?? ""));
    if (given.length !== secret.length || !timingSafeEqual(given, secret))
      throw new PlaneFault(403, "x-crucible-token is missing or wrong");
    if (path === "/lifeline") return void response.writeHead(200).flushHeaders();
    if (request.method !== "POST") throw new PlaneFault(404, `nothing at ${request.method} ${path}`);
    const message = await readJson(request);
    send(response, 200, await dispatch(await attached, path, message));
  }

  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    attach,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

async function dispatch(contents: PlaneContents, path: string, message: unknown): Promise<unknown> {
  const name = /^\/service\/([a-z0-9-]+)$/.exec(path)?.[1];
  if (name) {
    const { query, body, ...rest } = Forwarded.parse(message);
    const answer = await service(contents, name).handle({
      ...rest,
      query: new URLSearchParams(query),
      body: Buffer.from(body, "base64"),
    });
    return {
      status: answer.status,
      headers: answer.headers ?? {},
      body: Buffer.from(answer.body).toString("base64"),
    };
  }
  if (path === "/target") {
    const { roleArn, ...invocation } = Invocation.parse(message);
    const name = targetService(invocation.arn);
    const owned = contents.services.find((candidate) => candidate.name === name);
    const invoke = owned ? owned.invokeTarget?.bind(owned) : contents.invokeTarget;
    if (!invoke) throw new PlaneFault(404, `${name} cannot be a target`);
    await invoke({ ...invocation, ...(roleArn ? { roleArn } : {}) });
    return {};
  }
  if (path === "/event" && contents.putEvent) {
    const { account, region, event } = Put.parse(message);
    await contents.putEvent(account, region, event);
    return {};
  }
  const { functions, clocks } = contents;
  if (path === "/clock/next" && clocks) {
    const at = clocks.next(Move.pick({ account: true }).parse(message).account);
    return { at: at === undefined ? null : at / 1000 };
  }
  if (path === "/clock/advance" && clocks) {
    const { account, to } = Move.parse(message);
    return { fired: clocks.advance(account, to * 1000) };
  }
  if (path === "/function/invoke" && functions) return functions.invoke(message);
  if (path === "/function/deliver" && functions) {
    await functions.deliver(message);
    return {};
  }
  if (path === "/function/retire" && functions) {
    const { account, region, name, version } = Retirement.parse(message);
    functions.retire(account, region, name, version ?? undefined);
    return {};
  }
  throw new PlaneFault(404, `nothing at ${path}`);
}

/** Where the SDK's name of a service is not that of its ARNs. */
const SDK_NAMES: Readonly<Record<string, string>> = { sfn: "states" };

/** The service of a target's ARN; EventBridge Scheduler's universal targets name it in `aws-sdk:<service>:<operation>`. */
function targetService(arn: string): string {
  const universal = /^arn:aws:scheduler:::aws-sdk:([a-z0-9-]+):/.exec(arn)?.[1];
  if (universal) return SDK_NAMES[universal] ?? universal;
  return arn.split(":")[2] ?? "";
}

function service(contents: PlaneContents, name: string): ComputeService {
  const found = contents.services.find((candidate) => candidate.name === name);
  if (!found) throw new PlaneFault(404, `the compute plane has no service ${name}`);
  return found;
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  try {
    return JSON.parse(Buffer.concat(chunks).toString());
  } catch {
    throw new PlaneFault(400, "the request is not JSON");
  }
}

function send(response: ServerResponse, status: number, message: unknown): void {
  const body = JSON.stringify(message);
  response.writeHead(status, { "content-type": "application/json", "content-length": Buffer.byteLength(body) });
  response.end(body);
}
