import {
  DeleteActivityCommand,
  DeleteStateMachineCommand,
  ListActivitiesCommand,
  ListStateMachinesCommand,
  SFNClient,
} from "@aws-sdk/client-sfn";
import type { InventorySource } from "../item.js";
import { allPages } from "../pages.js";

export const stepFunctions: InventorySource = {
  service: "states",
  async list(client) {
    const api = client(SFNClient);
    const machines = await allPages(async (nextToken) => {
      const page = await api.send(new ListStateMachinesCommand({ nextToken }));
      return { items: page.stateMachines, token: page.nextToken };
    });
    const activities = await allPages(async (nextToken) => {
      const page = await api.send(new ListActivitiesCommand({ nextToken }));
      return { items: page.activities, token: page.nextToken };
    });
    return [
      ...machines.map(({ name = "", stateMachineArn }) => ({
        type: "AWS::StepFunctions::StateMachine",
        id: name,
        remove: () => api.send(new DeleteStateMachineCommand({ stateMachineArn })),
      })),
      ...activities.map(({ name = "", activityArn }) => ({
        type: "AWS::StepFunctions::Activity",
        id: name,
        remove: () => api.send(new DeleteActivityCommand({ activityArn })),
      })),
    ];
  },
};
