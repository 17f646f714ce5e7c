// aws:athena/database:Database, made and removed by queries, as the official provider does.
import {
  AthenaClient,
  GetDatabaseCommand,
  GetQueryExecutionCommand,
  StartQueryExecutionCommand,
} from "@aws-sdk/client-athena";
import { type Context, resource } from "../../descriptor.js";
import { flag, map, type State, text } from "../../properties.js";

const properties = {
  name: text({
    computed: true,
    replace: true,
    check: (name) =>
      /^[a-z0-9_]+$/.test(name) ? undefined : "a database's name has small letters, digits and underscores",
    autoName: { max: 255, lower: true },
  }),
  bucket: text({ replace: true, unread: true }),
  comment: text({ replace: true }),
  workgroup: text({ unread: true }),
  forceDestroy: flag({ default: false, unread: true }),
  properties: map(text(), { replace: true }),
};
const CATALOG = "AwsDataCatalog";

export const database = resource({
  type: "aws:athena/database:Database",
  properties,

  async create(inputs, context) {
    const name = inputs.name as string;
    const quoted = (text: string) => `'${text.replaceAll("'", "\\'")}'`;
    const comment = inputs.comment ? ` COMMENT ${quoted(inputs.comment)}` : "";
    const pairs = Object.entries(inputs.properties ?? {}).map(([key, value]) => `${quoted(key)} = ${quoted(value)}`);
    const given = pairs.length > 0 ? ` WITH DBPROPERTIES (${pairs.join(", ")})` : "";
    await run(`CREATE DATABASE \`${name}\`${comment}${given}`, inputs, context);
    return name;
  },

  async read(id, context) {
    const request = { CatalogName: CATALOG, DatabaseName: id };
    const { Database } = await context.client(AthenaClient).send(new GetDatabaseCommand(request));
    const parameters = Database?.Parameters ?? {};
    return {
      name: Database?.Name,
      comment: Database?.Description || undefined,
      properties: Object.keys(parameters).length > 0 ? parameters : undefined,
    } as State<typeof properties>;
  },

  async update() {
    // Only what steers the provider can change in place.
  },

  async delete(id, state, context) {
    await run(`DROP DATABASE \`${id}\`${state.forceDestroy ? " CASCADE" : ""}`, state, context);
  },

  isGone: (error) =>
    /MetadataException|EntityNotFoundException/.test(error.name) || /Database does not exist/.test(error.message),
});

/** Runs a statement to its end; its result lies in the database's bucket. */
async function run(
  QueryString: string,
  { bucket, workgroup }: { bucket?: string; workgroup?: string },
  context: Context,
): Promise<void> {
  const athena = context.client(AthenaClient);
  const ResultConfiguration = bucket ? { OutputLocation: `s3://${bucket}` } : undefined;
  const started = await athena.send(
    new StartQueryExecutionCommand({ QueryString, ResultConfiguration, WorkGroup: workgroup }),
  );
  await context.waitFor(
    `the query ${QueryString}`,
    async () => {
      const { QueryExecutionId } = started;
      const { QueryExecution } = await athena.send(new GetQueryExecutionCommand({ QueryExecutionId }));
      const { State, StateChangeReason } = QueryExecution?.Status ?? {};
      if (State === "FAILED" || State === "CANCELLED") throw new Error(`${QueryString}: ${StateChangeReason}`);
      return State === "SUCCEEDED" ? true : undefined;
    },
    600,
  );
}
