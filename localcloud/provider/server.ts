// The provider as the engine sees it: Pulumi's resource provider protocol over gRPC, for the packages `aws` and `awsx`, on two
// ports of loopback that PULUMI_DEBUG_PROVIDERS names. One pair of servers per environment.
import {
  type handleUnaryCall,
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  type sendUnaryData,
  status,
  type UntypedServiceImplementation,
} from "@grpc/grpc-js";
import services from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import { AwsProvider } from "./aws.js";
import type { Credentials } from "./clients.js";
import { explain } from "./errors.js";

export interface ProviderOptions {
  /** Endpoint of an AWS-compatible cloud; absent: AWS itself. */
  endpoint?: string;
  /** Absent: the SDK's default chain. */
  credentials?: Credentials;
  /** Region where the program's configuration has none. */
  region?: string;
}

export interface ProviderServer {
  /** For the environment variable PULUMI_DEBUG_PROVIDERS: `aws:PORT,awsx:PORT`. */
  readonly debugProviders: string;
  /** Ends what is in flight and stops listening. */
  close(): Promise<void>;
}

/** Messages as large as the engine itself accepts. */
const MESSAGE_BYTES = 400 * 1024 * 1024;

/** Starts both providers. @throws when loopback cannot be listened on. */
export async function serveProviders(options: ProviderOptions): Promise<ProviderServer> {
  return together(await Promise.all([serveAws(options), serveAwsx()]));
}

/** Starts the provider of the package `aws`, which has no need of Pulumi's SDK. */
export async function serveAws(options: ProviderOptions): Promise<ProviderServer> {
  const provider = new AwsProvider(options);
  const server = newServer();
  server.addService(services.ResourceProviderService as never, provider.handlers());
  return {
    debugProviders: `aws:${await listen(server)}`,
    async close() {
      provider.close();
      await stop(server);
    },
  };
}

/** Starts the provider of the package `awsx`, whose components run on the SDK of this process. */
export async function serveAwsx(): Promise<ProviderServer> {
  const server = newServer();
  server.addService(services.ResourceProviderService as never, onFirstCall(loadAwsx));
  return { debugProviders: `awsx:${await listen(server)}`, close: () => stop(server) };
}

/** Several servers as one. */
export function together(servers: readonly ProviderServer[]): ProviderServer {
  return {
    debugProviders: servers.map(({ debugProviders }) => debugProviders).join(","),
    async close() {
      await Promise.all(servers.map((server) => server.close()));
    },
  };
}

async function loadAwsx(): Promise<UntypedServiceImplementation> {
  const { awsxHandlers } = await import("./awsx/index.js");
  return awsxHandlers();
}

/** Handlers that are loaded when the first call comes: components need Pulumi's whole SDK, which not every program's provider does. */
function onFirstCall(load: () => Promise<UntypedServiceImplementation>): UntypedServiceImplementation {
  let loading: Promise<UntypedServiceImplementation> | undefined;
  const forward =
    (method: string) => async (call: ServerUnaryCall<unknown, unknown>, callback: sendUnaryData<unknown>) => {
      try {
        loading ??= load();
        const handler = (await loading)[method] as handleUnaryCall<unknown, unknown> | undefined;
        if (handler) handler(call, callback);
        else callback({ code: status.UNIMPLEMENTED, details: `the local awsx provider has no ${method}` });
      } catch (error) {
        callback({ code: status.INTERNAL, details: explain(error) });
      }
    };
  const unaryMethods = Object.entries(services.ResourceProviderService).filter(([, method]) => !method.responseStream);
  return Object.fromEntries(unaryMethods.map(([method]) => [method, forward(method)]));
}

function newServer(): Server {
  return new Server({
    "grpc.max_receive_message_length": MESSAGE_BYTES,
    "grpc.max_send_message_length": MESSAGE_BYTES,
  });
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) =>
      error ? reject(new Error("the provider cannot listen on 127.0.0.1", { cause: error })) : resolve(port),
    );
  });
}

const GRACE_MS = 2_000;

/** Lets calls in flight answer, but not for long: an engine that is gone never closes its connection. */
function stop(server: Server): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => server.forceShutdown(), GRACE_MS);
    server.tryShutdown(() => {
      clearTimeout(timer);
      resolve();
    });
  });
}
