// One execution environment: a process with a function's code and its role's session, which serves one invocation at a time.
import { randomBytes } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import type { ContainerExit, Executor, RunningContainer } from "../executors/executor.js";
import { cloudWatchLogs } from "../logs/cloudwatch.js";
import { type LogStream, LogWriter } from "../logs/writer.js";
import type { ComputeContext, SessionCredentials } from "../service.js";
import { type FunctionError, type FunctionVersion, type Invocation, languageOf, type Outcome } from "./invocation.js";
import * as report from "./report.js";
import { type Answer, openRuntimeApi, type RuntimeApi } from "./runtimeApi.js";
import { variablesOf } from "./variables.js";

/** Stands for a line end within one message; twice, before a request's id, it says that the request's output ends. */
const LINE_END = "\u001e";
const OUTPUT_END = LINE_END + LINE_END;
/** X-Amz-Log-Result carries so much. */
const MOST_LOG_BYTES = 4096;
/** The session of an environment's role; a role may not allow longer ones. */
const SESSION_SECONDS = 3600;
/** Output of a runtime that does not say where it ends may still be on its way. */
const OUTPUT_GRACE_MS = 25;
/** Lambda gives the initialization so long before the function's own timeout counts. */
const INIT_SECONDS = 10;

export interface EnvironmentWorld {
  readonly context: Pick<ComputeContext, "endpoint" | "assumeRole" | "now" | "log">;
  /** Where the function's package type runs. */
  readonly executor: Executor;
}

interface Running {
  invocation: Invocation;
  answer(answer: Answer): void;
  /** Streams of the runtime whose output of this invocation is complete. */
  endedStreams: number;
  outputEnded(): void;
}

/** A runtime that could not be made ready; `error` is what the caller is told. */
class InitFailed extends Error {
  constructor(readonly error: FunctionError) {
    super(error.errorMessage);
  }
}

export class ExecutionEnvironment {
  readonly #world: EnvironmentWorld;
  readonly #function: FunctionVersion;
  readonly #id = randomBytes(16).toString("hex");
  #api: RuntimeApi | undefined;
  #container: RunningContainer | undefined;
  #exit: ContainerExit | undefined;
  #session: SessionCredentials | undefined;
  #logs: LogStream | undefined;
  #ready: (() => void) | undefined;
  #initFailed: ((error: InitFailed) => void) | undefined;
  #running: Running | undefined;
  #tail: string[] = [];
  #initMillis: number | undefined;

  constructor(world: EnvironmentWorld, version: FunctionVersion) {
    this.#world = world;
    this.#function = version;
  }

