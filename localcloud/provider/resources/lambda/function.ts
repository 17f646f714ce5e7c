// aws:lambda/function:Function
import {
  type Architecture,
  CreateFunctionCommand,
  type CreateFunctionCommandInput,
  DeleteFunctionCommand,
  DeleteFunctionConcurrencyCommand,
  GetFunctionCommand,
  LambdaClient,
  ListVersionsByFunctionCommand,
  PublishVersionCommand,
  PutFunctionConcurrencyCommand,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateFunctionCodeCommand,
  UpdateFunctionConfigurationCommand,
} from "@aws-sdk/client-lambda";
import { type Context, resource } from "../../descriptor.js";
import { hasCode } from "../../errors.js";
import type { Inputs, State } from "../../properties.js";
import { applyTags, tagState } from "../../tags.js";
import { checkCode, codeRequest } from "./code.js";
import { CODE, CONFIGURATION, properties } from "./functionProperties.js";

type FunctionInputs = Inputs<typeof properties>;
type Configuration = Omit<CreateFunctionCommandInput, "FunctionName" | "Code">;

export const lambdaFunction = resource({
  type: "aws:lambda/function:Function",
  properties,

  check(inputs) {
    const failures = checkCode(inputs, "imageUri");
    if (inputs.packageType === "Image") return failures;
    for (const name of ["handler", "runtime"] as const)
      if (inputs[name] === undefined) failures.push({ property: name, reason: "must be given for a Zip package" });
    return failures;
  },

  async create(inputs, context) {
    const lambda = context.client(LambdaClient);
    const FunctionName = inputs.name as string;
    const Code = inputs.imageUri ? { ImageUri: inputs.imageUri } : await codeRequest(inputs, context);
    const request = new CreateFunctionCommand({
      ...configuration(inputs),
      FunctionName,
      Code,
      PackageType: inputs.packageType as "Zip",
      Architectures: inputs.architectures as Architecture[] | undefined,
      Publish: inputs.publish,
      Tags: inputs.tags,
    });
    await context.retry(() => lambda.send(request), isRoleNotReady);
    context.created(FunctionName);
    await untilReady(FunctionName, context);
    await reserve(FunctionName, inputs.reservedConcurrentExecutions, context);
    return FunctionName;
  },

  async read(id, context, known) {
    const lambda = context.client(LambdaClient);
    const found = await lambda.send(new GetFunctionCommand({ FunctionName: id }));
    const config = found.Configuration ?? {};
    const versions = await allVersions(id, context);
    const version = known.publish ? (versions.at(-1) ?? "$LATEST") : "$LATEST";
    const arn = config.FunctionArn ?? "";
    const invoke = (target: string) =>
      `arn:${context.partition}:apigateway:${context.region}:lambda:path/2015-03-31/functions/${target}/invocations`;
    const { LoggingConfig: logging, VpcConfig: vpc, ImageConfigResponse: image } = config;
    const variables = config.Environment?.Variables;
    return {
      name: config.FunctionName,
      role: config.Role,
      imageUri: found.Code?.ImageUri,
      packageType: config.PackageType ?? "Zip",
      handler: config.Handler || undefined,
      runtime: config.Runtime || undefined,
      architectures: config.Architectures ?? ["x86_64"],
      description: config.Description || undefined,
      memorySize: config.MemorySize,
      timeout: config.Timeout,
      environment: variables && Object.keys(variables).length > 0 ? { variables } : undefined,
      layers: config.Layers?.length ? config.Layers.map(({ Arn = "" }) => Arn) : undefined,
      reservedConcurrentExecutions: found.Concurrency?.ReservedConcurrentExecutions ?? -1,
      deadLetterConfig: config.DeadLetterConfig?.TargetArn
        ? { targetArn: config.DeadLetterConfig.TargetArn }
        : undefined,
      ephemeralStorage: { size: config.EphemeralStorage?.Size ?? 512 },
      imageConfig: image?.ImageConfig && {
        commands: image.ImageConfig.Command,
        entryPoints: image.ImageConfig.EntryPoint,
        workingDirectory: image.ImageConfig.WorkingDirectory,
      },
      kmsKeyArn: config.KMSKeyArn || undefined,
      loggingConfig: {
        logFormat: logging?.LogFormat ?? "Text",
        logGroup: logging?.LogGroup ?? `/aws/lambda/${id}`,
        applicationLogLevel: logging?.ApplicationLogLevel,
        systemLogLevel: logging?.SystemLogLevel,
      },
      tracingConfig: { mode: config.TracingConfig?.Mode ?? "PassThrough" },
      vpcConfig: vpc?.SubnetIds?.length
        ? {
            subnetIds: vpc.SubnetIds,
            securityGroupIds: vpc.SecurityGroupIds ?? [],
            ipv6AllowedForDualStack: vpc.Ipv6AllowedForDualStack ?? false,
            vpcId: vpc.VpcId,
          }
        : undefined,
      ...tagState(found.Tags),
      arn,
      codeSha256: config.CodeSha256,
      invokeArn: invoke(arn),
      lastModified: config.LastModified,
      qualifiedArn: `${arn}:${version}`,
      qualifiedInvokeArn: invoke(`${arn}:${version}`),
      sourceCodeSize: config.CodeSize,
      version,
    } as State<typeof properties>;
  },

  async update({ id, old, inputs, changes }, context) {
    const lambda = context.client(LambdaClient);
    if (changes(...CONFIGURATION)) {
      const request = new UpdateFunctionConfigurationCommand({ FunctionName: id, ...configuration(inputs, "update") });
      await context.retry(() => lambda.send(request), isRoleNotReady);
      await untilReady(id, context);
    }
    if (changes(...CODE)) {
      const code = inputs.imageUri ? { ImageUri: inputs.imageUri } : await codeRequest(inputs, context);
      const Architectures = inputs.architectures as Architecture[] | undefined;
      await lambda.send(new UpdateFunctionCodeCommand({ FunctionName: id, ...code, Architectures }));
      await untilReady(id, context);
    }
    if (inputs.publish && changes(...CONFIGURATION, ...CODE, "publish"))
      await lambda.send(new PublishVersionCommand({ FunctionName: id }));
    if (changes("reservedConcurrentExecutions")) await reserve(id, inputs.reservedConcurrentExecutions, context);
    if (changes("tags")) {
      const Resource = old.arn;
      await applyTags(old.tags, inputs.tags, {
        set: (Tags) => lambda.send(new TagResourceCommand({ Resource, Tags })),
        remove: (TagKeys) => lambda.send(new UntagResourceCommand({ Resource, TagKeys })),
      });
    }
  },

  async delete(id, state, context) {
    if (!state.skipDestroy) await context.client(LambdaClient).send(new DeleteFunctionCommand({ FunctionName: id }));
  },
});

