import {
  DeleteConnectionCommand,
  DeleteCrawlerCommand,
  DeleteDatabaseCommand,
  DeleteJobCommand,
  DeleteTriggerCommand,
  DeleteWorkflowCommand,
  GetConnectionsCommand,
  GetCrawlersCommand,
  GetDatabasesCommand,
  GetJobsCommand,
  GetTriggersCommand,
  GlueClient,
  ListWorkflowsCommand,
} from "@aws-sdk/client-glue";
import type { InventoryItem, InventorySource } from "../item.js";
import { allPages } from "../pages.js";

/** The tables of a database go with it. */
export const glue: InventorySource = {
  service: "glue",
  otherKinds: ["security_config", "classifier"],
  async list(client) {
    const api = client(GlueClient);
    const kinds: [type: string, names: () => Promise<string[]>, remove: (name: string) => Promise<unknown>][] = [
      [
        "AWS::Glue::Trigger",
        () =>
          allPages(async (NextToken) => {
            const page = await api.send(new GetTriggersCommand({ NextToken }));
            return { items: page.Triggers?.map(({ Name }) => Name), token: page.NextToken };
          }),
        (Name) => api.send(new DeleteTriggerCommand({ Name })),
      ],
      [
        "AWS::Glue::Workflow",
        () =>
          allPages(async (NextToken) => {
            const page = await api.send(new ListWorkflowsCommand({ NextToken }));
            return { items: page.Workflows, token: page.NextToken };
          }),
        (Name) => api.send(new DeleteWorkflowCommand({ Name })),
      ],
      [
        "AWS::Glue::Job",
        () =>
          allPages(async (NextToken) => {
            const page = await api.send(new GetJobsCommand({ NextToken }));
            return { items: page.Jobs?.map(({ Name }) => Name), token: page.NextToken };
          }),
        (JobName) => api.send(new DeleteJobCommand({ JobName })),
      ],
      [
        "AWS::Glue::Crawler",
        () =>
          allPages(async (NextToken) => {
            const page = await api.send(new GetCrawlersCommand({ NextToken }));
            return { items: page.Crawlers?.map(({ Name }) => Name), token: page.NextToken };
          }),
        (Name) => api.send(new DeleteCrawlerCommand({ Name })),
      ],
      [
        "AWS::Glue::Connection",
        () =>
          allPages(async (NextToken) => {
            const page = await api.send(new GetConnectionsCommand({ NextToken, HidePassword: true }));
            return { items: page.ConnectionList?.map(({ Name }) => Name), token: page.NextToken };
          }),
        (ConnectionName) => api.send(new DeleteConnectionCommand({ ConnectionName })),
      ],
      [
        "AWS::Glue::Database",
        () =>
          allPages(async (NextToken) => {
            const page = await api.send(new GetDatabasesCommand({ NextToken }));
            return { items: page.DatabaseList?.map(({ Name }) => Name), token: page.NextToken };
          }),
        (Name) => api.send(new DeleteDatabaseCommand({ Name })),
      ],
    ];
    const items: InventoryItem[][] = await Promise.all(
      kinds.map(async ([type, names, remove]) => (await names()).map((id) => ({ type, id, remove: () => remove(id) }))),
    );
    return items.flat();
  },
};
