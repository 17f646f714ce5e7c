// aws:ecs/cluster:Cluster
import {
  type Cluster,
  type ClusterConfiguration,
  type ClusterSetting,
  CreateClusterCommand,
  DeleteClusterCommand,
  DescribeClustersCommand,
  ECSClient,
  UpdateClusterCommand,
} from "@aws-sdk/client-ecs";
import { type Context, resource } from "../../descriptor.js";
import { hasCode } from "../../errors.js";
import { flag, type Inputs, object, output, set, tagged, text } from "../../properties.js";
import { tagState } from "../../tags.js";
import { ecsTags, updateTags } from "./tags.js";

/** What ends soon by itself and keeps a cluster from being changed or deleted meanwhile. */
const PASSING = [
  "ClusterContainsContainerInstancesException",
  "ClusterContainsServicesException",
  "ClusterContainsTasksException",
  "UpdateInProgressException",
];
const DELETE_SECONDS = 600;

const configuration = {
  executeCommandConfiguration: object({
    kmsKeyId: text(),
    logging: text({ default: "DEFAULT", values: ["NONE", "DEFAULT", "OVERRIDE"] }),
    logConfiguration: object({
      cloudWatchEncryptionEnabled: flag(),
      cloudWatchLogGroupName: text(),
      s3BucketEncryptionEnabled: flag(),
      s3BucketName: text(),
      s3KeyPrefix: text(),
    }),
  }),
  managedStorageConfiguration: object({ fargateEphemeralStorageKmsKeyId: text(), kmsKeyId: text() }),
};

const properties = {
  name: text({
    computed: true,
    replace: true,
    min: 1,
    max: 255,
    check: (name) =>
      /^[A-Za-z0-9_-]+$/.test(name) ? undefined : "a cluster's name has letters, digits, underscores and hyphens",
    autoName: { max: 255 },
  }),
  configuration: object(configuration),
  serviceConnectDefaults: object({ namespace: text({ required: true }) }),
  settings: set(
    object({ name: text({ required: true, values: ["containerInsights"] }), value: text({ required: true }) }),
    { computed: true },
  ),
  ...tagged,
  arn: output(text()),
};

export const cluster = resource({
  type: "aws:ecs/cluster:Cluster",
  properties,

  async create(inputs, context) {
    const { cluster: made } = await context.client(ECSClient).send(
      new CreateClusterCommand({
        clusterName: inputs.name,
        configuration: toConfiguration(inputs.configuration),
        serviceConnectDefaults: inputs.serviceConnectDefaults,
        settings: inputs.settings as ClusterSetting[] | undefined,
        tags: inputs.tags && ecsTags(inputs.tags),
      }),
    );
    return made?.clusterArn as string;
  },

  async read(id, context) {
    const found = await describe(id, context);
    if (!found) return undefined;
    return {
      id: found.clusterArn,
      name: found.clusterName,
      configuration: found.configuration && fromConfiguration(found.configuration),
      serviceConnectDefaults: found.serviceConnectDefaults && {
        namespace: found.serviceConnectDefaults.namespace ?? "",
      },
      settings: found.settings?.map(({ name = "", value = "" }) => ({ name, value })),
      ...tagState(found.tags),
      arn: found.clusterArn,
    };
  },

  async update({ id, old, inputs, changes }, context) {
    if (changes("configuration", "serviceConnectDefaults", "settings"))
      await context.client(ECSClient).send(
        new UpdateClusterCommand({
          cluster: id,
          configuration: toConfiguration(inputs.configuration),
          serviceConnectDefaults: inputs.serviceConnectDefaults,
          settings: inputs.settings as ClusterSetting[] | undefined,
        }),
      );
    if (changes("tags")) await updateTags(id, old.tags, inputs.tags, context);
  },

  async delete(id, _state, context) {
    await context.retry(
      () => context.client(ECSClient).send(new DeleteClusterCommand({ cluster: id })),
      (error) => hasCode(error, PASSING),
      DELETE_SECONDS,
    );
  },
});

function toConfiguration(given: Inputs<typeof properties>["configuration"]): ClusterConfiguration | undefined {
  const { executeCommandConfiguration: execute, managedStorageConfiguration } = given ?? {};
  if (!execute && !managedStorageConfiguration) return undefined;
  return {
    executeCommandConfiguration: execute && {
      ...execute,
      logging: execute.logging as "DEFAULT",
      logConfiguration: execute.logConfiguration,
    },
    managedStorageConfiguration,
  };
}

function fromConfiguration(found: ClusterConfiguration): Inputs<typeof configuration> {
  const { executeCommandConfiguration: execute, managedStorageConfiguration } = found;
  return {
    executeCommandConfiguration: execute && { ...execute, logging: execute.logging ?? "DEFAULT" },
    managedStorageConfiguration,
  };
}

/** A cluster that is there; a deleted one stays INACTIVE for a while. */
export async function describe(nameOrArn: string, context: Context): Promise<Cluster | undefined> {
  const { clusters } = await context
    .client(ECSClient)
    .send(new DescribeClustersCommand({ clusters: [nameOrArn], include: ["TAGS", "CONFIGURATIONS", "SETTINGS"] }));
  const found = clusters?.[0];
  return found?.status === "INACTIVE" ? undefined : found;
}
