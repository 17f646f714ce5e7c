// Task: one call of a resource, with its time-out and heartbeats.
import { StatesError } from "../../language/errors.js";
import type { Chance } from "../../language/intrinsic.js";
import { isObject, type Json, type JsonObject, sizeOf } from "../../language/json.js";
import { evaluateTemplate } from "../../language/jsonata.js";
import type { Reply } from "../effects.js";
import type { Visit } from "../fields.js";
import { MAXIMUM_PAYLOAD_BYTES, type Result, tooLarge } from "../machine.js";
import { Payload } from "../payload.js";
import { type Details, errorDetails } from "../run.js";

/** What kind of resource an ARN names, and how its events are called. */
type Resource =
  | { kind: "lambda"; arn: string }
  | { kind: "activity"; arn: string }
  | { kind: "service"; type: string; action: string; usesToken: boolean };

export function parseResource(arn: string): Resource {
  const service = /^arn:[^:]+:states:[^:]*:[^:]*:(.+?):([^:]+(?::2)?)$/.exec(arn);
  if (service && service[1] !== "activity") {
    const [, type = "", action = ""] = service;
    return { kind: "service", type, action, usesToken: action.endsWith(".waitForTaskToken") };
  }
  return arn.includes(":activity:") ? { kind: "activity", arn } : { kind: "lambda", arn };
}

/** A token in the service's manner: opaque, and longer than any identifier. */
const newTaskToken = (chance: Chance): string =>
  Buffer.from(`${chance.uuid()}${chance.uuid()}${chance.uuid()}`).toString("base64");

export async function runTask(visit: Visit): Promise<Result> {
  const { state, run } = visit;
  const resource = parseResource(state.Resource as string);
  const usesToken = resource.kind === "activity" || (resource.kind === "service" && resource.usesToken);
  visit.taskToken = usesToken ? newTaskToken(run.options.chance) : undefined;
  const input = visit.effectiveInput();
  const timeoutSeconds = await visit.number("TimeoutSeconds", "integer", input.value);
  const heartbeatSeconds = await visit.number("HeartbeatSeconds", "integer", input.value);
  const parameters = await parametersOf(visit, input);
  const credentials = await credentialsOf(visit, input.value);
  const events = new TaskEvents(visit, resource);
  events.scheduled(parameters, timeoutSeconds, heartbeatSeconds, credentials);
  if (resource.kind !== "activity") events.started();
  const payload = await conversation(visit, events, {
    parameters: parameters.value,
    timeoutSeconds,
    heartbeatSeconds,
    roleArn: typeof credentials?.RoleArn === "string" ? credentials.RoleArn : undefined,
  });
  return { payload };
}

async function parametersOf(visit: Visit, input: Payload): Promise<Payload> {
  const { state } = visit;
  if (visit.isJsonata)
    return state.Arguments === undefined
      ? input
      : visit.inspect(
          "afterArguments",
          Payload.of(await evaluateTemplate(state.Arguments, "Arguments", visit.bindings())),
        );
  return state.Parameters === undefined
    ? input
    : visit.inspect("afterParameters", Payload.of(visit.template(state.Parameters, input.value)));
}

async function credentialsOf(visit: Visit, data: Json): Promise<JsonObject | undefined> {
  const { Credentials } = visit.state;
  if (Credentials === undefined) return undefined;
  const value = visit.isJsonata
    ? await evaluateTemplate(Credentials, "Credentials", visit.bindings())
    : visit.template(Credentials, data);
  return isObject(value) ? value : undefined;
}

interface Call {
  parameters: Json;
  timeoutSeconds: number | undefined;
  heartbeatSeconds: number | undefined;
  roleArn: string | undefined;
}

