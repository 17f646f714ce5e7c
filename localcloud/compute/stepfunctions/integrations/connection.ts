// One task's way to a service: its parameters become a request that is sent with its session, and the answer becomes a result.
import { StatesError } from "../language/errors.js";
import type { Json, JsonObject } from "../language/json.js";
import { noSession } from "./failures.js";
import type { TaskCall } from "./integration.js";
import { type SdkModule, sdkModule } from "./module.js";
import { operationShapes } from "./schema.js";
import { type HttpAnswer, type SdkClients, sendCommand } from "./sdk.js";
import { type Spelling, toInput, toResult } from "./shapes.js";

export interface Answer {
  /** Spelled as the kind of integration does. */
  result: JsonObject;
  /** As the SDK gave it. */
  output: Record<string, unknown>;
  http: HttpAnswer;
}

export interface Request {
  operation: string;
  parameters: JsonObject;
  spelling: Spelling;
  /** Words an error of the service or the connection. */
  failure(error: unknown, module: SdkModule): StatesError;
  abortSignal?: AbortSignal;
}

export class Connection {
  constructor(
    private readonly clients: SdkClients,
    private readonly call: Pick<TaskCall, "region" | "credentials">,
    /** The service's name in `aws-sdk` resources. */
    private readonly service: string,
  ) {}

  /** @throws StatesError in AWS's words, whatever goes wrong */
  async send({ operation, parameters, spelling, failure, abortSignal }: Request): Promise<Answer> {
    const module = await sdkModule(this.service);
    const Command = module?.command(operation);
    if (!module || !Command) throw new StatesError("States.Runtime", `${this.service} has no operation ${operation}`);
    const { input, output } = operationShapes(new Command({}).schema);
    const problems: string[] = [];
    const command = new Command(toInput(input, parameters, spelling, problems) as object);
    if (problems.length > 0) throw unusable(parameters, problems);
    const credentials = await this.call.credentials().catch((error: unknown) => {
      throw noSession(error);
    });
    const client = this.clients.get(this.service, module, { region: this.call.region, credentials });
    try {
      const answer = await sendCommand(client, command, abortSignal);
      const read = await readStreams(answer.output);
      const given = module.handOn?.(operation, read) ?? read;
      return { result: toResult(output, given, spelling) as JsonObject, output: given, http: answer.http };
    } catch (error) {
      throw failure(error, module);
    }
  }
}

/** Parameters that are not the request's, as AWS says it. */
export const unusable = (parameters: Json, problems: string[]): StatesError =>
  new StatesError(
    "States.Runtime",
    `The Parameters '${JSON.stringify(parameters)}' could not be used to start the Task: [${problems.join(", ")}]`,
  );

/** The output with its body, where it has one that comes as a stream, read to the end. */
async function readStreams(output: Record<string, unknown>): Promise<Record<string, unknown>> {
  const read: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(output)) {
    const stream = value as { transformToByteArray?(): Promise<Uint8Array> } | undefined;
    read[name] = typeof stream?.transformToByteArray === "function" ? await stream.transformToByteArray() : value;
  }
  return read;
}
