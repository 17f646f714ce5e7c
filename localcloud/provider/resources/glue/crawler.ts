// aws:glue/crawler:Crawler
import {
  CreateCrawlerCommand,
  type CreateCrawlerCommandInput,
  DeleteCrawlerCommand,
  GetCrawlerCommand,
  GlueClient,
  StopCrawlerCommand,
  UpdateCrawlerCommand,
} from "@aws-sdk/client-glue";
import type { Context } from "../../descriptor.js";
import { resource } from "../../descriptor.js";
import { hasCode } from "../../errors.js";
import { type Inputs, json, list, number, object, output, tagged, text } from "../../properties.js";
import { glueArn, isRoleTooNew, readTags, updateTags } from "./tags.js";

/** Longest time that a crawler takes to stop, seconds. */
const STOP_SECONDS = 600;

/** A role is given by ARN or name, and shown by name. */
const isSameRole = (left: string, right: string) => roleName(left) === roleName(right);
const roleName = (role: string) => role.replace(/^arn:aws[\w-]*:iam::\d+:role\//, "");

const properties = {
  name: text({ computed: true, replace: true, min: 1, max: 255, autoName: { max: 255 } }),
  databaseName: text({ required: true, replace: true }),
  role: text({ required: true, equals: isSameRole }),
  description: text({ max: 2048 }),
  classifiers: list(text()),
  configuration: json(),
  schedule: text(),
  securityConfiguration: text(),
  tablePrefix: text({ max: 128 }),
  s3Targets: list(
    object({
      path: text({ required: true }),
      connectionName: text(),
      exclusions: list(text()),
      sampleSize: number({ min: 1, max: 249 }),
      eventQueueArn: text(),
      dlqEventQueueArn: text(),
    }),
  ),
  catalogTargets: list(
    object({
      databaseName: text({ required: true }),
      tables: list(text(), { required: true, min: 1 }),
      connectionName: text(),
      eventQueueArn: text(),
      dlqEventQueueArn: text(),
    }),
  ),
  schemaChangePolicy: object(
    {
      updateBehavior: text({ default: "UPDATE_IN_DATABASE", values: ["LOG", "UPDATE_IN_DATABASE"] }),
      deleteBehavior: text({
        default: "DEPRECATE_IN_DATABASE",
        values: ["LOG", "DELETE_FROM_DATABASE", "DEPRECATE_IN_DATABASE"],
      }),
    },
    { computed: true },
  ),
  recrawlPolicy: object(
    {
      recrawlBehavior: text({
        default: "CRAWL_EVERYTHING",
        values: ["CRAWL_EVERYTHING", "CRAWL_NEW_FOLDERS_ONLY", "CRAWL_EVENT_MODE"],
      }),
    },
    { computed: true },
  ),
  lineageConfiguration: object(
    { crawlerLineageSettings: text({ default: "DISABLE", values: ["ENABLE", "DISABLE"] }) },
    { computed: true },
  ),
  ...tagged,
  arn: output(text()),
};

export const crawler = resource({
  type: "aws:glue/crawler:Crawler",
  properties,

  async create(inputs, context) {
    const request = new CreateCrawlerCommand({ ...definition(inputs), Tags: inputs.tags });
    await context.retry(() => context.client(GlueClient).send(request), isRoleTooNew);
    return inputs.name as string;
  },

  async read(id, context) {
    const { Crawler: found } = await context.client(GlueClient).send(new GetCrawlerCommand({ Name: id }));
    if (!found) return undefined;
    const arn = await glueArn(context, `crawler/${id}`);
    const { S3Targets = [], CatalogTargets = [] } = found.Targets ?? {};
    return {
      name: found.Name,
      databaseName: found.DatabaseName,
      role: found.Role,
      description: found.Description || undefined,
      classifiers: found.Classifiers?.length ? found.Classifiers : undefined,
      configuration: found.Configuration,
      schedule: found.Schedule?.ScheduleExpression,
      securityConfiguration: found.CrawlerSecurityConfiguration,
      tablePrefix: found.TablePrefix,
      s3Targets: orAbsent(
        S3Targets.map((target) => ({
          path: target.Path ?? "",
          connectionName: target.ConnectionName,
          exclusions: orAbsent(target.Exclusions),
          sampleSize: target.SampleSize,
          eventQueueArn: target.EventQueueArn,
          dlqEventQueueArn: target.DlqEventQueueArn,
        })),
      ),
      catalogTargets: orAbsent(
        CatalogTargets.map((target) => ({
          databaseName: target.DatabaseName ?? "",
          tables: target.Tables ?? [],
          connectionName: target.ConnectionName,
          eventQueueArn: target.EventQueueArn,
          dlqEventQueueArn: target.DlqEventQueueArn,
        })),
      ),
      schemaChangePolicy: {
        updateBehavior: found.SchemaChangePolicy?.UpdateBehavior ?? "UPDATE_IN_DATABASE",
        deleteBehavior: found.SchemaChangePolicy?.DeleteBehavior ?? "DEPRECATE_IN_DATABASE",
      },
      recrawlPolicy: { recrawlBehavior: found.RecrawlPolicy?.RecrawlBehavior ?? "CRAWL_EVERYTHING" },
      lineageConfiguration: {
        crawlerLineageSettings: found.LineageConfiguration?.CrawlerLineageSettings ?? "DISABLE",
      },
      ...(await readTags(arn, context)),
      arn,
    };
  },

  async update({ id, old, inputs, changes }, context) {
    if (changes(...(Object.keys(properties).filter((name) => name !== "tags" && name !== "tagsAll") as "name"[]))) {
      await stopped(id, context);
      // What is left out of an update stays as it is: what is gone is said to be empty.
      const { Description = "", Schedule = "", TablePrefix = "", Configuration = "", ...rest } = definition(inputs);
      const request = new UpdateCrawlerCommand({ ...rest, Description, Schedule, TablePrefix, Configuration });
      await context.retry(() => context.client(GlueClient).send(request), isRoleTooNew);
    }
    await updateTags(await glueArn(context, `crawler/${id}`), old.tags, inputs.tags, context);
  },

  async delete(id, _state, context) {
    await stopped(id, context);
    await context.client(GlueClient).send(new DeleteCrawlerCommand({ Name: id }));
  },
});

const orAbsent = <T>(items: T[] | undefined): T[] | undefined => (items && items.length > 0 ? items : undefined);

/** A crawler that runs can neither be changed nor removed. */
async function stopped(name: string, context: Context): Promise<void> {
  const glue = context.client(GlueClient);
  const isReady = async () => (await glue.send(new GetCrawlerCommand({ Name: name }))).Crawler?.State === "READY";
  if (await isReady()) return;
  await glue.send(new StopCrawlerCommand({ Name: name })).catch((error: unknown) => {
    if (!hasCode(error, ["CrawlerNotRunningException", "CrawlerStoppingException"])) throw error;
  });
  await context.waitFor(`crawler ${name} to be READY`, async () => (await isReady()) || undefined, STOP_SECONDS);
}

function definition(inputs: Inputs<typeof properties>): CreateCrawlerCommandInput {
  return {
    Name: inputs.name,
    Role: inputs.role,
    DatabaseName: inputs.databaseName,
    Description: inputs.description,
    Classifiers: inputs.classifiers,
    Configuration: inputs.configuration,
    Schedule: inputs.schedule,
    CrawlerSecurityConfiguration: inputs.securityConfiguration,
    TablePrefix: inputs.tablePrefix,
    Targets: {
      S3Targets: (inputs.s3Targets ?? []).map((target) => ({
        Path: target.path,
        ConnectionName: target.connectionName,
        Exclusions: target.exclusions,
        SampleSize: target.sampleSize,
        EventQueueArn: target.eventQueueArn,
        DlqEventQueueArn: target.dlqEventQueueArn,
      })),
      CatalogTargets: (inputs.catalogTargets ?? []).map((target) => ({
        DatabaseName: target.databaseName,
        Tables: target.tables,
        ConnectionName: target.connectionName,
        EventQueueArn: target.eventQueueArn,
        DlqEventQueueArn: target.dlqEventQueueArn,
      })),
    },
    SchemaChangePolicy: inputs.schemaChangePolicy && {
      UpdateBehavior: inputs.schemaChangePolicy.updateBehavior as "LOG",
      DeleteBehavior: inputs.schemaChangePolicy.deleteBehavior as "LOG",
    },
    RecrawlPolicy: inputs.recrawlPolicy && {
      RecrawlBehavior: inputs.recrawlPolicy.recrawlBehavior as "CRAWL_EVERYTHING",
    },
    LineageConfiguration: inputs.lineageConfiguration && {
      CrawlerLineageSettings: inputs.lineageConfiguration.crawlerLineageSettings as "DISABLE",
    },
  };
}
