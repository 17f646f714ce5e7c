import {
  AthenaClient,
  DeleteDataCatalogCommand,
  DeleteWorkGroupCommand,
  ListDataCatalogsCommand,
  ListWorkGroupsCommand,
} from "@aws-sdk/client-athena";
import type { InventorySource } from "../item.js";
import { allPages } from "../pages.js";

/** Every account has the workgroup `primary` and the catalog `AwsDataCatalog`. */
export const athena: InventorySource = {
  service: "athena",
  async list(client) {
    const api = client(AthenaClient);
    const workGroups = await allPages(async (NextToken) => {
      const page = await api.send(new ListWorkGroupsCommand({ NextToken }));
      return { items: page.WorkGroups?.map(({ Name }) => Name), token: page.NextToken };
    });
    const catalogs = await allPages(async (NextToken) => {
      const page = await api.send(new ListDataCatalogsCommand({ NextToken }));
      return { items: page.DataCatalogsSummary?.map(({ CatalogName }) => CatalogName), token: page.NextToken };
    });
    return [
      ...workGroups
        .filter((name) => name !== "primary")
        .map((WorkGroup) => ({
          type: "AWS::Athena::WorkGroup",
          id: WorkGroup,
          remove: () => api.send(new DeleteWorkGroupCommand({ WorkGroup, RecursiveDeleteOption: true })),
        })),
      ...catalogs
        .filter((name) => name !== "AwsDataCatalog")
        .map((Name) => ({
          type: "AWS::Athena::DataCatalog",
          id: Name,
          remove: () => api.send(new DeleteDataCatalogCommand({ Name })),
        })),
    ];
  },
};
