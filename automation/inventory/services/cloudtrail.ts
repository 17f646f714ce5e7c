import { CloudTrailClient, DeleteTrailCommand, DescribeTrailsCommand } from "@aws-sdk/client-cloudtrail";
import type { InventorySource } from "../item.js";

export const cloudTrail: InventorySource = {
  service: "cloudtrail",
  async list(client) {
    const api = client(CloudTrailClient);
    const { trailList = [] } = await api.send(new DescribeTrailsCommand({ includeShadowTrails: false }));
    return trailList.map(({ Name = "", TrailARN }) => ({
      type: "AWS::CloudTrail::Trail",
      id: Name,
      remove: () => api.send(new DeleteTrailCommand({ Name: TrailARN })),
    }));
  },
};
