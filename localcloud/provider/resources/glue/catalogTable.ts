// aws:glue/catalogTable:CatalogTable
import {
  CreateTableCommand,
  DeleteTableCommand,
  GetTableCommand,
  GlueClient,
  type TableInput,
  UpdateTableCommand,
} from "@aws-sdk/client-glue";
import { resource } from "../../descriptor.js";
import { type Inputs, list, map, number, object, output, text } from "../../properties.js";
import { columnProperties, fromColumn, fromStorage, storageProperties, toColumn, toStorage } from "./storage.js";
import { glueArn, orNothing } from "./tags.js";

const properties = {
  name: text({
    computed: true,
    replace: true,
    min: 1,
    max: 255,
    check: (name) => (/[A-Z]/.test(name) ? "a table's name has no capital letters" : undefined),
    autoName: { max: 255, lower: true },
  }),
  databaseName: text({ required: true, replace: true }),
  catalogId: text({ computed: true, replace: true }),
  description: text({ max: 2048 }),
  owner: text(),
  parameters: map(text()),
  partitionKeys: list(object(columnProperties)),
  retention: number({ default: 0 }),
  storageDescriptor: storageProperties,
  tableType: text(),
  viewExpandedText: text(),
  viewOriginalText: text(),
  arn: output(text()),
};

export const catalogTable = resource({
  type: "aws:glue/catalogTable:CatalogTable",
  properties,
  identity: ["name", "databaseName", "catalogId"],

  async create(inputs, context) {
    const CatalogId = inputs.catalogId ?? (await context.accountId());
    const request = { CatalogId, DatabaseName: inputs.databaseName, TableInput: definition(inputs) };
    await context.client(GlueClient).send(new CreateTableCommand(request));
    return `${CatalogId}:${inputs.databaseName}:${inputs.name}`;
  },

  async read(id, context) {
    const [CatalogId, DatabaseName = "", Name = ""] = id.split(":");
    const request = new GetTableCommand({ CatalogId, DatabaseName, Name });
    const { Table: found } = await context.client(GlueClient).send(request);
    if (!found) return undefined;
    return {
      name: found.Name,
      databaseName: found.DatabaseName,
      catalogId: found.CatalogId ?? CatalogId,
      description: found.Description || undefined,
      owner: found.Owner || undefined,
      parameters: orNothing(found.Parameters),
      partitionKeys: found.PartitionKeys?.length ? found.PartitionKeys.map(fromColumn) : undefined,
      retention: found.Retention ?? 0,
      storageDescriptor: fromStorage(found.StorageDescriptor),
      tableType: found.TableType || undefined,
      viewExpandedText: found.ViewExpandedText,
      viewOriginalText: found.ViewOriginalText,
      arn: await glueArn(context, `table/${DatabaseName}/${Name}`),
    };
  },

  async update({ id, inputs }, context) {
    const [CatalogId, DatabaseName] = id.split(":");
    const request = { CatalogId, DatabaseName, TableInput: definition(inputs) };
    await context.client(GlueClient).send(new UpdateTableCommand(request));
  },

  async delete(id, _state, context) {
    const [CatalogId, DatabaseName, Name] = id.split(":");
    await context.client(GlueClient).send(new DeleteTableCommand({ CatalogId, DatabaseName, Name }));
  },
});

function definition(inputs: Inputs<typeof properties>): TableInput {
  return {
    Name: inputs.name,
    Description: inputs.description ?? "",
    Owner: inputs.owner ?? "",
    Retention: inputs.retention,
    Parameters: inputs.parameters ?? {},
    PartitionKeys: (inputs.partitionKeys ?? []).map(toColumn),
    StorageDescriptor: toStorage(inputs.storageDescriptor),
    TableType: inputs.tableType ?? "",
    ViewExpandedText: inputs.viewExpandedText,
    ViewOriginalText: inputs.viewOriginalText,
  };
}
