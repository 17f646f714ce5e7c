// Widgets of a CloudWatch dashboard, and how rows of them are laid out ("Dashboard body structure and syntax", CloudWatch API
// Reference). Values may be outputs of resources.
import type { Input } from "@pulumi/pulumi";

/** A dashboard is 24 units wide. */
const WIDTH = 24;

/** `[namespace, metric, dimension, value, …, options?]`, as CloudWatch reads it. */
export type Metric = (Input<string> | Record<string, unknown>)[];

export interface Widget {
  type: "metric" | "log" | "alarm" | "text";
  properties: Record<string, unknown>;
}

/** A graph of metrics. */
export function graph(
  title: string,
  region: string,
  metrics: Metric[],
  statistic = "Sum",
  periodSeconds = 300,
): Widget {
  return {
    type: "metric",
    properties: {
      title,
      region,
      view: "timeSeries",
      stacked: false,
      stat: statistic,
      period: periodSeconds,
      metrics,
    },
  };
}

/** What a Logs Insights query finds in some log groups. */
export function query(
  title: string,
  region: string,
  logGroups: string[],
  steps: string[],
  view: "table" | "timeSeries" | "bar" = "table",
): Widget {
  const sources = logGroups.map((name) => `SOURCE '${name}'`).join(" | ");
  return { type: "log", properties: { title, region, view, query: [sources, ...steps].join("\n| ") } };
}

/** The state of alarms. */
export function alarms(title: string, arns: Input<string>[]): Widget {
  return { type: "alarm", properties: { title, alarms: arns } };
}

/** A dashboard's body: each row's widgets share its width evenly. */
export function layout(rows: { height: number; widgets: Widget[] }[]): { widgets: Record<string, unknown>[] } {
  let y = 0;
  const widgets = rows.flatMap(({ height, widgets: row }) => {
    const width = Math.floor(WIDTH / Math.max(row.length, 1));
    const top = y;
    y += height;
    return row.map(({ type, properties }, at) => ({ type, x: at * width, y: top, width, height, properties }));
  });
  return { widgets };
}
