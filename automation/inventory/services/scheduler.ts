import {
  DeleteScheduleCommand,
  DeleteScheduleGroupCommand,
  ListScheduleGroupsCommand,
  ListSchedulesCommand,
  SchedulerClient,
} from "@aws-sdk/client-scheduler";
import type { InventorySource } from "../item.js";
import { allPages } from "../pages.js";

export const scheduler: InventorySource = {
  service: "scheduler",
  async list(client) {
    const api = client(SchedulerClient);
    const schedules = await allPages(async (NextToken) => {
      const page = await api.send(new ListSchedulesCommand({ NextToken }));
      return { items: page.Schedules, token: page.NextToken };
    });
    const groups = await allPages(async (NextToken) => {
      const page = await api.send(new ListScheduleGroupsCommand({ NextToken }));
      return { items: page.ScheduleGroups?.map(({ Name }) => Name), token: page.NextToken };
    });
    return [
      ...schedules.map(({ Name = "", GroupName = "default" }) => ({
        type: "AWS::Scheduler::Schedule",
        id: `${GroupName}/${Name}`,
        remove: () => api.send(new DeleteScheduleCommand({ Name, GroupName })),
      })),
      ...groups
        .filter((name) => name !== "default")
        .map((Name) => ({
          type: "AWS::Scheduler::ScheduleGroup",
          id: Name,
          remove: () => api.send(new DeleteScheduleGroupCommand({ Name })),
        })),
    ];
  },
};