  /** Whether it can take another invocation: it runs, and its session outlasts the function's timeout. */
  get usable(): boolean {
    const { timeoutSeconds } = this.#function;
    const left = (this.#session?.expiration.getTime() ?? 0) - this.#world.context.now().getTime();
    return this.#exit === undefined && left > (timeoutSeconds + 60) * 1000;
  }

  /** Runs one invocation; initializes the environment first, if it is new. Always resolves. */
  async invoke(invocation: Invocation): Promise<Outcome> {
    const { requestId } = invocation;
    const { version, timeoutSeconds, memoryMiB } = this.#function;
    this.#tail = [];
    let initError: FunctionError | undefined;
    const coldStart = this.#container === undefined;
    if (coldStart) initError = await this.#initialize(requestId);
    this.#line(report.startLine(requestId, version));
    const begun = performance.now();
    const { payload, error, failure } = initError
      ? { payload: undefined, error: initError, failure: { status: "error", errorType: initError.errorType } as const }
      : await this.#run(invocation, timeoutSeconds);
    const durationMillis = performance.now() - begun;
    this.#line(report.endLine(requestId));
    const maxMemoryUsedMiB = this.#memory();
    const initMillis = coldStart ? this.#initMillis : undefined;
    this.#line(report.reportLine({ requestId, durationMillis, initMillis, memoryMiB, maxMemoryUsedMiB, failure }));
    return {
      payload: payload ?? JSON.stringify(error),
      ...(error || failure ? { functionError: "Unhandled" } : {}),
      log: lastBytes(this.#tail.join("\n")),
      durationMillis,
      maxMemoryUsedMiB,
    };
  }

  /** Ends the process and hands over what it wrote; resolves when nothing of it is left. */
  async close(): Promise<void> {
    await this.#container?.stop(0);
    this.#api?.close();
    await this.#logs?.close();
  }

  /** Makes the runtime ready for its first invocation; what goes wrong is an error of the function. */
  async #initialize(requestId: string): Promise<FunctionError | undefined> {
    const { timeoutSeconds } = this.#function;
    const begun = performance.now();
    const patience = new AbortController();
    try {
      await Promise.race([
        this.#start(),
        delay((INIT_SECONDS + timeoutSeconds) * 1000, undefined, { signal: patience.signal }).then(() => {
          throw new InitFailed(report.timedOut(requestId, timeoutSeconds));
        }),
      ]);
      return undefined;
    } catch (error) {
      void this.#container?.stop(0);
      if (error instanceof InitFailed) return error.error;
      return {
        errorType: "Runtime.InitError",
        errorMessage: `RequestId: ${requestId} Error: ${(error as Error).message}`,
      };
    } finally {
      patience.abort();
      this.#initMillis = performance.now() - begun;
    }
  }

  async #start(): Promise<void> {
    const { context, executor } = this.#world;
    const version = this.#function;
    const { account, region, name } = version;
    const stream = report.logStreamName(context.now(), version.version, this.#id);
    const initialized = new Promise<void>((resolve, reject) => {
      this.#ready = resolve;
      this.#initFailed = reject;
    });
    initialized.catch(() => {});
    const [session, api] = await Promise.all([
      context.assumeRole({
        account,
        region,
        roleArn: version.roleArn,
        sessionName: name,
        service: "lambda.amazonaws.com",
        durationSeconds: SESSION_SECONDS,
      }),
      openRuntimeApi({
        onReady: () => this.#ready?.(),
        onInitError: (body) => this.#initFailed?.(new InitFailed(JSON.parse(body))),
        onAnswer: (requestId, answer) => {
          if (this.#running?.invocation.requestId === requestId) this.#running.answer(answer);
        },
      }),
    ]);
    this.#session = session;
    this.#api = api;
    // Whether a function's log is written is decided by its role, as on AWS.
    const clientConfig = () => ({ endpoint: context.endpoint, region, credentials: session });
    const writer = new LogWriter({ api: cloudWatchLogs({ clientConfig }), log: (line) => context.log(line) });
    this.#logs = writer.open({ account, region, group: version.logGroup, stream }, true);
    this.#container = executor.run({
      id: `lambda-${name}-${this.#id.slice(0, 8)}`,
      account,
      region,
      image: version.imageUri ?? version.revision,
      command: version.command ?? undefined,
      environment: variablesOf(version, { endpoint: context.endpoint, api: api.address, session, stream }),
      memoryMiB: version.memoryMiB,
      // Lambda gives processors in proportion to memory: one for 1,769 MB ("Configure Lambda function memory").
      vcpus: version.memoryMiB / 1769,
      onLine: (line, at) => this.#output(line, at),
    });
    void this.#container.exited.then((exit) => {
      this.#exit = exit;
      this.#initFailed?.(new InitFailed(exitError(exit)));
      this.#running?.answer({ kind: "error", body: Buffer.from("") });
    });
    await initialized;
  }

  async #run(
    invocation: Invocation,
    timeoutSeconds: number,
  ): Promise<{ payload?: string; error?: FunctionError; failure?: report.Report["failure"] }> {
    const { requestId } = invocation;
    let outputEnded: () => void = () => {};
    const output = new Promise<void>((resolve) => {
      outputEnded = resolve;
    });
    const patience = new AbortController();
    const answered = new Promise<Answer>((answer) => {
      this.#running = { invocation, answer, endedStreams: 0, outputEnded };
    });
    const timeout = delay(timeoutSeconds * 1000, "timeout" as const, { signal: patience.signal }).catch(
      () => undefined,
    );
    // What ended since its last invocation has no runtime that waits.
    if (this.#exit === undefined) this.#api?.dispatch(invocation, Date.now() + timeoutSeconds * 1000);
    const answer = this.#exit
      ? { kind: "error" as const, body: Buffer.from("") }
      : await Promise.race([answered, timeout]);
    patience.abort();
    try {
      if (answer === "timeout" || answer === undefined) {
        await this.#container?.stop(0);
        const now = this.#world.context.now();
        this.#line(report.timeoutLine(now, requestId, timeoutSeconds));
        return { error: report.timedOut(requestId, timeoutSeconds), failure: { status: "timeout" } };
      }
      if (answer.body.length === 0 && this.#exit) {
        const error = report.exited(requestId, this.#exit.exitCode);
        this.#line(error.errorMessage);
        const errorType = this.#exit.reason?.startsWith("OutOfMemory") ? "Runtime.OutOfMemory" : error.errorType;
        return { error, failure: { status: "error", errorType } };
      }
      const speaks = languageOf(this.#function.runtime);
      await (speaks === "node" || speaks === "python"
        ? Promise.race([output, this.#container?.exited])
        : delay(OUTPUT_GRACE_MS));
      if (answer.body.length > report.MOST_RESPONSE_BYTES) return { error: report.tooLarge(answer.body.length) };
      const payload = answer.body.toString();
      return answer.kind === "response" ? { payload } : { error: JSON.parse(payload) };
    } finally {
      this.#running = undefined;
    }
  }

  #output(line: string, at: Date): void {
    if (line.startsWith(OUTPUT_END)) {
      const running = this.#running;
      if (running?.invocation.requestId === line.slice(OUTPUT_END.length) && ++running.endedStreams === 2)
        running.outputEnded();
      return;
    }
    this.#line(line.replaceAll(LINE_END, "\n"), at);
  }

  #line(line: string, at = this.#world.context.now()): void {
    this.#tail.push(line);
    this.#logs?.write(line, at);
  }

  #memory(): number {
    const peak = this.#exit?.peakMemoryMiB ?? this.#container?.peakMemoryMiB;
    return Math.min(this.#function.memoryMiB, peak ?? 0);
  }
}

function exitError(exit: ContainerExit): FunctionError {
  if (exit.startedAt === undefined)
    return { errorType: "Runtime.InvalidEntrypoint", errorMessage: exit.reason ?? "the runtime could not be started" };
  const { errorType, errorMessage } = report.exited("", exit.exitCode);
  return { errorType, errorMessage: errorMessage.replace("RequestId:  Error: ", "") };
}

function lastBytes(text: string): string {
  const bytes = Buffer.from(text);
  return bytes.length <= MOST_LOG_BYTES ? text : bytes.subarray(-MOST_LOG_BYTES).toString();
}
