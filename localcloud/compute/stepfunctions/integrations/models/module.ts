// A service that has no client package here: botocore's model of its API, spoken by the SDK's own protocols.
import { ListActivitiesCommand, SFNClient, type SFNClientConfig } from "@aws-sdk/client-sfn";
import {
  AwsEc2QueryProtocol,
  AwsJson1_0Protocol,
  AwsJson1_1Protocol,
  AwsQueryProtocol,
  AwsRestJsonProtocol,
  AwsRestXmlProtocol,
  AwsSmithyRpcV2CborProtocol,
} from "@aws-sdk/core/protocols";
import type { Constructor, SdkClient, SdkCommand, SdkModule } from "../module.js";
import { readModel, type ServiceModel } from "./files.js";
import { withPlainIds } from "./route53.js";
import { ModelSchemas } from "./schemas.js";

/** Builds a command of a schema; every command of the SDK has it. */
interface CommandBuilder {
  m(plugins: () => object[]): CommandBuilder;
  s(service: string, operation: string): CommandBuilder;
  n(client: string, command: string): CommandBuilder;
  sc(schema: unknown): CommandBuilder;
  build(): Constructor<SdkCommand, object>;
}

/** Stands where commands have the rules for finding a service's host: signing asks for it, and here the endpoint is given. */
const GIVEN_ENDPOINT = {
  applyToStack: (stack: { add(middleware: unknown, options: object): void }) =>
    stack.add((next: unknown) => next, { step: "serialize", name: "endpointV2Middleware" }),
};

/** By preference, where a service speaks several. */
const PROTOCOLS: Readonly<Record<string, unknown>> = {
  json: AwsJson1_1Protocol,
  "rest-json": AwsRestJsonProtocol,
  query: AwsQueryProtocol,
  "rest-xml": AwsRestXmlProtocol,
  ec2: AwsEc2QueryProtocol,
  "smithy-rpc-v2-cbor": AwsSmithyRpcV2CborProtocol,
};

/** @param service its name in `aws-sdk` resources; undefined comes back when AWS has no such service */
export async function modelledModule(service: string): Promise<SdkModule | undefined> {
  const model = await readModel(service);
  return model && new ModelledModule(model);
}

class ModelledModule implements SdkModule {
  private readonly schemas: ModelSchemas;
  private readonly commands = new Map<string, Constructor<SdkCommand, object>>();
  /** Errors by the code that responses have for them. */
  private readonly errors: ReadonlyMap<string, string>;

  constructor(private readonly model: ServiceModel) {
    this.schemas = new ModelSchemas(model);
    const errors = Object.entries(model.shapes).filter(([, { exception }]) => exception);
    this.errors = new Map([
      ...errors.map(([name]) => [name, name] as const),
      ...errors.flatMap(([name, { error }]) => (error?.code === undefined ? [] : [[error.code, name] as const])),
    ]);
  }

  get serviceId(): string {
    return this.model.metadata.serviceId;
  }

  error(name: string): string | undefined {
    return this.errors.get(name);
  }

  operations(): string[] {
    return Object.keys(this.model.operations);
  }

  command(operation: string): Constructor<SdkCommand, object> | undefined {
    const found = Object.hasOwn(this.model.operations, operation) ? this.model.operations[operation] : undefined;
    if (!found) return undefined;
    const known = this.commands.get(operation);
    if (known) return known;
    const builder = (ListActivitiesCommand as unknown as { classBuilder(): CommandBuilder }).classBuilder();
    const command = builder
      .m(() => [GIVEN_ENDPOINT])
      .s(this.model.metadata.targetPrefix ?? this.serviceId, operation)
      .n(`${this.serviceId}Client`, `${operation}Command`)
      .sc(this.schemas.operation(found))
      .build();
    this.commands.set(operation, command);
    return command;
  }

  /** A client of the SDK that is given another service's name, protocol and signature. */
  newClient(configuration: object): SdkClient {
    const { metadata } = this.model;
    const settings = {
      ...configuration,
      serviceId: metadata.serviceId,
      signingName: metadata.signingName ?? metadata.endpointPrefix,
      protocol: this.protocol(),
      protocolSettings: {
        defaultNamespace: `com.amazonaws.${metadata.endpointPrefix}`,
        errorTypeRegistries: [],
        xmlNamespace: metadata.xmlNamespace,
        version: metadata.apiVersion,
        serviceTarget: metadata.targetPrefix,
      },
      disableHostPrefix: true,
    };
    return new SFNClient(settings as SFNClientConfig) as unknown as SdkClient;
  }

  handOn(operation: string, output: Record<string, unknown>): Record<string, unknown> {
    return this.serviceId === "Route 53" ? withPlainIds(operation, output) : output;
  }

  private protocol(): unknown {
    const { protocol, protocols = [protocol], jsonVersion } = this.model.metadata;
    const spoken = Object.keys(PROTOCOLS).find((name) => protocols.includes(name)) ?? protocol;
    return spoken === "json" && jsonVersion === "1.0" ? AwsJson1_0Protocol : PROTOCOLS[spoken];
  }
}
