import { DeleteRepositoryCommand, DescribeRepositoriesCommand, ECRClient } from "@aws-sdk/client-ecr";
import type { InventorySource } from "../item.js";
import { allPages } from "../pages.js";

export const ecr: InventorySource = {
  service: "ecr",
  async list(client) {
    const api = client(ECRClient);
    const repositories = await allPages(async (nextToken) => {
      const page = await api.send(new DescribeRepositoriesCommand({ nextToken }));
      return { items: page.repositories, token: page.nextToken };
    });
    return repositories.map(({ repositoryName = "" }) => ({
      type: "AWS::ECR::Repository",
      id: repositoryName,
      remove: () => api.send(new DeleteRepositoryCommand({ repositoryName, force: true })),
    }));
  },
};
