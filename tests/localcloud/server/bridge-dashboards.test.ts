import assert from "node:assert/strict";
import { CloudWatchClient, ListDashboardsCommand, PutDashboardCommand } from "@aws-sdk/client-cloudwatch";
import { clientConfig, freshAccount, testCloud } from "../../support/cloud.js";

describe("CloudWatch's dashboards", () => {
  it("are listed with the time of their last change", async () => {
    const api = new CloudWatchClient(clientConfig(await testCloud(), freshAccount()));
    const before = Date.now();
    await api.send(new PutDashboardCommand({ DashboardName: "one", DashboardBody: '{"widgets":[]}' }));
    const { DashboardEntries = [] } = await api.send(new ListDashboardsCommand({}));
    assert.deepEqual(
      DashboardEntries.map(({ DashboardName }) => DashboardName),
      ["one"],
    );
    const age = before - Number(DashboardEntries[0]?.LastModified);
    // AWS's times are of whole seconds here.
    assert.ok(Math.abs(age) < 60_000, `${age} ms`);
  });
});
