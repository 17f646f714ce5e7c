// Clients of the AWS SDK, kept for the next task, and what a command's response was.

import { Agent } from "node:http";
import type { SessionCredentials } from "../../service.js";
import type { SdkClient, SdkCommand, SdkModule } from "./module.js";

/** A response as it came over HTTP. */
export interface HttpAnswer {
  statusCode: number;
  headers: Record<string, string>;
  requestId: string;
}

/** Whose session requests are made with. */
export interface ClientIdentity {
  region: string;
  credentials: SessionCredentials;
}

/** Clients by service, region and session; the ones used longest ago are forgotten. They share connections. */
export class SdkClients {
  private readonly clients = new Map<string, SdkClient>();
  private requestHandler: unknown;
  private readonly agent = new Agent({ keepAlive: true, maxSockets: 512 });

  /** @param most how many are kept */
  constructor(
    private readonly endpoint: string,
    private readonly most = 256,
  ) {}

  /** @param module of the service of this name */
  get(service: string, module: SdkModule, { region, credentials }: ClientIdentity): SdkClient {
    const key = `${service} ${region} ${credentials.accessKeyId}`;
    const known = this.clients.get(key);
    this.clients.delete(key);
    const client = known ?? this.open(module, region, credentials);
    this.clients.set(key, client);
    for (const oldest of this.clients.keys()) {
      if (this.clients.size <= this.most) break;
      this.clients.delete(oldest);
    }
    return client;
  }

  private open(module: SdkModule, region: string, credentials: SessionCredentials): SdkClient {
    const client = module.newClient({
      endpoint: this.endpoint,
      region,
      credentials,
      forcePathStyle: true,
      // Retrying is the state machine's matter: what the service says is what the task fails with.
      maxAttempts: 1,
      requestHandler: this.requestHandler ?? { httpAgent: this.agent, socketAcquisitionWarningTimeout: 60_000 },
    });
    this.requestHandler ??= client.config.requestHandler;
    return client;
  }

  /** Ends the connections. */
  close(): void {
    this.clients.clear();
    this.agent.destroy();
  }
}

/** Sends a command and gives, beside its output, the response that it was read from. */
export async function sendCommand(
  client: SdkClient,
  command: SdkCommand,
  abortSignal?: AbortSignal,
): Promise<{ output: Record<string, unknown>; http: HttpAnswer }> {
  let response: { statusCode: number; headers: Record<string, string> } | undefined;
  command.middlewareStack.add(
    (next: (args: unknown) => Promise<{ response: typeof response }>) => async (args: unknown) => {
      const result = await next(args);
      response = result.response;
      return result;
    },
    { step: "deserialize", priority: "low", name: "keepResponse" },
  );
  const { $metadata, ...output } = await client.send(command, abortSignal ? { abortSignal } : {});
  const { requestId } = $metadata as { requestId?: string };
  return {
    output,
    http: { statusCode: response?.statusCode ?? 0, headers: response?.headers ?? {}, requestId: requestId ?? "" },
  };
}
