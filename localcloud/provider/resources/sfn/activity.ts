// aws:sfn/activity:Activity
import {
  CreateActivityCommand,
  DeleteActivityCommand,
  DescribeActivityCommand,
  type EncryptionConfiguration,
  SFNClient,
} from "@aws-sdk/client-sfn";
import { resource } from "../../descriptor.js";
import { number, object, output, tagged, text } from "../../properties.js";
import { readTags, tagRequest, updateTags } from "./tags.js";

export const activity = resource({
  type: "aws:sfn/activity:Activity",
  properties: {
    name: text({ computed: true, replace: true, max: 80, autoName: { max: 80 } }),
    encryptionConfiguration: object(
      {
        kmsKeyId: text(),
        kmsDataKeyReusePeriodSeconds: number({ min: 60, max: 900 }),
        type: text({ default: "AWS_OWNED_KEY", values: ["AWS_OWNED_KEY", "CUSTOMER_MANAGED_KMS_KEY"] }),
      },
      { computed: true, replace: true },
    ),
    ...tagged,
    arn: output(text()),
    creationDate: output(text()),
  },

  async create(inputs, context) {
    const made = await context.client(SFNClient).send(
      new CreateActivityCommand({
        name: inputs.name,
        encryptionConfiguration: inputs.encryptionConfiguration as EncryptionConfiguration | undefined,
        tags: tagRequest(inputs.tags),
      }),
    );
    return made.activityArn as string;
  },

  async read(id, context) {
    const [found, tags] = await Promise.all([
      context.client(SFNClient).send(new DescribeActivityCommand({ activityArn: id })),
      readTags(id, context),
    ]);
    const encryption = found.encryptionConfiguration;
    return {
      name: found.name,
      encryptionConfiguration: encryption && {
        kmsKeyId: encryption.kmsKeyId,
        kmsDataKeyReusePeriodSeconds: encryption.kmsDataKeyReusePeriodSeconds,
        type: encryption.type ?? "AWS_OWNED_KEY",
      },
      ...tags,
      arn: found.activityArn,
      creationDate: found.creationDate?.toISOString(),
    };
  },

  async update({ id, old, inputs }, context) {
    await updateTags(id, old.tags, inputs.tags, context);
  },

  async delete(id, _state, context) {
    await context.client(SFNClient).send(new DeleteActivityCommand({ activityArn: id }));
  },
});
