// aws:cloudwatch/metricAlarm:MetricAlarm
import {
  CloudWatchClient,
  type ComparisonOperator,
  DeleteAlarmsCommand,
  DescribeAlarmsCommand,
  type Dimension,
  type MetricAlarm,
  type MetricDataQuery,
  PutMetricAlarmCommand,
  type StandardUnit,
  type Statistic,
} from "@aws-sdk/client-cloudwatch";
import { type Context, resource } from "../../descriptor.js";
import { flag, type Inputs, map, number, object, output, type State, set, tagged, text } from "../../properties.js";
import { tagList } from "../../tags.js";
import { readTags, updateTags } from "./tags.js";

const query = {
  id: text({ required: true }),
  accountId: text(),
  expression: text(),
  label: text(),
  metric: object({
    metricName: text({ required: true }),
    namespace: text(),
    dimensions: map(text()),
    period: number({ required: true }),
    stat: text({ required: true }),
    unit: text(),
  }),
  period: number(),
  returnData: flag({ default: false }),
};
type Query = Inputs<typeof query>;

const properties = {
  name: text({ computed: true, replace: true, max: 255, autoName: { max: 255 } }),
  comparisonOperator: text({ required: true }),
  evaluationPeriods: number({ required: true, min: 1 }),
  threshold: number({ integer: false }),
  thresholdMetricId: text(),
  metricName: text(),
  namespace: text(),
  dimensions: map(text()),
  period: number(),
  statistic: text({ values: ["SampleCount", "Average", "Sum", "Minimum", "Maximum"] }),
  extendedStatistic: text(),
  unit: text(),
  metricQueries: set(object(query)),
  datapointsToAlarm: number({ min: 1 }),
  treatMissingData: text({ default: "missing", values: ["breaching", "notBreaching", "ignore", "missing"] }),
  evaluateLowSampleCountPercentiles: text({ computed: true, values: ["evaluate", "ignore"] }),
  alarmDescription: text({ max: 1024 }),
  actionsEnabled: flag({ default: true }),
  alarmActions: set(text(), { max: 5 }),
  okActions: set(text(), { max: 5 }),
  insufficientDataActions: set(text(), { max: 5 }),
  ...tagged,
  arn: output(text()),
};

export const metricAlarm = resource({
  type: "aws:cloudwatch/metricAlarm:MetricAlarm",
  properties,

  check(inputs) {
    if ((inputs.metricName === undefined) === (inputs.metricQueries === undefined))
      return [{ property: "metricName", reason: "exactly one of metricName, metricQueries is needed" }];
    if (inputs.threshold === undefined && inputs.thresholdMetricId === undefined)
      return [{ property: "threshold", reason: "one of threshold, thresholdMetricId is needed" }];
    return [];
  },

  async create(inputs, context) {
    const name = inputs.name as string;
    const request = { ...settings(name, inputs), Tags: inputs.tags ? tagList(inputs.tags) : undefined };
    await context.client(CloudWatchClient).send(new PutMetricAlarmCommand(request));
    return name;
  },

  async read(id, context, known) {
    const found = await describe(id, context);
    if (!found) return undefined;
    return {
      name: id,
      comparisonOperator: found.ComparisonOperator,
      evaluationPeriods: found.EvaluationPeriods,
      ...metricState(found, known),
      datapointsToAlarm: found.DatapointsToAlarm ?? undefined,
      treatMissingData: found.TreatMissingData ?? "missing",
      evaluateLowSampleCountPercentiles:
        found.EvaluateLowSampleCountPercentile ?? known.evaluateLowSampleCountPercentiles,
      alarmDescription: found.AlarmDescription,
      actionsEnabled: found.ActionsEnabled,
      alarmActions: found.AlarmActions ?? [],
      okActions: found.OKActions ?? [],
      insufficientDataActions: found.InsufficientDataActions ?? [],
      ...(await readTags(found.AlarmArn ?? "", context)),
      arn: found.AlarmArn,
    };
  },

  async update({ id, old, inputs, changes }, context) {
    const others = Object.keys(properties).filter((name) => name !== "tags") as (keyof typeof properties)[];
    if (changes(...others))
      await context.client(CloudWatchClient).send(new PutMetricAlarmCommand(settings(id, inputs)));
    if (changes("tags")) await updateTags(old.arn ?? "", old.tags, inputs.tags, context);
  },

  async delete(id, _state, context) {
    await context.client(CloudWatchClient).send(new DeleteAlarmsCommand({ AlarmNames: [id] }));
  },
});

