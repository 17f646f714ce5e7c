import { DeleteParameterCommand, DescribeParametersCommand, SSMClient } from "@aws-sdk/client-ssm";
import type { InventorySource } from "../item.js";
import { allPages } from "../pages.js";

export const ssm: InventorySource = {
  service: "ssm",
  async list(client) {
    const api = client(SSMClient);
    const parameters = await allPages(async (NextToken) => {
      const page = await api.send(new DescribeParametersCommand({ NextToken }));
      return { items: page.Parameters?.map(({ Name }) => Name), token: page.NextToken };
    });
    return parameters.map((Name) => ({
      type: "AWS::SSM::Parameter",
      id: Name,
      remove: () => api.send(new DeleteParameterCommand({ Name })),
    }));
  },
};
