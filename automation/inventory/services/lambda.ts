import {
  DeleteEventSourceMappingCommand,
  DeleteFunctionCommand,
  DeleteLayerVersionCommand,
  LambdaClient,
  ListEventSourceMappingsCommand,
  ListFunctionsCommand,
  ListLayersCommand,
  ListLayerVersionsCommand,
} from "@aws-sdk/client-lambda";
import type { InventorySource } from "../item.js";
import { allPages } from "../pages.js";

export const lambda: InventorySource = {
  service: "lambda",
  async list(client) {
    const api = client(LambdaClient);
    const functions = await allPages(async (Marker) => {
      const page = await api.send(new ListFunctionsCommand({ Marker }));
      return { items: page.Functions?.map(({ FunctionName }) => FunctionName), token: page.NextMarker };
    });
    const mappings = await allPages(async (Marker) => {
      const page = await api.send(new ListEventSourceMappingsCommand({ Marker }));
      return { items: page.EventSourceMappings?.map(({ UUID }) => UUID), token: page.NextMarker };
    });
    const layers = await allPages(async (Marker) => {
      const page = await api.send(new ListLayersCommand({ Marker }));
      return { items: page.Layers?.map(({ LayerName }) => LayerName), token: page.NextMarker };
    });
    return [
      ...mappings.map((UUID) => ({
        type: "AWS::Lambda::EventSourceMapping",
        id: UUID,
        remove: () => api.send(new DeleteEventSourceMappingCommand({ UUID })),
      })),
      ...functions.map((FunctionName) => ({
        type: "AWS::Lambda::Function",
        id: FunctionName,
        remove: () => api.send(new DeleteFunctionCommand({ FunctionName })),
      })),
      ...layers.map((LayerName) => ({
        type: "AWS::Lambda::LayerVersion",
        id: LayerName,
        async remove() {
          const { LayerVersions = [] } = await api.send(new ListLayerVersionsCommand({ LayerName }));
          for (const { Version } of LayerVersions)
            await api.send(new DeleteLayerVersionCommand({ LayerName, VersionNumber: Version }));
        },
      })),
    ];
  },
};
