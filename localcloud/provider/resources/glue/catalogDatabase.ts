// aws:glue/catalogDatabase:CatalogDatabase
import {
  CreateDatabaseCommand,
  DeleteDatabaseCommand,
  GetDatabaseCommand,
  GlueClient,
  UpdateDatabaseCommand,
} from "@aws-sdk/client-glue";
import { resource } from "../../descriptor.js";
import { map, output, tagged, text } from "../../properties.js";
import { glueArn, orNothing, readTags, updateTags } from "./tags.js";

export const catalogDatabase = resource({
  type: "aws:glue/catalogDatabase:CatalogDatabase",
  properties: {
    name: text({
      computed: true,
      replace: true,
      min: 1,
      max: 255,
      check: (name) => (/[A-Z]/.test(name) ? "a database's name has no capital letters" : undefined),
      autoName: { max: 255, lower: true },
    }),
    catalogId: text({ computed: true, replace: true }),
    description: text({ max: 2048 }),
    locationUri: text({ computed: true }),
    parameters: map(text()),
    ...tagged,
    arn: output(text()),
  },

  async create(inputs, context) {
    const CatalogId = inputs.catalogId ?? (await context.accountId());
    const { name: Name = "", description: Description, locationUri: LocationUri, parameters: Parameters } = inputs;
    const DatabaseInput = { Name, Description, LocationUri, Parameters };
    await context.client(GlueClient).send(new CreateDatabaseCommand({ CatalogId, DatabaseInput, Tags: inputs.tags }));
    return `${CatalogId}:${Name}`;
  },

  async read(id, context) {
    const [CatalogId, Name = ""] = id.split(":");
    const { Database: found } = await context.client(GlueClient).send(new GetDatabaseCommand({ CatalogId, Name }));
    if (!found) return undefined;
    const arn = await glueArn(context, `database/${Name}`);
    return {
      name: found.Name,
      catalogId: found.CatalogId ?? CatalogId,
      description: found.Description || undefined,
      locationUri: found.LocationUri ?? "",
      parameters: orNothing(found.Parameters),
      ...(await readTags(arn, context)),
      arn,
    };
  },

  async update({ id, old, inputs, changes }, context) {
    const [CatalogId, Name = ""] = id.split(":");
    if (changes("description", "locationUri", "parameters")) {
      const { description: Description = "", locationUri: LocationUri, parameters: Parameters = {} } = inputs;
      const DatabaseInput = { Name, Description, LocationUri: LocationUri || undefined, Parameters };
      await context.client(GlueClient).send(new UpdateDatabaseCommand({ CatalogId, Name, DatabaseInput }));
    }
    await updateTags(await glueArn(context, `database/${Name}`), old.tags, inputs.tags, context);
  },

  async delete(id, _state, context) {
    const [CatalogId, Name = ""] = id.split(":");
    await context.client(GlueClient).send(new DeleteDatabaseCommand({ CatalogId, Name }));
  },
});