/** The configuration as the API takes it. In an update, what is not given any more is taken away. */
function configuration(inputs: FunctionInputs, purpose: "create" | "update" = "create"): Configuration {
  const cleared = <T>(value: T): T | undefined => (purpose === "update" ? value : undefined);
  const { imageConfig, loggingConfig, vpcConfig } = inputs;
  return {
    Role: inputs.role,
    Handler: inputs.handler,
    Runtime: inputs.runtime as Configuration["Runtime"],
    Description: inputs.description ?? cleared(""),
    MemorySize: inputs.memorySize,
    Timeout: inputs.timeout,
    Environment: inputs.environment ? { Variables: inputs.environment.variables } : cleared({ Variables: {} }),
    Layers: inputs.layers ?? cleared([]),
    DeadLetterConfig: inputs.deadLetterConfig
      ? { TargetArn: inputs.deadLetterConfig.targetArn }
      : cleared({ TargetArn: "" }),
    EphemeralStorage: inputs.ephemeralStorage?.size ? { Size: inputs.ephemeralStorage.size } : undefined,
    ImageConfig: imageConfig && {
      Command: imageConfig.commands,
      EntryPoint: imageConfig.entryPoints,
      WorkingDirectory: imageConfig.workingDirectory,
    },
    KMSKeyArn: inputs.kmsKeyArn ?? cleared(""),
    LoggingConfig: loggingConfig && {
      LogFormat: loggingConfig.logFormat as "Text",
      LogGroup: loggingConfig.logGroup,
      ApplicationLogLevel: loggingConfig.applicationLogLevel as "INFO" | undefined,
      SystemLogLevel: loggingConfig.systemLogLevel as "INFO" | undefined,
    },
    TracingConfig: inputs.tracingConfig && { Mode: inputs.tracingConfig.mode as "Active" },
    VpcConfig: vpcConfig
      ? {
          SubnetIds: vpcConfig.subnetIds,
          SecurityGroupIds: vpcConfig.securityGroupIds,
          Ipv6AllowedForDualStack: vpcConfig.ipv6AllowedForDualStack,
        }
      : cleared({ SubnetIds: [], SecurityGroupIds: [] }),
  };
}

/** A role that was just made may not be known everywhere yet. */
function isRoleNotReady(error: Error): boolean {
  return (
    hasCode(error, ["InvalidParameterValueException"]) &&
    /cannot be assumed by Lambda|does not have permissions/.test(error.message)
  );
}

/** Waits for the end of what was begun: a function that is being changed takes no other change. */
async function untilReady(FunctionName: string, context: Context): Promise<void> {
  await context.waitFor(
    `function ${FunctionName} to be Active`,
    async () => {
      const { Configuration } = await context.client(LambdaClient).send(new GetFunctionCommand({ FunctionName }));
      const { State, StateReason, LastUpdateStatus, LastUpdateStatusReason } = Configuration ?? {};
      if (State === "Failed") throw new Error(`function ${FunctionName} is Failed: ${StateReason}`);
      if (LastUpdateStatus === "Failed") throw new Error(`function ${FunctionName}: ${LastUpdateStatusReason}`);
      return State !== "Pending" && LastUpdateStatus !== "InProgress" ? true : undefined;
    },
    600,
  );
}

/** @param reserved -1 for none */
async function reserve(FunctionName: string, reserved: number, context: Context): Promise<void> {
  const lambda = context.client(LambdaClient);
  if (reserved >= 0)
    await lambda.send(new PutFunctionConcurrencyCommand({ FunctionName, ReservedConcurrentExecutions: reserved }));
  else await lambda.send(new DeleteFunctionConcurrencyCommand({ FunctionName }));
}

/** Numbers of the published versions, oldest first. */
async function allVersions(FunctionName: string, context: Context): Promise<string[]> {
  const versions: string[] = [];
  let Marker: string | undefined;
  do {
    const page = await context.client(LambdaClient).send(new ListVersionsByFunctionCommand({ FunctionName, Marker }));
    versions.push(...(page.Versions ?? []).map(({ Version = "" }) => Version));
    Marker = page.NextMarker;
  } while (Marker);
  return versions.filter((version) => version !== "$LATEST").sort((left, right) => Number(left) - Number(right));
}
