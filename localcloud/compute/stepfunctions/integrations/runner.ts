// Carries out tasks: finds the integration of a task's resource, sends its request as the task's role, and follows it to its end.
import type { EventTap } from "../../eventTap.js";
import { StatesError } from "../language/errors.js";
import type { Json } from "../language/json.js";
import { callAwsSdk } from "./awsSdk.js";
import { Connection } from "./connection.js";
import { invokeFunction } from "./function.js";
import type { TaskCall, TaskRunner } from "./integration.js";
import { performOptimized } from "./optimized.js";
import { parseTaskResource, unrecognized } from "./resource.js";
import { SdkClients } from "./sdk.js";
import { findIntegration } from "./services/index.js";

/** What tasks reach, passed in. */
export interface IntegrationWorld {
  /** Endpoint of the local cloud, e.g. `http://127.0.0.1:4566`: every request goes there with the task's own session, so that IAM decides. */
  endpoint: string;
  /** Hears the events of compute services: build one `EventTap`, and hand `tap.tapped(context)` to Batch, Step Functions and the others. */
  events: EventTap;
  /** For the few things that have to be asked for again, e.g. `systemClock(context.now)`. */
  /** Takes one line for the cloud's log. */
  log(message: string): void;
}

export interface Integrator extends TaskRunner {
  /** Ends the connections that are kept. */
  close(): void;
}

/** The runner of a cloud's tasks. */
export function createTaskRunner(world: IntegrationWorld): Integrator {
  const clients = new SdkClients(world.endpoint);
  let isClosed = false;
  return {
    start(call) {
      void perform(world, clients, call).catch((error: unknown) => {
        const { error: name, cause } =
          error instanceof StatesError ? error : new StatesError("States.Runtime", (error as Error).message);
        if (call.signal.aborted) {
          // What a task began, and could not be stopped, is worth a line; a request that was broken off is not.
          if (!isClosed && call.effect.resource.includes(".sync"))
            world.log(`states: ${call.effect.resource} of a task that was stopped: ${name}: ${cause}`);
        } else
          call.reply({
            kind: "failed",
            ...(name === undefined ? {} : { error: name }),
            ...(cause === undefined ? {} : { cause }),
          });
      });
    },
    close() {
      isClosed = true;
      clients.close();
    },
  };
}

async function perform(world: IntegrationWorld, clients: SdkClients, call: TaskCall): Promise<void> {
  const { effect, signal } = call;
  const succeed = (output: Json, text?: string) => {
    if (!signal.aborted) call.reply({ kind: "succeeded", output, ...(text === undefined ? {} : { text }) });
  };
  const connect = (service: string) => new Connection(clients, call, service);
  const resource = parseTaskResource(effect.resource);
  if (resource?.kind === "function") {
    const { output, text } = await invokeFunction(resource.arn, effect.parameters, connect("lambda"), signal);
    return succeed(output, text);
  }
  if (resource?.kind === "aws-sdk") {
    const output = await callAwsSdk(resource, effect.parameters, connect(resource.service), signal);
    if (resource.pattern === "requestResponse") succeed(output);
    else if (!signal.aborted) call.reply({ kind: "submitted", output });
    return;
  }
  const found = resource && findIntegration(resource);
  if (!found) throw new StatesError("States.Runtime", unrecognized(effect.resource));
  await performOptimized(world, call, resource, found, connect(found.names.sdk));
}
