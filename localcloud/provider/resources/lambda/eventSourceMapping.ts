// aws:lambda/eventSourceMapping:EventSourceMapping, of queues and streams.
import {
  CreateEventSourceMappingCommand,
  type CreateEventSourceMappingCommandInput,
  DeleteEventSourceMappingCommand,
  type EventSourcePosition,
  type FunctionResponseType,
  GetEventSourceMappingCommand,
  LambdaClient,
  UpdateEventSourceMappingCommand,
} from "@aws-sdk/client-lambda";
import { type Context, resource } from "../../descriptor.js";
import { hasCode, orAbsent } from "../../errors.js";
import { flag, type Inputs, json, number, object, output, type State, set, text } from "../../properties.js";

const properties = {
  eventSourceArn: text({ required: true, replace: true }),
  functionName: text({ required: true, equals: (left, right) => nameOf(left) === nameOf(right) }),
  enabled: flag({ default: true }),
  batchSize: number({ computed: true, min: 1, max: 10_000 }),
  maximumBatchingWindowInSeconds: number({ computed: true, min: 0, max: 300 }),
  startingPosition: text({ replace: true, values: ["TRIM_HORIZON", "LATEST", "AT_TIMESTAMP"] }),
  startingPositionTimestamp: text({ replace: true, unread: true }),
  bisectBatchOnFunctionError: flag({ computed: true }),
  maximumRecordAgeInSeconds: number({ computed: true, min: -1, max: 604_800 }),
  maximumRetryAttempts: number({ computed: true, min: -1, max: 10_000 }),
  parallelizationFactor: number({ computed: true, min: 1, max: 10 }),
  tumblingWindowInSeconds: number({ computed: true, min: 0, max: 900 }),
  functionResponseTypes: set(text({ values: ["ReportBatchItemFailures"] })),
  filterCriteria: object({ filters: set(object({ pattern: json() })) }),
  destinationConfig: object({ onFailure: object({ destinationArn: text({ required: true }) }) }),
  scalingConfig: object({ maximumConcurrency: number({ min: 2, max: 1000 }) }),
  arn: output(text()),
  functionArn: output(text(), { volatile: true }),
  lastModified: output(text(), { volatile: true }),
  state: output(text(), { volatile: true }),
  uuid: output(text()),
};
type MappingInputs = Inputs<typeof properties>;

