// aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig
import {
  DeleteFunctionEventInvokeConfigCommand,
  GetFunctionEventInvokeConfigCommand,
  LambdaClient,
  PutFunctionEventInvokeConfigCommand,
} from "@aws-sdk/client-lambda";
import { type Context, resource } from "../../descriptor.js";
import { type Inputs, number, object, type State, text } from "../../properties.js";

const destination = object({ destination: text({ required: true }) });
const properties = {
  functionName: text({ required: true, replace: true }),
  qualifier: text({ replace: true }),
  maximumEventAgeInSeconds: number({ min: 60, max: 21_600 }),
  maximumRetryAttempts: number({ default: 2, min: 0, max: 2 }),
  destinationConfig: object({ onFailure: destination, onSuccess: destination }),
};

/** Longest age of an event, seconds: what holds when nothing is said. */
const LONGEST_AGE = 21_600;

export const functionEventInvokeConfig = resource({
  type: "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig",
  properties,
  identity: ["functionName", "qualifier"],

  async create(inputs, context) {
    await put(inputs, context);
    return inputs.qualifier ? `${inputs.functionName}:${inputs.qualifier}` : inputs.functionName;
  },

  async read(id, context) {
    const { FunctionName, Qualifier } = placeOf(id);
    const found = await context
      .client(LambdaClient)
      .send(new GetFunctionEventInvokeConfigCommand({ FunctionName, Qualifier }));
    const { OnFailure, OnSuccess } = found.DestinationConfig ?? {};
    const onFailure = OnFailure?.Destination ? { destination: OnFailure.Destination } : undefined;
    const onSuccess = OnSuccess?.Destination ? { destination: OnSuccess.Destination } : undefined;
    const age = found.MaximumEventAgeInSeconds;
    return {
      functionName: FunctionName,
      qualifier: Qualifier,
      maximumEventAgeInSeconds: age === LONGEST_AGE ? undefined : age,
      maximumRetryAttempts: found.MaximumRetryAttempts ?? 2,
      destinationConfig: onFailure || onSuccess ? { onFailure, onSuccess } : undefined,
    } as State<typeof properties>;
  },

  async update({ inputs }, context) {
    await put(inputs, context);
  },

  async delete(id, _state, context) {
    await context.client(LambdaClient).send(new DeleteFunctionEventInvokeConfigCommand(placeOf(id)));
  },
});

async function put(inputs: Inputs<typeof properties>, context: Context): Promise<void> {
  const { onFailure, onSuccess } = inputs.destinationConfig ?? {};
  await context.client(LambdaClient).send(
    new PutFunctionEventInvokeConfigCommand({
      FunctionName: inputs.functionName,
      Qualifier: inputs.qualifier,
      MaximumEventAgeInSeconds: inputs.maximumEventAgeInSeconds ?? LONGEST_AGE,
      MaximumRetryAttempts: inputs.maximumRetryAttempts,
      DestinationConfig: {
        OnFailure: onFailure ? { Destination: onFailure.destination } : {},
        OnSuccess: onSuccess ? { Destination: onSuccess.destination } : {},
      },
    }),
  );
}

/** The id is the function's name or ARN, with the qualifier behind it, if there is one. */
function placeOf(id: string): { FunctionName: string; Qualifier?: string } {
  const [, FunctionName = id, Qualifier] =
    /^(arn:[^:]+:lambda:[^:]+:\d+:function:[^:]+|[^:]+)(?::(.+))?$/.exec(id) ?? [];
  return { FunctionName, Qualifier };
}