/** Starts the task and follows it to its end, its time-out or a missing heartbeat. */
function conversation(visit: Visit, events: TaskEvents, call: Call): Promise<Payload> {
  const { run, frame, state, name } = visit;
  const { scope } = frame;
  return run
    .suspend<() => Payload>(scope, (resume) => {
      let timeout: string | undefined;
      let heartbeat: string | undefined;
      const end = (outcome: () => Payload, cancel = false) => {
        if (timeout) run.release(scope, timeout, true);
        if (heartbeat) run.release(scope, heartbeat, true);
        run.release(scope, task, cancel);
        resume(outcome);
      };
      const timedOut = (aliases: string[]) => () =>
        end(() => {
          events.timedOut();
          const error = new StatesError("States.Timeout", undefined);
          error.aliases = aliases;
          error.isLocated = true;
          throw error;
        }, true);
      const listen = () => {
        if (heartbeat) run.release(scope, heartbeat, true);
        if (call.heartbeatSeconds !== undefined)
          heartbeat = run.request(
            scope,
            { kind: "timer", atMs: run.nowMs + call.heartbeatSeconds * 1000 },
            timedOut(["States.HeartbeatTimeout"]),
          );
      };
      const onReply = (reply: Reply) => {
        if (reply.kind === "started") {
          events.started(reply.workerName);
          listen();
        } else if (reply.kind === "submitted") events.submitted(reply.output);
        else if (reply.kind === "heartbeat") listen();
        else if (reply.kind === "succeeded") end(() => events.succeeded(reply.output, reply.text));
        else if (reply.kind === "failed") end(() => events.failed(reply.error, reply.cause));
      };
      const task = run.request(
        scope,
        {
          kind: "task",
          state: name,
          resource: state.Resource as string,
          parameters: call.parameters,
          ...(visit.taskToken === undefined ? {} : { taskToken: visit.taskToken }),
          ...(call.roleArn === undefined ? {} : { roleArn: call.roleArn }),
        },
        onReply,
      );
      if (call.timeoutSeconds !== undefined)
        timeout = run.request(scope, { kind: "timer", atMs: run.nowMs + call.timeoutSeconds * 1000 }, timedOut([]));
      listen();
    })
    .then((outcome) => outcome());
}

/** The events of one call, named after the kind of resource. */
class TaskEvents {
  constructor(
    private readonly visit: Visit,
    private readonly resource: Resource,
  ) {}

  private get prefix(): string {
    return { lambda: "LambdaFunction", activity: "Activity", service: "Task" }[this.resource.kind];
  }

  /** Emits e.g. `TaskStarted` with the details that all events of this kind of resource carry. */
  private emit(name: string, details: JsonObject, { alwaysDetailed = true } = {}): void {
    const { run, frame } = this.visit;
    const common: JsonObject =
      this.resource.kind === "service" ? { resourceType: this.resource.type, resource: this.resource.action } : {};
    const all = { ...common, ...details };
    const type = `${this.prefix}${name}`;
    const key = `${type.charAt(0).toLowerCase()}${type.slice(1)}EventDetails` as `${string}Details`;
    const body: Details = alwaysDetailed || Object.keys(all).length > 0 ? { [key]: all } : {};
    run.emit(frame.cursor, type, body, { scope: frame.scope });
  }

  scheduled(
    parameters: Payload,
    timeout: number | undefined,
    heartbeat: number | undefined,
    credentials: JsonObject | undefined,
  ): void {
    const timing = {
      ...(timeout === undefined ? {} : { timeoutInSeconds: timeout }),
      ...(heartbeat === undefined ? {} : { heartbeatInSeconds: heartbeat }),
      ...(credentials === undefined ? {} : { taskCredentials: { roleArn: credentials.RoleArn ?? "" } }),
    };
    if (this.resource.kind === "service")
      this.emit("Scheduled", { parameters: parameters.text, region: this.visit.run.options.region, ...timing });
    else
      this.emit("Scheduled", {
        input: parameters.text,
        inputDetails: { truncated: false },
        resource: this.resource.arn,
        ...timing,
      });
  }

  started(workerName?: string): void {
    this.emit("Started", workerName === undefined ? {} : { workerName }, {
      alwaysDetailed: this.resource.kind !== "lambda",
    });
  }

  submitted(output: Json): void {
    this.emit("Submitted", { output: JSON.stringify(output), outputDetails: { truncated: false } });
  }

  succeeded(output: Json, text: string | undefined): Payload {
    const payload = text === undefined ? Payload.of(output) : Payload.read(text, output);
    if (sizeOf(payload.text) > MAXIMUM_PAYLOAD_BYTES) {
      const error = tooLarge(this.resource.kind === "service" ? this.resource.type : this.visit.name);
      return this.failed(error.error, error.cause);
    }
    this.emit("Succeeded", { output: payload.text, outputDetails: { truncated: false } });
    return payload;
  }

  failed(error: string | undefined, cause: string | undefined): never {
    this.emit("Failed", errorDetails(error, cause));
    const failure = new StatesError(error, cause);
    failure.isLocated = true;
    throw failure;
  }

  timedOut(): void {
    this.emit("TimedOut", { error: "States.Timeout" });
  }
}
