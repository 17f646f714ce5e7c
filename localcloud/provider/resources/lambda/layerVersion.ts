// aws:lambda/layerVersion:LayerVersion. A version cannot be changed: every change publishes another one.
import {
  type Architecture,
  DeleteLayerVersionCommand,
  GetLayerVersionByArnCommand,
  LambdaClient,
  PublishLayerVersionCommand,
  type Runtime,
} from "@aws-sdk/client-lambda";
import { resource } from "../../descriptor.js";
import { asset, flag, number, output, type State, set, text } from "../../properties.js";
import { checkCode, codeRequest } from "./code.js";

const properties = {
  layerName: text({ required: true, replace: true }),
  code: asset({ replace: true }),
  s3Bucket: text({ unread: true, replace: true }),
  s3Key: text({ unread: true, replace: true }),
  s3ObjectVersion: text({ unread: true, replace: true }),
  sourceCodeHash: text({ computed: true, unread: true, replace: true }),
  description: text({ replace: true }),
  licenseInfo: text({ replace: true }),
  compatibleRuntimes: set(text(), { replace: true }),
  compatibleArchitectures: set(text(), { replace: true }),
  skipDestroy: flag({ default: false, unread: true }),
  arn: output(text()),
  codeSha256: output(text()),
  createdDate: output(text()),
  layerArn: output(text()),
  sourceCodeSize: output(number()),
  version: output(text()),
};

export const layerVersion = resource({
  type: "aws:lambda/layerVersion:LayerVersion",
  properties,
  // Versions stand beside each other, so that a function changes to the new one before the old one goes.
  identity: [],
  check: (inputs) => checkCode(inputs),

  async create(inputs, context) {
    const made = await context.client(LambdaClient).send(
      new PublishLayerVersionCommand({
        LayerName: inputs.layerName,
        Content: await codeRequest(inputs, context),
        Description: inputs.description,
        LicenseInfo: inputs.licenseInfo,
        CompatibleRuntimes: inputs.compatibleRuntimes as Runtime[] | undefined,
        CompatibleArchitectures: inputs.compatibleArchitectures as Architecture[] | undefined,
      }),
    );
    return made.LayerVersionArn as string;
  },

  async read(id, context) {
    const found = await context.client(LambdaClient).send(new GetLayerVersionByArnCommand({ Arn: id }));
    return {
      layerName: id.split(":")[6],
      description: found.Description || undefined,
      licenseInfo: found.LicenseInfo || undefined,
      compatibleRuntimes: found.CompatibleRuntimes?.length ? found.CompatibleRuntimes : undefined,
      compatibleArchitectures: found.CompatibleArchitectures?.length ? found.CompatibleArchitectures : undefined,
      arn: id,
      codeSha256: found.Content?.CodeSha256,
      createdDate: found.CreatedDate,
      layerArn: id.replace(/:\d+$/, ""),
      sourceCodeSize: found.Content?.CodeSize,
      version: String(found.Version),
    } as State<typeof properties>;
  },

  async update() {
    // Only what steers the provider can change in place.
  },

  async delete(id, state, context) {
    if (state.skipDestroy) return;
    const VersionNumber = Number(id.split(":").at(-1));
    await context
      .client(LambdaClient)
      .send(new DeleteLayerVersionCommand({ LayerName: id.split(":")[6], VersionNumber }));
  },
});
