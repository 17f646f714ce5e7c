// aws:cloudwatch/dashboard:Dashboard
import {
  CloudWatchClient,
  DeleteDashboardsCommand,
  GetDashboardCommand,
  PutDashboardCommand,
} from "@aws-sdk/client-cloudwatch";
import { type Context, resource } from "../../descriptor.js";
import { json, output, text } from "../../properties.js";

export const dashboard = resource({
  type: "aws:cloudwatch/dashboard:Dashboard",
  properties: {
    dashboardName: text({
      required: true,
      replace: true,
      max: 255,
      check: (name) =>
        /^[A-Za-z0-9_-]+$/.test(name)
          ? undefined
          : "a dashboard's name has letters, digits, hyphens and underscores only",
    }),
    dashboardBody: json({ required: true }),
    dashboardArn: output(text()),
  },
  identity: ["dashboardName"],

  async create(inputs, context) {
    await put(inputs.dashboardName, inputs.dashboardBody, context);
    return inputs.dashboardName;
  },

  async read(id, context) {
    const found = await context.client(CloudWatchClient).send(new GetDashboardCommand({ DashboardName: id }));
    return {
      dashboardName: found.DashboardName,
      dashboardBody: found.DashboardBody,
      dashboardArn: found.DashboardArn,
    };
  },

  async update({ id, inputs }, context) {
    await put(id, inputs.dashboardBody, context);
  },

  async delete(id, _state, context) {
    await context.client(CloudWatchClient).send(new DeleteDashboardsCommand({ DashboardNames: [id] }));
  },
});

/** @throws with AWS's messages when it finds the body wanting. */
async function put(name: string, body: string, context: Context): Promise<void> {
  const answer = await context
    .client(CloudWatchClient)
    .send(new PutDashboardCommand({ DashboardName: name, DashboardBody: body }));
  const messages = answer.DashboardValidationMessages ?? [];
  if (messages.length > 0)
    throw new Error(
      `the dashboard ${name} is not valid: ${messages.map((each) => `${each.DataPath}: ${each.Message}`).join("; ")}`,
    );
}