async function describe(name: string, context: Context): Promise<MetricAlarm | undefined> {
  const found = await context
    .client(CloudWatchClient)
    .send(new DescribeAlarmsCommand({ AlarmNames: [name], AlarmTypes: ["MetricAlarm"] }));
  return found.MetricAlarms?.find((alarm) => alarm.AlarmName === name);
}

/** What is watched. An alarm on an expression has no metric of its own. */
function metricState(found: MetricAlarm, known: State<typeof properties>): State<typeof properties> {
  // Clouds that keep no expressions tell nothing of them: then what was asked for holds.
  const queries = found.Metrics?.length ? found.Metrics.map(queryState) : known.metricQueries;
  const threshold = { threshold: found.Threshold, thresholdMetricId: found.ThresholdMetricId };
  if (queries?.length) {
    const onBand = threshold.thresholdMetricId ?? known.thresholdMetricId;
    return { metricQueries: queries, ...(onBand ? { thresholdMetricId: onBand } : threshold) };
  }
  return {
    ...threshold,
    metricName: found.MetricName,
    namespace: found.Namespace,
    dimensions: dimensionState(found.Dimensions),
    period: found.Period,
    statistic: found.ExtendedStatistic ? undefined : found.Statistic,
    extendedStatistic: found.ExtendedStatistic ?? undefined,
    unit: found.Unit ?? undefined,
  };
}

function queryState(found: MetricDataQuery): Query {
  const metric = found.MetricStat;
  return {
    id: found.Id ?? "",
    accountId: found.AccountId,
    expression: found.Expression,
    label: found.Label,
    metric: metric && {
      metricName: metric.Metric?.MetricName ?? "",
      namespace: metric.Metric?.Namespace,
      dimensions: dimensionState(metric.Metric?.Dimensions),
      period: metric.Period ?? 0,
      stat: metric.Stat ?? "",
      unit: metric.Unit,
    },
    period: found.Period,
    returnData: found.ReturnData ?? false,
  };
}

function dimensionState(dimensions: readonly Dimension[] | undefined): Record<string, string> {
  return Object.fromEntries((dimensions ?? []).map((each) => [each.Name ?? "", each.Value ?? ""]));
}

function dimensionList(dimensions: Record<string, string> | undefined): Dimension[] | undefined {
  return dimensions && Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value }));
}

/** Everything of an alarm but its tags: putting an alarm writes it anew. */
function settings(name: string, inputs: Inputs<typeof properties>) {
  return {
    AlarmName: name,
    ComparisonOperator: inputs.comparisonOperator as ComparisonOperator,
    EvaluationPeriods: inputs.evaluationPeriods,
    Threshold: inputs.threshold,
    ThresholdMetricId: inputs.thresholdMetricId,
    MetricName: inputs.metricName,
    Namespace: inputs.namespace,
    Dimensions: dimensionList(inputs.dimensions),
    Period: inputs.period,
    Statistic: inputs.statistic as Statistic | undefined,
    ExtendedStatistic: inputs.extendedStatistic,
    Unit: inputs.unit as StandardUnit | undefined,
    Metrics: inputs.metricQueries?.map(queryRequest),
    DatapointsToAlarm: inputs.datapointsToAlarm,
    TreatMissingData: inputs.treatMissingData,
    EvaluateLowSampleCountPercentile: inputs.evaluateLowSampleCountPercentiles,
    AlarmDescription: inputs.alarmDescription,
    ActionsEnabled: inputs.actionsEnabled,
    AlarmActions: inputs.alarmActions,
    OKActions: inputs.okActions,
    InsufficientDataActions: inputs.insufficientDataActions,
  };
}

function queryRequest(query: Query): MetricDataQuery {
  const { metric } = query;
  return {
    Id: query.id,
    AccountId: query.accountId,
    Expression: query.expression,
    Label: query.label,
    MetricStat: metric && {
      Metric: {
        MetricName: metric.metricName,
        Namespace: metric.namespace,
        Dimensions: dimensionList(metric.dimensions),
      },
      Period: metric.period,
      Stat: metric.stat,
      Unit: metric.unit as StandardUnit | undefined,
    },
    Period: query.period,
    ReturnData: query.returnData,
  };
}
