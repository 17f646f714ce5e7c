import {
  DeleteSecurityConfigurationCommand,
  EMRClient,
  ListClustersCommand,
  ListSecurityConfigurationsCommand,
  SetTerminationProtectionCommand,
  TerminateJobFlowsCommand,
} from "@aws-sdk/client-emr";
import type { InventorySource } from "../item.js";
import { allPages } from "../pages.js";

/** Clusters that ended stay listed: only living ones count. */
export const emr: InventorySource = {
  service: "elasticmapreduce",
  async list(client) {
    const api = client(EMRClient);
    const clusters = await allPages(async (Marker) => {
      const page = await api.send(
        new ListClustersCommand({
          Marker,
          ClusterStates: ["STARTING", "BOOTSTRAPPING", "RUNNING", "WAITING", "TERMINATING"],
        }),
      );
      return { items: page.Clusters, token: page.Marker };
    });
    const configurations = await allPages(async (Marker) => {
      const page = await api.send(new ListSecurityConfigurationsCommand({ Marker }));
      return { items: page.SecurityConfigurations?.map(({ Name }) => Name), token: page.Marker };
    });
    return [
      ...clusters.map(({ Id = "", Name }) => ({
        type: "AWS::EMR::Cluster",
        id: Id,
        ...(Name && { name: Name }),
        async remove() {
          await api.send(new SetTerminationProtectionCommand({ JobFlowIds: [Id], TerminationProtected: false }));
          await api.send(new TerminateJobFlowsCommand({ JobFlowIds: [Id] }));
        },
      })),
      ...configurations.map((Name) => ({
        type: "AWS::EMR::SecurityConfiguration",
        id: Name,
        remove: () => api.send(new DeleteSecurityConfigurationCommand({ Name })),
      })),
    ];
  },
};
