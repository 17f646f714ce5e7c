import {
  DeleteEventBusCommand,
  DeleteRuleCommand,
  EventBridgeClient,
  ListEventBusesCommand,
  ListRulesCommand,
  ListTargetsByRuleCommand,
  RemoveTargetsCommand,
} from "@aws-sdk/client-eventbridge";
import type { InventoryItem, InventorySource } from "../item.js";
import { allPages } from "../pages.js";

export const eventBridge: InventorySource = {
  service: "events",
  otherKinds: ["archive", "connection", "api_destination", "endpoint"],
  async list(client) {
    const api = client(EventBridgeClient);
    const buses = await allPages(async (NextToken) => {
      const page = await api.send(new ListEventBusesCommand({ NextToken }));
      return { items: page.EventBuses?.map(({ Name }) => Name), token: page.NextToken };
    });
    const rules = await Promise.all([...new Set(["default", ...buses])].map((bus) => rulesOf(api, bus)));
    return [
      ...rules.flat(),
      ...buses
        .filter((name) => name !== "default")
        .map((Name) => ({
          type: "AWS::Events::EventBus",
          id: Name,
          remove: () => api.send(new DeleteEventBusCommand({ Name })),
        })),
    ];
  },
};

async function rulesOf(api: EventBridgeClient, EventBusName: string): Promise<InventoryItem[]> {
  const names = await allPages(async (NextToken) => {
    const page = await api.send(new ListRulesCommand({ EventBusName, NextToken }));
    // A managed rule is its service's to delete.
    return { items: page.Rules?.filter((rule) => !rule.ManagedBy).map(({ Name }) => Name), token: page.NextToken };
  });
  return names.map((Rule) => ({
    type: "AWS::Events::Rule",
    id: EventBusName === "default" ? Rule : `${EventBusName}/${Rule}`,
    async remove() {
      const { Targets = [] } = await api.send(new ListTargetsByRuleCommand({ Rule, EventBusName }));
      const Ids = Targets.map(({ Id }) => Id ?? "");
      if (Ids.length > 0) await api.send(new RemoveTargetsCommand({ Rule, EventBusName, Ids }));
      await api.send(new DeleteRuleCommand({ Name: Rule, EventBusName }));
    },
  }));
}
