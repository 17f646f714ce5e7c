// aws:athena/workgroup:Workgroup
import {
  AthenaClient,
  CreateWorkGroupCommand,
  DeleteWorkGroupCommand,
  GetWorkGroupCommand,
  ListTagsForResourceCommand,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateWorkGroupCommand,
  type WorkGroupConfiguration,
} from "@aws-sdk/client-athena";
import { resource } from "../../descriptor.js";
import { flag, type Inputs, number, object, output, type State, tagged, text } from "../../properties.js";
import { applyTags, tagList, tagState } from "../../tags.js";

const configuration = object({
  bytesScannedCutoffPerQuery: number({ min: 10_485_760 }),
  enforceWorkgroupConfiguration: flag({ default: true }),
  publishCloudwatchMetricsEnabled: flag({ default: true }),
  requesterPaysEnabled: flag({ default: false }),
  executionRole: text(),
  engineVersion: object(
    { selectedEngineVersion: text({ default: "AUTO" }), effectiveEngineVersion: text({ computed: true }) },
    { computed: true },
  ),
  resultConfiguration: object({
    outputLocation: text(),
    expectedBucketOwner: text(),
    encryptionConfiguration: object({
      encryptionOption: text({ values: ["SSE_S3", "SSE_KMS", "CSE_KMS"] }),
      kmsKeyArn: text(),
    }),
    aclConfiguration: object({ s3AclOption: text({ required: true }) }),
  }),
});
const properties = {
  name: text({ computed: true, replace: true, max: 128, autoName: { max: 128 } }),
  description: text(),
  state: text({ default: "ENABLED", values: ["ENABLED", "DISABLED"] }),
  configuration,
  forceDestroy: flag({ default: false, unread: true }),
  ...tagged,
  arn: output(text()),
};
type Configuration = NonNullable<Inputs<typeof properties>["configuration"]>;

export const workgroup = resource({
  type: "aws:athena/workgroup:Workgroup",
  properties,

  async create(inputs, context) {
    const Name = inputs.name as string;
    const athena = context.client(AthenaClient);
    await athena.send(
      new CreateWorkGroupCommand({
        Name,
        Description: inputs.description,
        Configuration: toAws(inputs.configuration),
        Tags: tagList(inputs.tags),
      }),
    );
    context.created(Name);
    if (inputs.state === "DISABLED")
      await athena.send(new UpdateWorkGroupCommand({ WorkGroup: Name, State: "DISABLED" }));
    return Name;
  },

  async read(id, context, known) {
    const athena = context.client(AthenaClient);
    const arn = `arn:${context.partition}:athena:${context.region}:${await context.accountId()}:workgroup/${id}`;
    const [{ WorkGroup }, { Tags }] = await Promise.all([
      athena.send(new GetWorkGroupCommand({ WorkGroup: id })),
      athena.send(new ListTagsForResourceCommand({ ResourceARN: arn })),
    ]);
    const isImported = known.name === undefined;
    return {
      name: WorkGroup?.Name,
      description: WorkGroup?.Description || undefined,
      state: WorkGroup?.State,
      // Every workgroup has one; a program that gives none leaves it as it is.
      configuration: known.configuration || isImported ? fromAws(WorkGroup?.Configuration ?? {}) : undefined,
      ...tagState(Tags),
      arn,
    } as State<typeof properties>;
  },

  async update({ id, old, inputs, changes }, context) {
    const athena = context.client(AthenaClient);
    if (changes("configuration", "description", "state")) {
      const {
        ResultConfiguration: result,
        EnableMinimumEncryptionConfiguration: _,
        ...rest
      } = toAws(inputs.configuration);
      await athena.send(
        new UpdateWorkGroupCommand({
          WorkGroup: id,
          Description: inputs.description ?? "",
          State: inputs.state as "ENABLED",
          ConfigurationUpdates: {
            ...rest,
            RemoveBytesScannedCutoffPerQuery: rest.BytesScannedCutoffPerQuery === undefined || undefined,
            ResultConfigurationUpdates: {
              ...result,
              RemoveOutputLocation: result?.OutputLocation === undefined || undefined,
              RemoveEncryptionConfiguration: result?.EncryptionConfiguration === undefined || undefined,
              RemoveExpectedBucketOwner: result?.ExpectedBucketOwner === undefined || undefined,
              RemoveAclConfiguration: result?.AclConfiguration === undefined || undefined,
            },
          },
        }),
      );
    }
    if (changes("tags")) {
      const ResourceARN = old.arn;
      await applyTags(old.tags, inputs.tags, {
        set: (tags) => athena.send(new TagResourceCommand({ ResourceARN, Tags: tagList(tags) })),
        remove: (TagKeys) => athena.send(new UntagResourceCommand({ ResourceARN, TagKeys })),
      });
    }
  },

  async delete(id, state, context) {
    const request = { WorkGroup: id, RecursiveDeleteOption: state.forceDestroy || undefined };
    await context.client(AthenaClient).send(new DeleteWorkGroupCommand(request));
  },

  isGone: (error) => error.name === "InvalidRequestException" && /is not found/.test(error.message),
});

function toAws(given: Configuration | undefined): WorkGroupConfiguration {
  const result = given?.resultConfiguration;
  const encryption = result?.encryptionConfiguration;
  return {
    BytesScannedCutoffPerQuery: given?.bytesScannedCutoffPerQuery,
    EnforceWorkGroupConfiguration: given?.enforceWorkgroupConfiguration ?? true,
    PublishCloudWatchMetricsEnabled: given?.publishCloudwatchMetricsEnabled ?? true,
    RequesterPaysEnabled: given?.requesterPaysEnabled ?? false,
    ExecutionRole: given?.executionRole,
    EngineVersion: given?.engineVersion && { SelectedEngineVersion: given.engineVersion.selectedEngineVersion },
    ResultConfiguration: result && {
      OutputLocation: result.outputLocation,
      ExpectedBucketOwner: result.expectedBucketOwner,
      EncryptionConfiguration: encryption && {
        EncryptionOption: encryption.encryptionOption as "SSE_S3",
        KmsKey: encryption.kmsKeyArn,
      },
      AclConfiguration: result.aclConfiguration && {
        S3AclOption: result.aclConfiguration.s3AclOption as "BUCKET_OWNER_FULL_CONTROL",
      },
    },
  };
}

function fromAws(found: WorkGroupConfiguration): Configuration {
  const { ResultConfiguration: result, EngineVersion: engine } = found;
  const encryption = result?.EncryptionConfiguration;
  const hasResult = result && Object.values(result).some((value) => value !== undefined);
  return {
    bytesScannedCutoffPerQuery: found.BytesScannedCutoffPerQuery,
    enforceWorkgroupConfiguration: found.EnforceWorkGroupConfiguration ?? true,
    publishCloudwatchMetricsEnabled: found.PublishCloudWatchMetricsEnabled ?? true,
    requesterPaysEnabled: found.RequesterPaysEnabled ?? false,
    executionRole: found.ExecutionRole,
    engineVersion: {
      selectedEngineVersion: engine?.SelectedEngineVersion ?? "AUTO",
      effectiveEngineVersion: engine?.EffectiveEngineVersion,
    },
    resultConfiguration: hasResult
      ? {
          outputLocation: result.OutputLocation,
          expectedBucketOwner: result.ExpectedBucketOwner,
          encryptionConfiguration: encryption && {
            encryptionOption: encryption.EncryptionOption,
            kmsKeyArn: encryption.KmsKey,
          },
          aclConfiguration: result.AclConfiguration && { s3AclOption: result.AclConfiguration.S3AclOption ?? "" },
        }
      : undefined,
  };
}
