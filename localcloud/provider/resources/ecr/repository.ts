// aws:ecr/repository:Repository
import {
  CreateRepositoryCommand,
  DeleteRepositoryCommand,
  DescribeRepositoriesCommand,
  ECRClient,
  type EncryptionType,
  type ImageTagMutability,
  type ImageTagMutabilityExclusionFilter,
  ListTagsForResourceCommand,
  PutImageScanningConfigurationCommand,
  PutImageTagMutabilityCommand,
  TagResourceCommand,
  UntagResourceCommand,
} from "@aws-sdk/client-ecr";
import { resource } from "../../descriptor.js";
import { hasCode } from "../../errors.js";
import { flag, type Inputs, list, object, output, tagged, text } from "../../properties.js";
import { applyTags, tagList, tagState } from "../../tags.js";

const exclusionFilter = {
  filter: text({ required: true, min: 1, max: 128 }),
  filterType: text({ required: true, values: ["WILDCARD"] }),
};

export const repository = resource({
  type: "aws:ecr/repository:Repository",
  properties: {
    name: text({
      computed: true,
      replace: true,
      min: 2,
      max: 256,
      check: (name) =>
        /^[a-z0-9]+(?:[._/-]+[a-z0-9]+)*$/.test(name)
          ? undefined
          : "a repository's name has small letters, digits and ._-/ between them",
      autoName: { max: 256, lower: true },
    }),
    imageTagMutability: text({
      default: "MUTABLE",
      values: ["MUTABLE", "IMMUTABLE", "MUTABLE_WITH_EXCLUSION", "IMMUTABLE_WITH_EXCLUSION"],
    }),
    imageTagMutabilityExclusionFilters: list(object(exclusionFilter)),
    imageScanningConfiguration: object({ scanOnPush: flag({ required: true }) }),
    encryptionConfigurations: list(
      object({
        encryptionType: text({ default: "AES256", values: ["AES256", "KMS", "KMS_DSSE"] }),
        kmsKey: text({ computed: true }),
      }),
      { replace: true, computed: true },
    ),
    forceDelete: flag({ default: false, unread: true }),
    ...tagged,
    arn: output(text()),
    registryId: output(text()),
    repositoryUrl: output(text()),
  },

  async create(inputs, context) {
    const name = inputs.name as string;
    const [encryption] = inputs.encryptionConfigurations ?? [];
    await context.client(ECRClient).send(
      new CreateRepositoryCommand({
        repositoryName: name,
        imageTagMutability: inputs.imageTagMutability as ImageTagMutability,
        imageTagMutabilityExclusionFilters: exclusionFilters(inputs.imageTagMutabilityExclusionFilters),
        imageScanningConfiguration: inputs.imageScanningConfiguration,
        ...(encryption && {
          encryptionConfiguration: {
            encryptionType: encryption.encryptionType as EncryptionType,
            kmsKey: encryption.kmsKey,
          },
        }),
        tags: tagList(inputs.tags),
      }),
    );
    return name;
  },

  async read(id, context) {
    const ecr = context.client(ECRClient);
    const { repositories } = await ecr.send(new DescribeRepositoriesCommand({ repositoryNames: [id] }));
    const [found] = repositories ?? [];
    if (!found) return undefined;
    const { tags } = await ecr.send(new ListTagsForResourceCommand({ resourceArn: found.repositoryArn }));
    const encryption = found.encryptionConfiguration;
    const encryptionConfigurations = [
      { encryptionType: encryption?.encryptionType ?? "AES256", kmsKey: encryption?.kmsKey ?? "" },
    ];
    return {
      name: found.repositoryName,
      imageTagMutability: found.imageTagMutability,
      imageTagMutabilityExclusionFilters: (found.imageTagMutabilityExclusionFilters ?? []).map((each) => ({
        filter: each.filter ?? "",
        filterType: each.filterType ?? "",
      })),
      imageScanningConfiguration: { scanOnPush: found.imageScanningConfiguration?.scanOnPush ?? false },
      encryptionConfigurations,
      ...tagState(tags),
      arn: found.repositoryArn,
      registryId: found.registryId,
      repositoryUrl: found.repositoryUri,
    };
  },

  async update({ id, inputs, old, changes }, context) {
    const ecr = context.client(ECRClient);
    if (changes("imageTagMutability", "imageTagMutabilityExclusionFilters"))
      await ecr.send(
        new PutImageTagMutabilityCommand({
          repositoryName: id,
          imageTagMutability: inputs.imageTagMutability as ImageTagMutability,
          imageTagMutabilityExclusionFilters: exclusionFilters(inputs.imageTagMutabilityExclusionFilters),
        }),
      );
    if (changes("imageScanningConfiguration"))
      await ecr.send(
        new PutImageScanningConfigurationCommand({
          repositoryName: id,
          imageScanningConfiguration: inputs.imageScanningConfiguration ?? { scanOnPush: false },
        }),
      );
    await applyTags(old.tags, inputs.tags, {
      set: (tags) => ecr.send(new TagResourceCommand({ resourceArn: old.arn, tags: tagList(tags) })),
      remove: (tagKeys) => ecr.send(new UntagResourceCommand({ resourceArn: old.arn, tagKeys })),
    });
  },

  async delete(id, state, context) {
    const command = new DeleteRepositoryCommand({ repositoryName: id, force: state.forceDelete });
    try {
      await context.client(ECRClient).send(command);
    } catch (error) {
      if (!hasCode(error, ["RepositoryNotEmptyException"])) throw error;
      throw new Error(`the repository ${id} has images, and forceDelete is not set`, { cause: error });
    }
  },
});

function exclusionFilters(
  given: Inputs<typeof exclusionFilter>[] | undefined,
): ImageTagMutabilityExclusionFilter[] | undefined {
  return given?.map(({ filter }) => ({ filter, filterType: "WILDCARD" }));
}
