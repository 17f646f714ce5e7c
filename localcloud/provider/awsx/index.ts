// The package `awsx` as a provider: it has components only, so all it answers is Construct.
import { type ServerUnaryCall, type sendUnaryData, status, type UntypedServiceImplementation } from "@grpc/grpc-js";
import type { ComponentResourceOptions, Inputs } from "@pulumi/pulumi";
import type { PluginAttach } from "@pulumi/pulumi/proto/plugin_pb.js";
import plugins from "@pulumi/pulumi/proto/plugin_pb.js";
import proto, {
  type ConstructRequest,
  type ConstructResponse,
  type ProviderHandshakeRequest,
} from "@pulumi/pulumi/proto/provider_pb.js";
import empty from "google-protobuf/google/protobuf/empty_pb.js";
import { answerConstruct, type Constructed } from "./construct.js";
import { VPC_TYPE, Vpc } from "./vpc.js";

/** The release of Pulumi's awsx whose components these are. */
const VERSION = "3.9.0";

const SCHEMA = {
  name: "awsx",
  version: VERSION,
  resources: { [VPC_TYPE]: { isComponent: true } },
};

async function construct(
  type: string,
  name: string,
  inputs: Inputs,
  options: ComponentResourceOptions,
): Promise<Constructed> {
  if (type !== VPC_TYPE)
    throw new Error(
      `the local provider has no component ${type}, only ${VPC_TYPE}. The official awsx provider knows the others: use it with ` +
        "the target aws, or with an endpoint where it is installed.",
    );
  const vpc = new Vpc(name, inputs, options);
  return { urn: vpc.urn, state: { ...(await vpc.outputs()) } };
}

/** The handlers of one server of the package, for one engine at a time. */
export function awsxHandlers(): UntypedServiceImplementation {
  let engineAddress = "";
  return {
    handshake(call: ServerUnaryCall<ProviderHandshakeRequest, unknown>, callback: sendUnaryData<unknown>) {
      engineAddress = call.request.getEngineAddress();
      const response = new proto.ProviderHandshakeResponse();
      response.setAcceptSecrets(true);
      response.setAcceptResources(true);
      response.setAcceptOutputs(true);
      callback(null, response);
    },
    attach(call: ServerUnaryCall<PluginAttach, unknown>, callback: sendUnaryData<unknown>) {
      engineAddress = call.request.getAddress();
      callback(null, new empty.Empty());
    },
    getPluginInfo(_call: unknown, callback: sendUnaryData<unknown>) {
      const info = new plugins.PluginInfo();
      info.setVersion(VERSION);
      callback(null, info);
    },
    getSchema(_call: unknown, callback: sendUnaryData<unknown>) {
      const response = new proto.GetSchemaResponse();
      response.setSchema(JSON.stringify(SCHEMA));
      callback(null, response);
    },
    configure(_call: unknown, callback: sendUnaryData<unknown>) {
      const response = new proto.ConfigureResponse();
      response.setAcceptsecrets(true);
      response.setAcceptresources(true);
      response.setAcceptoutputs(true);
      callback(null, response);
    },
    construct(call: ServerUnaryCall<ConstructRequest, ConstructResponse>, callback: sendUnaryData<ConstructResponse>) {
      answerConstruct(call.request, engineAddress, construct).then(
        (response) => callback(null, response),
        (error: unknown) => callback({ code: status.UNKNOWN, details: String((error as Error)?.message ?? error) }),
      );
    },
    cancel(_call: unknown, callback: sendUnaryData<unknown>) {
      callback(null, new empty.Empty());
    },
  };
}