export const eventSourceMapping = resource({
  type: "aws:lambda/eventSourceMapping:EventSourceMapping",
  properties,
  identity: ["eventSourceArn", "functionName"],

  async create(inputs, context) {
    const lambda = context.client(LambdaClient);
    const request = new CreateEventSourceMappingCommand({
      ...settings(inputs),
      EventSourceArn: inputs.eventSourceArn,
      StartingPosition: inputs.startingPosition as EventSourcePosition | undefined,
      StartingPositionTimestamp: inputs.startingPositionTimestamp
        ? new Date(inputs.startingPositionTimestamp)
        : undefined,
    });
    // The role's permission to read the source may be younger than the mapping.
    const made = await context.retry(
      () => lambda.send(request),
      (error) =>
        hasCode(error, ["InvalidParameterValueException"]) && /execution role does not have/.test(error.message),
    );
    const id = made.UUID as string;
    context.created(id);
    await untilSettled(id, context);
    return id;
  },

  async read(id, context) {
    const found = await context.client(LambdaClient).send(new GetEventSourceMappingCommand({ UUID: id }));
    const filters = found.FilterCriteria?.Filters ?? [];
    const failed = found.DestinationConfig?.OnFailure?.Destination;
    return {
      eventSourceArn: found.EventSourceArn,
      functionName: found.FunctionArn,
      enabled: !/^Disabl/.test(found.State ?? ""),
      batchSize: found.BatchSize,
      maximumBatchingWindowInSeconds: found.MaximumBatchingWindowInSeconds ?? 0,
      startingPosition: found.StartingPosition,
      bisectBatchOnFunctionError: found.BisectBatchOnFunctionError ?? false,
      maximumRecordAgeInSeconds: found.MaximumRecordAgeInSeconds,
      maximumRetryAttempts: found.MaximumRetryAttempts,
      parallelizationFactor: found.ParallelizationFactor,
      tumblingWindowInSeconds: found.TumblingWindowInSeconds,
      functionResponseTypes: found.FunctionResponseTypes?.length ? found.FunctionResponseTypes : undefined,
      filterCriteria:
        filters.length > 0 ? { filters: filters.map(({ Pattern }) => ({ pattern: Pattern })) } : undefined,
      destinationConfig: failed ? { onFailure: { destinationArn: failed } } : undefined,
      scalingConfig: found.ScalingConfig?.MaximumConcurrency
        ? { maximumConcurrency: found.ScalingConfig.MaximumConcurrency }
        : undefined,
      arn: `arn:${context.partition}:lambda:${context.region}:${found.FunctionArn?.split(":")[4]}:event-source-mapping:${id}`,
      functionArn: found.FunctionArn,
      lastModified: found.LastModified?.toISOString(),
      state: found.State,
      uuid: id,
    } as State<typeof properties>;
  },

  async update({ id, inputs }, context) {
    const cleared = {
      FilterCriteria: { Filters: [] },
      FunctionResponseTypes: [],
      DestinationConfig: {},
      ScalingConfig: {},
    };
    const given = Object.entries(settings(inputs)).filter(([, value]) => value !== undefined);
    const request = { ...cleared, ...Object.fromEntries(given), UUID: id };
    await context.client(LambdaClient).send(new UpdateEventSourceMappingCommand(request));
    await untilSettled(id, context);
  },

  async delete(id, _state, context) {
    const lambda = context.client(LambdaClient);
    await lambda.send(new DeleteEventSourceMappingCommand({ UUID: id }));
    await context.waitFor(
      `event source mapping ${id} to be gone`,
      async () => ((await orAbsent(lambda.send(new GetEventSourceMappingCommand({ UUID: id })))) ? undefined : true),
      300,
    );
  },
});

function settings(inputs: MappingInputs): CreateEventSourceMappingCommandInput {
  const { filterCriteria, destinationConfig, scalingConfig } = inputs;
  return {
    FunctionName: inputs.functionName,
    Enabled: inputs.enabled,
    BatchSize: inputs.batchSize,
    MaximumBatchingWindowInSeconds: inputs.maximumBatchingWindowInSeconds,
    BisectBatchOnFunctionError: inputs.bisectBatchOnFunctionError,
    MaximumRecordAgeInSeconds: inputs.maximumRecordAgeInSeconds,
    MaximumRetryAttempts: inputs.maximumRetryAttempts,
    ParallelizationFactor: inputs.parallelizationFactor,
    TumblingWindowInSeconds: inputs.tumblingWindowInSeconds,
    FunctionResponseTypes: inputs.functionResponseTypes as FunctionResponseType[] | undefined,
    FilterCriteria: filterCriteria && { Filters: filterCriteria.filters?.map(({ pattern }) => ({ Pattern: pattern })) },
    DestinationConfig: destinationConfig?.onFailure && {
      OnFailure: { Destination: destinationConfig.onFailure.destinationArn },
    },
    ScalingConfig: scalingConfig && { MaximumConcurrency: scalingConfig.maximumConcurrency },
  };
}

/** Waits until the mapping is neither being made nor changed. */
async function untilSettled(UUID: string, context: Context): Promise<void> {
  await context.waitFor(
    `event source mapping ${UUID} to be settled`,
    async () => {
      const { State } = await context.client(LambdaClient).send(new GetEventSourceMappingCommand({ UUID }));
      return ["Enabled", "Disabled"].includes(State ?? "") ? true : undefined;
    },
    300,
  );
}

/** A function by its name: given as that, or as an ARN with or without a qualifier. */
function nameOf(text: string): string {
  return text.startsWith("arn:") ? text.split(":").slice(6).join(":") : text;
}
