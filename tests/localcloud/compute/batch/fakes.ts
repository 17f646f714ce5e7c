// A cloud without processes and without waiting: executor, clock and context that a test moves by hand.
import assert from "node:assert/strict";
import { EventEmitter, once } from "node:events";
import type { BatchOptions, BatchService } from "../../../../localcloud/compute/batch/service.js";
import { createBatchService } from "../../../../localcloud/compute/batch/service.js";
import type { Clock } from "../../../../localcloud/compute/clock.js";
import type {
  ContainerExit,
  ContainerSpec,
  Executor,
  RunningContainer,
} from "../../../../localcloud/compute/executors/executor.js";
import {
  type LogDestination,
  type LogEvent,
  type LogsApi,
  LogWriter,
} from "../../../../localcloud/compute/logs/writer.js";
import type { ComputeContext, ServiceEvent } from "../../../../localcloud/compute/service.js";

// biome-ignore lint/suspicious/noExplicitAny: answers are read member by member, and a missing member has to fail the test
export type Json = any;

export const ACCOUNT = "111122223333";
export const REGION = "eu-central-1";

/** Of every image. */
export const DIGEST = `sha256:${"1".repeat(64)}`;

/** A container that runs until the test ends it. */
export class FakeContainer implements RunningContainer {
  readonly pulled: Promise<{ digest: string; at: Date }>;
  readonly started: Promise<Date>;
  readonly exited: Promise<ContainerExit>;
  stopped?: number;
  #exit!: (exit: ContainerExit) => void;

  constructor(
    readonly spec: ContainerSpec,
    unpullable?: string,
  ) {
    this.pulled = unpullable
      ? Promise.reject(new Error(unpullable))
      : Promise.resolve({ digest: DIGEST, at: new Date(0) });
    this.pulled.catch(() => undefined);
    this.started = unpullable ? Promise.reject(new Error(unpullable)) : Promise.resolve(new Date(0));
    this.started.catch(() => undefined);
    this.exited = new Promise((resolve) => {
      this.#exit = resolve;
    });
    if (unpullable) this.#exit({ reason: unpullable, stoppedAt: new Date(0) });
  }

  exit(exitCode: number, reason?: string): void {
    this.#exit({ exitCode, reason, startedAt: new Date(0), stoppedAt: new Date(0) });
  }

  /** Exit code of commands run in the container. */
  health = 0;
  readonly commands: string[][] = [];

  async exec(command: readonly string[]): Promise<number> {
    this.commands.push([...command]);
    return this.health;
  }

  async stop(graceSeconds?: number): Promise<void> {
    this.stopped = graceSeconds;
    this.exit(137);
  }
}

/** Hands every container to the test, in the order in which they start. */
export class FakeExecutor implements Executor {
  readonly name = "process";
  readonly containers: FakeContainer[] = [];
  /** Images that cannot be pulled, with AWS's reason. */
  readonly unpullable = new Map<string, string>();
  readonly #arrivals = new EventEmitter();

  run(spec: ContainerSpec): FakeContainer {
    const container = new FakeContainer(spec, this.unpullable.get(spec.image));
    this.containers.push(container);
    this.#arrivals.emit("container");
    return container;
  }

  /** The container at `index`, as soon as it has been started. */
  async container(index: number): Promise<FakeContainer> {
    for (;;) {
      const found = this.containers[index];
      if (found) return found;
      await once(this.#arrivals, "container");
    }
  }

  async close(): Promise<void> {}
}

/** Time that passes when the test says so. */
export class FakeClock implements Clock {
  #now = Date.parse("2026-02-07T02:00:00Z");
  #timers = new Map<symbol, { at: number; act: () => void }>();

  now(): number {
    return this.#now;
  }

  get timers(): number {
    return this.#timers.size;
  }

  after(milliseconds: number, act: () => void): () => void {
    const key = Symbol();
    this.#timers.set(key, { at: this.#now + milliseconds, act });
    return () => this.#timers.delete(key);
  }

