// Programs on the real engine with the provider under test: an account, a pair of provider servers and a state of their own.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type EngineEvent, LocalWorkspace, type PulumiFn, type Stack } from "@pulumi/pulumi/automation/index.js";
import settings from "@pulumi/pulumi/runtime/settings.js";
import { findEngine } from "../../../automation/engine/engine.js";
import { type ProviderServer, serveProviders } from "../../../localcloud/provider/server.js";
import type { Cloud } from "../../../localcloud/server/cloud.js";
import { freshAccount, testCloud } from "../../support/cloud.js";

// The SDK never closes its channels to engines that are gone. An engine that gets the port of one of them would find its channel
// shared with that one, and refused while that still waits to reconnect; so each channel has connections of its own.
Object.assign((settings as unknown as { grpcClientOptions: object }).grpcClientOptions, {
  "grpc.use_local_subchannel_pool": 1,
});

/** Where a test acts. */
export interface Surroundings {
  account: string;
  region: string;
  /** AWS SDK configuration that acts as the account's root. */
  client: { endpoint: string; region: string; credentials: { accessKeyId: string; secretAccessKey: string } };
}

/** A stack of one test file: its own account, provider server and state. */
export interface Bench extends Surroundings {
  cloud: Cloud;
  /** Runs a program's update in the stack `name`. */
  up(program: PulumiFn, name?: string): Promise<Run>;
  preview(program: PulumiFn, name?: string): Promise<Run>;
  refresh(program: PulumiFn, name?: string): Promise<Run>;
  destroy(name?: string): Promise<Run>;
  /** Resources in the state, by logical name. */
  resources(name?: string): Promise<Record<string, StateResource>>;
  stack(program: PulumiFn, name?: string): Promise<Stack>;
  /** Runs `work`, which may change the state, and puts the state back as it was. */
  withState(work: () => Promise<void>, name?: string): Promise<void>;
  close(): Promise<void>;
}

export interface StateResource {
  id: string;
  type: string;
  urn: string;
  inputs: Record<string, unknown>;
  outputs: Record<string, unknown>;
  initErrors?: string[];
}

/** What one engine run did: operations by logical name, without `same`. */
export interface Run {
  operations: Record<string, string>;
  events: EngineEvent[];
}

export interface BenchOptions {
  region?: string;
  /** Further provider configuration, e.g. `{ "aws:defaultTags": '{"tags":{…}}' }`. */
  config?: Record<string, string>;
}

/** Starts providers for a fresh account on the test cloud, with the engine's state in a temporary folder. */
export async function startBench(options: BenchOptions = {}): Promise<Bench> {
  const region = options.region ?? "eu-central-1";
  const [cloud, engine] = await Promise.all([testCloud(), findEngine()]);
  const account = freshAccount();
  const credentials = { accessKeyId: account, secretAccessKey: "test" };
  const server: ProviderServer = await serveProviders({ endpoint: cloud.endpoint, credentials, region });
  const folder = mkdtempSync(join(tmpdir(), "crucible-provider-"));
  const empty: PulumiFn = async () => {};

  const stateFile = (name: string) => join(folder, ".pulumi", "stacks", "lifecycle", `${name}.json`);
  const stacks = new Map<string, Promise<Stack>>();

  async function makeStack(name: string): Promise<Stack> {
    return LocalWorkspace.createOrSelectStack(
      { stackName: name, projectName: "lifecycle", program: empty },
      {
        pulumiCommand: engine.command,
        pulumiHome: join(folder, "home"),
        workDir: folder,
        projectSettings: { name: "lifecycle", runtime: "nodejs", backend: { url: `file://${folder}` } },
        stackSettings: { [name]: { config: { "aws:region": region, ...options.config } } },
        envVars: {
          PULUMI_CONFIG_PASSPHRASE: "lifecycle",
          PULUMI_DEBUG_PROVIDERS: server.debugProviders,
          PULUMI_SKIP_UPDATE_CHECK: "true",
          PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
          PULUMI_AUTOMATION_API_SKIP_VERSION_CHECK: "true",
        },
      },
    );
  }

  async function stack(program: PulumiFn, name = "main"): Promise<Stack> {
    let made = stacks.get(name);
    if (!made) {
      made = makeStack(name);
      stacks.set(name, made);
    }
    const ready = await made;
    ready.workspace.program = program;
    return ready;
  }

  return {
    cloud,
    account,
    region,
    client: { endpoint: cloud.endpoint, region, credentials },
    stack,
    up: (program, name) => record(async (onEvent) => quick(await stack(program, name)).up({ onEvent })),
    preview: (program, name) => record(async (onEvent) => (await stack(program, name)).preview({ onEvent })),
    refresh: (program, name) => record(async (onEvent) => quick(await stack(program, name)).refresh({ onEvent })),
    destroy: (name) => record(async (onEvent) => quick(await stack(empty, name)).destroy({ onEvent })),
    async resources(name = "main") {
      // The engine's own file: asking the CLI for it takes as long as an update.
      const { checkpoint } = JSON.parse(readFileSync(stateFile(name), "utf8"), withoutCiphertext);
      const own: StateResource[] = (checkpoint.latest?.resources ?? []).filter(
        (each: StateResource & { custom: boolean }) => each.custom && !each.type.startsWith("pulumi:"),
      );
      return Object.fromEntries(own.map((each) => [logicalName(each.urn), each]));
    },
    async withState(work, name = "main") {
      const state = readFileSync(stateFile(name));
      await work();
      writeFileSync(stateFile(name), state);
    },
    async close() {
      await server.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Whether a value of an exported state is marked as a secret. */
export function isSecret(value: unknown): boolean {
  return JSON.stringify(value ?? null).startsWith(
    '{"4dabf18193072939515e22adb298388d":"1b47061264138c4ac30d75fd1eb44270"',
  );
}

/** The engine encrypts a secret anew each time. */
function withoutCiphertext(key: string, value: unknown): unknown {
  return key === "ciphertext" ? "[secret]" : value;
}

function logicalName(urn: string): string {
  return urn.split("::").slice(3).join("::");
}

/** The stack without the three further runs of the CLI by which the SDK gathers a result that is not looked at here. */
function quick(stack: Stack): Stack {
  const same: Stack = Object.create(stack);
  return Object.assign(same, { outputs: async () => ({}), info: async () => undefined });
}

/** Runs the engine and gathers what it did. */
async function record(run: (onEvent: (event: EngineEvent) => void) => Promise<unknown>): Promise<Run> {
  const events: EngineEvent[] = [];
  await run((event) => events.push(event));
  const operations: Record<string, string> = {};
  for (const { resourcePreEvent } of events) {
    if (!resourcePreEvent) continue;
    const { op, urn, type } = resourcePreEvent.metadata;
    if (op === "same" || type.startsWith("pulumi:")) continue;
    const name = logicalName(urn);
    // A replacement is told in steps; what counts is that it is one.
    if (/replace/.test(op) || operations[name] === undefined) operations[name] = /replace/.test(op) ? "replace" : op;
  }
  return { operations, events };
}
