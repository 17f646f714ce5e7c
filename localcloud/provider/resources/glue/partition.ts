// aws:glue/partition:Partition
import {
  CreatePartitionCommand,
  DeletePartitionCommand,
  GetPartitionCommand,
  GlueClient,
  UpdatePartitionCommand,
} from "@aws-sdk/client-glue";
import { resource } from "../../descriptor.js";
import { list, map, output, text } from "../../properties.js";
import { fromStorage, storageProperties, toStorage } from "./storage.js";
import { orNothing } from "./tags.js";

/** `<catalog>:<database>:<table>:<value>#<value>` */
function split(id: string) {
  const [CatalogId = "", DatabaseName = "", TableName = "", ...rest] = id.split(":");
  return { of: { CatalogId, DatabaseName, TableName }, values: rest.join(":").split("#") };
}

const instant = (date: Date | undefined): string => date?.toISOString().replace(/\.\d+Z$/, "Z") ?? "";

export const partition = resource({
  type: "aws:glue/partition:Partition",
  properties: {
    databaseName: text({ required: true, replace: true }),
    tableName: text({ required: true, replace: true }),
    partitionValues: list(text(), { required: true, replace: true, min: 1 }),
    catalogId: text({ computed: true, replace: true }),
    parameters: map(text()),
    storageDescriptor: storageProperties,
    creationTime: output(text()),
    lastAccessedTime: output(text(), { volatile: true }),
    lastAnalyzedTime: output(text()),
  },
  identity: ["databaseName", "tableName", "partitionValues", "catalogId"],

  async create(inputs, context) {
    const CatalogId = inputs.catalogId ?? (await context.accountId());
    const PartitionInput = {
      Values: inputs.partitionValues,
      Parameters: inputs.parameters,
      StorageDescriptor: toStorage(inputs.storageDescriptor),
    };
    const of = { CatalogId, DatabaseName: inputs.databaseName, TableName: inputs.tableName };
    await context.client(GlueClient).send(new CreatePartitionCommand({ ...of, PartitionInput }));
    return `${CatalogId}:${inputs.databaseName}:${inputs.tableName}:${inputs.partitionValues.join("#")}`;
  },

  async read(id, context) {
    const { of, values } = split(id);
    const request = new GetPartitionCommand({ ...of, PartitionValues: values });
    const { Partition: found } = await context.client(GlueClient).send(request);
    if (!found) return undefined;
    return {
      databaseName: found.DatabaseName,
      tableName: found.TableName,
      partitionValues: found.Values,
      catalogId: found.CatalogId ?? of.CatalogId,
      parameters: orNothing(found.Parameters),
      storageDescriptor: fromStorage(found.StorageDescriptor),
      creationTime: instant(found.CreationTime),
      lastAccessedTime: instant(found.LastAccessTime),
      lastAnalyzedTime: instant(found.LastAnalyzedTime),
    };
  },

  async update({ id, inputs }, context) {
    const { of, values } = split(id);
    const PartitionInput = {
      Values: values,
      Parameters: inputs.parameters ?? {},
      StorageDescriptor: toStorage(inputs.storageDescriptor),
    };
    const request = { ...of, PartitionValueList: values, PartitionInput };
    await context.client(GlueClient).send(new UpdatePartitionCommand(request));
  },

  async delete(id, _state, context) {
    const { of, values } = split(id);
    await context.client(GlueClient).send(new DeletePartitionCommand({ ...of, PartitionValues: values }));
  },
});
