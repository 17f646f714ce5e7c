// aws:cloudwatch/logMetricFilter:LogMetricFilter
import {
  CloudWatchLogsClient,
  DeleteMetricFilterCommand,
  DescribeMetricFiltersCommand,
  PutMetricFilterCommand,
  type StandardUnit,
} from "@aws-sdk/client-cloudwatch-logs";
import { type Context, resource } from "../../descriptor.js";
import { hasCode } from "../../errors.js";
import { type Inputs, map, object, text } from "../../properties.js";

const properties = {
  name: text({ computed: true, replace: true, max: 512, autoName: { max: 512 } }),
  logGroupName: text({ required: true, replace: true }),
  // May be empty, which matches every line.
  pattern: text({ required: true, max: 1024, equals: (left, right) => left.trim() === right.trim() }),
  metricTransformation: object(
    {
      name: text({ required: true }),
      namespace: text({ required: true }),
      value: text({ required: true }),
      defaultValue: text({ equals: (left, right) => Number(left) === Number(right) }),
      dimensions: map(text()),
      unit: text({ default: "None" }),
    },
    { required: true },
  ),
};

export const logMetricFilter = resource({
  type: "aws:cloudwatch/logMetricFilter:LogMetricFilter",
  properties,
  identity: ["name", "logGroupName"],

  async create(inputs, context) {
    await put(inputs, context);
    return inputs.name as string;
  },

  async read(id, context, known) {
    const [logGroupName, name] = known.logGroupName ? [known.logGroupName, known.name ?? id] : fromImportId(id);
    const answer = await context
      .client(CloudWatchLogsClient)
      .send(new DescribeMetricFiltersCommand({ logGroupName, filterNamePrefix: name }));
    const found = answer.metricFilters?.find((filter) => filter.filterName === name);
    const transformation = found?.metricTransformations?.[0];
    if (!found || !transformation) return undefined;
    return {
      id: name,
      name,
      logGroupName,
      pattern: found.filterPattern ?? "",
      metricTransformation: {
        name: transformation.metricName ?? "",
        namespace: transformation.metricNamespace ?? "",
        value: transformation.metricValue ?? "",
        defaultValue: transformation.defaultValue === undefined ? undefined : `${transformation.defaultValue}`,
        dimensions: transformation.dimensions,
        unit: transformation.unit ?? "None",
      },
    };
  },

  async update({ inputs }, context) {
    await put(inputs, context);
  },

  async delete(id, state, context) {
    const request = { logGroupName: state.logGroupName, filterName: state.name ?? id };
    await context.client(CloudWatchLogsClient).send(new DeleteMetricFilterCommand(request));
  },
});

async function put(inputs: Inputs<typeof properties>, context: Context): Promise<void> {
  const transformation = inputs.metricTransformation;
  const request = new PutMetricFilterCommand({
    logGroupName: inputs.logGroupName,
    filterName: inputs.name,
    filterPattern: inputs.pattern.trim(),
    metricTransformations: [
      {
        metricName: transformation.name,
        metricNamespace: transformation.namespace,
        metricValue: transformation.value,
        defaultValue: transformation.defaultValue === undefined ? undefined : Number(transformation.defaultValue),
        dimensions: transformation.dimensions,
        unit: transformation.unit as StandardUnit | undefined,
      },
    ],
  });
  await context.retry(
    () => context.client(CloudWatchLogsClient).send(request),
    (error) => hasCode(error, ["OperationAbortedException"]),
  );
}

/** `/aws/batch/job:errors`, as the official provider imports filters. */
function fromImportId(id: string): [string, string] {
  const at = id.lastIndexOf(":");
  if (at <= 0) throw new Error(`"${id}" is not LOGGROUP:NAME, by which a metric filter is imported`);
  return [id.slice(0, at), id.slice(at + 1)];
}
