import {
  CloudWatchClient,
  DeleteAlarmsCommand,
  DeleteDashboardsCommand,
  DescribeAlarmsCommand,
  ListDashboardsCommand,
} from "@aws-sdk/client-cloudwatch";
import type { InventorySource } from "../item.js";
import { allPages } from "../pages.js";

/** Metrics are not listed: nobody can delete one, they expire. */
export const cloudWatch: InventorySource = {
  service: "cloudwatch",
  async list(client) {
    const api = client(CloudWatchClient);
    const alarms = await allPages(async (NextToken) => {
      const page = await api.send(
        new DescribeAlarmsCommand({ NextToken, AlarmTypes: ["MetricAlarm", "CompositeAlarm"] }),
      );
      const items = [...(page.MetricAlarms ?? []), ...(page.CompositeAlarms ?? [])].map(({ AlarmName }) => AlarmName);
      return { items, token: page.NextToken };
    });
    const dashboards = await allPages(async (NextToken) => {
      const page = await api.send(new ListDashboardsCommand({ NextToken }));
      return { items: page.DashboardEntries?.map(({ DashboardName }) => DashboardName), token: page.NextToken };
    });
    return [
      ...alarms.map((name) => ({
        type: "AWS::CloudWatch::Alarm",
        id: name,
        remove: () => api.send(new DeleteAlarmsCommand({ AlarmNames: [name] })),
      })),
      ...dashboards.map((name) => ({
        type: "AWS::CloudWatch::Dashboard",
        id: name,
        remove: () => api.send(new DeleteDashboardsCommand({ DashboardNames: [name] })),
      })),
    ];
  },
};