  advance(milliseconds: number): void {
    this.#now += milliseconds;
    for (const [key, { at, act }] of [...this.#timers]) if (at <= this.#now && this.#timers.delete(key)) act();
  }
}

/** CloudWatch Logs in memory; groups that exist are in `groups`. */
export class FakeLogs implements LogsApi {
  readonly groups = new Set<string>();
  readonly streams = new Map<string, LogEvent[]>();
  readonly puts: LogEvent[][] = [];

  async createGroup({ group }: LogDestination): Promise<void> {
    this.groups.add(group);
  }

  async createStream({ group, stream }: LogDestination): Promise<void> {
    if (!this.groups.has(group))
      throw Object.assign(new Error("The specified log group does not exist."), { name: "ResourceNotFoundException" });
    this.streams.set(`${group} ${stream}`, []);
  }

  async put({ group, stream }: LogDestination, events: LogEvent[]): Promise<void> {
    this.puts.push(events);
    this.streams.get(`${group} ${stream}`)?.push(...events);
  }
}

export interface FakeCloud {
  readonly batch: BatchService;
  readonly executor: FakeExecutor;
  readonly clock: FakeClock;
  readonly logs: FakeLogs;
  readonly events: ServiceEvent[];
  readonly granted: { roleArn: string; sessionName: string; revoked: boolean }[];
  /** Calls an operation; rejects with the API's error. */
  call(operation: string, body: Record<string, unknown>): Promise<Json>;
  request(
    method: string,
    path: string,
    body?: unknown,
    query?: string,
  ): Promise<{ status: number; body: Json; type?: string }>;
  /** Resolves once everything that was set in motion has come to rest. */
  settled(): Promise<void>;
}

/** An error of the API, as a client sees it. */
export class ApiError extends Error {
  constructor(
    readonly code: string,
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

export function fakeCloud(options: BatchOptions & { refusedRoles?: string[] } = {}): FakeCloud {
  const executor = new FakeExecutor();
  const clock = new FakeClock();
  const logs = new FakeLogs();
  const events: ServiceEvent[] = [];
  const granted: FakeCloud["granted"] = [];
  const context: ComputeContext = {
    endpoint: "http://127.0.0.1:1",
    computeUrl: "http://127.0.0.1:2",
    dataDir: "/nonexistent",
    clientConfig: () => {
      throw new Error("this test reaches no other service");
    },
    putEvent: async (_account, _region, event) => void events.push(event),
    assumeRole: async () => {
      throw new Error("this test assumes no role");
    },
    permits: async () => true,
    credentials: {
      async grant({ roleArn, sessionName }) {
        if (options.refusedRoles?.includes(roleArn)) throw new Error("AccessDenied");
        granted.push({ roleArn, sessionName, revoked: false });
        return { uri: `http://127.0.0.1:2/credentials/${granted.length - 1}`, token: "token" };
      },
      revoke(uri) {
        const grant = granted[Number(uri.split("/").at(-1))];
        if (grant) grant.revoked = true;
      },
    },
    now: () => new Date(clock.now()),
    log: (message) => {
      throw new Error(`unexpected message: ${message}`);
    },
  };
  const batch = createBatchService(context, executor, {
    machine: { cores: 64, memoryMiB: 1024 * 1024 },
    clock,
    checkEnvironment: async () => undefined,
    logs: new LogWriter({ api: logs, flushMillis: 1, log: context.log }),
    ...options,
  });
  const request: FakeCloud["request"] = async (method, path, body, query = "") => {
    const answer = await batch.handle({
      account: ACCOUNT,
      region: REGION,
      principalArn: `arn:aws:iam::${ACCOUNT}:root`,
      requestId: "request-1",
      method,
      path,
      query: new URLSearchParams(query),
      headers: {},
      body: Buffer.from(body === undefined ? "" : JSON.stringify(body)),
    });
    return { status: answer.status, body: JSON.parse(String(answer.body)), type: answer.headers?.["x-amzn-errortype"] };
  };
  const settled = async (): Promise<void> => {
    for (let turn = 0; turn < 8; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  };
  return {
    batch,
    executor,
    clock,
    logs,
    events,
    granted,
    request,
    settled,
    async call(operation, body) {
      const answer = await request("POST", `/v1/${operation}`, body);
      if (answer.status !== 200) throw new ApiError(answer.type ?? "", answer.status, answer.body.message);
      return answer.body;
    },
  };
}

export const FARGATE_RESOURCES = {
  type: "FARGATE",
  maxvCpus: 16,
  subnets: ["subnet-1"],
  securityGroupIds: ["sg-1"],
};

/** A container of 0.25 vCPU and 512 MiB on Fargate. */
export const SMALL_CONTAINER = {
  image: `${ACCOUNT}.dkr.ecr.${REGION}.amazonaws.com/app:latest`,
  command: ["jobs/hello"],
  executionRoleArn: `arn:aws:iam::${ACCOUNT}:role/execution`,
  resourceRequirements: [
    { type: "VCPU", value: "0.25" },
    { type: "MEMORY", value: "512" },
  ],
};

/** A Fargate environment `ce`, a queue `queue` on it and a job definition `definition`. */
export async function withQueue(
  cloud: FakeCloud,
  definition: Record<string, unknown> = {},
  maxvCpus = 16,
): Promise<void> {
  await cloud.call("createcomputeenvironment", {
    computeEnvironmentName: "ce",
    type: "MANAGED",
    computeResources: { ...FARGATE_RESOURCES, maxvCpus },
  });
  await cloud.settled();
  await cloud.call("createjobqueue", {
    jobQueueName: "queue",
    priority: 1,
    computeEnvironmentOrder: [{ order: 1, computeEnvironment: "ce" }],
  });
  await cloud.call("registerjobdefinition", {
    jobDefinitionName: "definition",
    type: "container",
    platformCapabilities: ["FARGATE"],
    containerProperties: SMALL_CONTAINER,
    ...definition,
  });
  await cloud.settled();
}

/** Submits a job of `definition` to `queue`; returns its id. */
export async function submit(cloud: FakeCloud, body: Record<string, unknown> = {}): Promise<string> {
  const answer = await cloud.call("submitjob", {
    jobName: "job",
    jobQueue: "queue",
    jobDefinition: "definition",
    ...body,
  });
  return answer.jobId;
}

export async function jobOf(cloud: FakeCloud, id: string): Promise<Json> {
  const { jobs } = await cloud.call("describejobs", { jobs: [id] });
  return jobs[0];
}

/** AWS's wrapping of what its validation says. */
export const wrapped = (text: string): string => `Error executing request, Exception : ${text}, RequestId: request-1`;

/** Asserts that a call is a client error with this message. */
export const refused = (cloud: FakeCloud, operation: string, body: Record<string, unknown>, message: string | RegExp) =>
  assert.rejects(cloud.call(operation, body), { code: "ClientException", status: 400, message });
