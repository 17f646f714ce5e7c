// Properties of aws:lambda/function:Function, as @pulumi/aws names them.
import { flag, list, map, number, object, output, set, tagged, text } from "../../properties.js";
import { codeSource } from "./code.js";

export const properties = {
  name: text({ computed: true, replace: true, max: 64, autoName: { max: 64 } }),
  role: text({ required: true }),
  ...codeSource,
  imageUri: text(),
  packageType: text({ default: "Zip", replace: true, values: ["Zip", "Image"] }),
  sourceCodeHash: text({ computed: true, unread: true }),
  handler: text(),
  runtime: text(),
  architectures: list(text({ values: ["x86_64", "arm64"] }), { computed: true }),
  description: text(),
  memorySize: number({ default: 128, min: 128, max: 10_240 }),
  timeout: number({ default: 3, min: 1, max: 900 }),
  environment: object({ variables: map(text()) }),
  layers: list(text(), { max: 5 }),
  reservedConcurrentExecutions: number({ default: -1, min: -1 }),
  publish: flag({ default: false, unread: true }),
  deadLetterConfig: object({ targetArn: text({ required: true }) }),
  ephemeralStorage: object({ size: number({ computed: true, min: 512, max: 10_240 }) }, { computed: true }),
  imageConfig: object({ commands: list(text()), entryPoints: list(text()), workingDirectory: text() }),
  kmsKeyArn: text(),
  loggingConfig: object(
    {
      logFormat: text({ required: true, values: ["Text", "JSON"] }),
      logGroup: text({ computed: true }),
      applicationLogLevel: text(),
      systemLogLevel: text(),
    },
    { computed: true },
  ),
  tracingConfig: object({ mode: text({ required: true, values: ["Active", "PassThrough"] }) }, { computed: true }),
  vpcConfig: object({
    subnetIds: set(text(), { required: true }),
    securityGroupIds: set(text(), { required: true }),
    ipv6AllowedForDualStack: flag({ default: false }),
    vpcId: text({ computed: true }),
  }),
  skipDestroy: flag({ default: false, unread: true }),
  ...tagged,
  arn: output(text()),
  codeSha256: output(text(), { volatile: true }),
  invokeArn: output(text()),
  lastModified: output(text(), { volatile: true }),
  qualifiedArn: output(text(), { volatile: true }),
  qualifiedInvokeArn: output(text(), { volatile: true }),
  sourceCodeSize: output(number(), { volatile: true }),
  version: output(text(), { volatile: true }),
};

/** What UpdateFunctionConfiguration changes. */
export const CONFIGURATION = [
  "role",
  "handler",
  "runtime",
  "description",
  "memorySize",
  "timeout",
  "environment",
  "layers",
  "deadLetterConfig",
  "ephemeralStorage",
  "imageConfig",
  "kmsKeyArn",
  "loggingConfig",
  "tracingConfig",
  "vpcConfig",
] as const;

/** What UpdateFunctionCode changes. */
export const CODE = [
  "code",
  "s3Bucket",
  "s3Key",
  "s3ObjectVersion",
  "imageUri",
  "sourceCodeHash",
  "architectures",
] as const;
