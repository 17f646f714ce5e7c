// aws:glue/securityConfiguration:SecurityConfiguration
import {
  type CloudWatchEncryptionMode,
  CreateSecurityConfigurationCommand,
  DeleteSecurityConfigurationCommand,
  GetSecurityConfigurationCommand,
  GlueClient,
  type JobBookmarksEncryptionMode,
  type S3EncryptionMode,
} from "@aws-sdk/client-glue";
import { resource } from "../../descriptor.js";
import { object, text } from "../../properties.js";

export const securityConfiguration = resource({
  type: "aws:glue/securityConfiguration:SecurityConfiguration",
  properties: {
    name: text({ computed: true, replace: true, min: 1, max: 255, autoName: { max: 255 } }),
    encryptionConfiguration: object(
      {
        cloudwatchEncryption: object(
          {
            cloudwatchEncryptionMode: text({ default: "DISABLED", values: ["DISABLED", "SSE-KMS"] }),
            kmsKeyArn: text(),
          },
          { required: true },
        ),
        jobBookmarksEncryption: object(
          {
            jobBookmarksEncryptionMode: text({ default: "DISABLED", values: ["DISABLED", "CSE-KMS"] }),
            kmsKeyArn: text(),
          },
          { required: true },
        ),
        s3Encryption: object(
          {
            s3EncryptionMode: text({ default: "DISABLED", values: ["DISABLED", "SSE-KMS", "SSE-S3"] }),
            kmsKeyArn: text(),
          },
          { required: true },
        ),
      },
      { required: true, replace: true },
    ),
  },

  async create(inputs, context) {
    const { cloudwatchEncryption, jobBookmarksEncryption, s3Encryption } = inputs.encryptionConfiguration;
    const Name = inputs.name as string;
    await context.client(GlueClient).send(
      new CreateSecurityConfigurationCommand({
        Name,
        EncryptionConfiguration: {
          CloudWatchEncryption: {
            CloudWatchEncryptionMode: cloudwatchEncryption.cloudwatchEncryptionMode as CloudWatchEncryptionMode,
            KmsKeyArn: cloudwatchEncryption.kmsKeyArn,
          },
          JobBookmarksEncryption: {
            JobBookmarksEncryptionMode: jobBookmarksEncryption.jobBookmarksEncryptionMode as JobBookmarksEncryptionMode,
            KmsKeyArn: jobBookmarksEncryption.kmsKeyArn,
          },
          S3Encryption: [
            { S3EncryptionMode: s3Encryption.s3EncryptionMode as S3EncryptionMode, KmsKeyArn: s3Encryption.kmsKeyArn },
          ],
        },
      }),
    );
    return Name;
  },

  async read(id, context) {
    const request = new GetSecurityConfigurationCommand({ Name: id });
    const { SecurityConfiguration: found } = await context.client(GlueClient).send(request);
    if (!found) return undefined;
    const { CloudWatchEncryption, JobBookmarksEncryption, S3Encryption } = found.EncryptionConfiguration ?? {};
    return {
      name: found.Name,
      encryptionConfiguration: {
        cloudwatchEncryption: {
          cloudwatchEncryptionMode: CloudWatchEncryption?.CloudWatchEncryptionMode ?? "DISABLED",
          kmsKeyArn: CloudWatchEncryption?.KmsKeyArn,
        },
        jobBookmarksEncryption: {
          jobBookmarksEncryptionMode: JobBookmarksEncryption?.JobBookmarksEncryptionMode ?? "DISABLED",
          kmsKeyArn: JobBookmarksEncryption?.KmsKeyArn,
        },
        s3Encryption: {
          s3EncryptionMode: S3Encryption?.[0]?.S3EncryptionMode ?? "DISABLED",
          kmsKeyArn: S3Encryption?.[0]?.KmsKeyArn,
        },
      },
    };
  },

  async delete(id, _state, context) {
    await context.client(GlueClient).send(new DeleteSecurityConfigurationCommand({ Name: id }));
  },
});
