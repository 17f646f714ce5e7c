// The life that every resource type goes through with the real engine: created, unchanged, updated in place, changed behind the
// engine's back, replaced, imported, destroyed, found gone. Many resources share one stack, so that a service takes seconds.
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { CustomResource, CustomResourceOptions } from "@pulumi/pulumi";
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

/** The versions of a program that a life goes through. */
export type Version = "created" | "updated" | "replaced";

/** What `disturb` may use. */
export interface Surroundings {
  account: string;
  region: string;
  /** AWS SDK configuration that acts as the account's root. */
  client: { endpoint: string; region: string; credentials: { accessKeyId: string; secretAccessKey: string } };
}

/** The life of one resource. */
export interface Life {
  /** Logical name, unique in the stack. */
  name: string;
  /**
   * Declares the resource as it is in `version`, with `options` passed on to its constructor. Called in the program.
   *
   * @param others resources declared by lives before this one, by name
   */
  declare(version: Version, options: CustomResourceOptions, others: Record<string, CustomResource>): CustomResource;
  /** What must be expected from one version to the next. @default "update" then "replace" */
  updated?: "update" | "replace" | "same";
  replaced?: "replace" | "update" | "same";
  /** Outputs as they must be after each version, checked on the state's outputs. */
  outputs?: Partial<Record<Version, (outputs: Record<string, unknown>) => void>>;
  /** Changes the thing (in version `updated`) behind the engine's back, with the AWS SDK. */
  disturb?(id: string, surroundings: Surroundings, outputs: Record<string, unknown>): Promise<void>;
  /** The thing as AWS has it in a version, asked without the provider. */
  verify?: Partial<Record<Version, (id: string, surroundings: Surroundings) => Promise<void>>>;
  /** Outputs that change when other resources of the stack do, so that a refresh sees them anew. */
  drifting?: string[];
  /** Inputs that AWS does not give back, so that an import cannot match them. */
  unimportable?: string[];
  /** The id to import by, where it is not the resource's id; `false` where the official provider cannot import the type. */
  importId?: ((outputs: Record<string, unknown>) => string) | false;
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

/** A program that declares all lives in one version. */
function programOf(
  lives: readonly Life[],
  version: Version,
  optionsOf: (life: Life) => CustomResourceOptions,
): PulumiFn {
  return async () => {
    const others: Record<string, CustomResource> = {};
    for (const life of lives) others[life.name] = life.declare(version, optionsOf(life), others);
  };
}

/**
 * Defines the mocha tests of a service's lives, in order; each goes on from where the one before left the stack.
 *
 * @param describeName e.g. `provider: s3`
 * @param inventory asks AWS what is left of the service in the account; must be empty at the end
 */
export function testLives(
  describeName: string,
  lives: readonly Life[],
  inventory: (surroundings: Surroundings) => Promise<string[]>,
  options: BenchOptions = {},
): void {
  describe(describeName, () => {
    let bench: Bench;
    const plain = (version: Version) => programOf(lives, version, () => ({}));
    before(async () => {
      bench = await startBench(options);
    });
    after(() => bench?.close());

    async function checkVersion(version: Version): Promise<void> {
      const resources = await bench.resources();
      for (const life of lives) {
        const found = resources[life.name];
        assert.ok(found, `${life.name} is not in the state`);
        life.outputs?.[version]?.(found.outputs);
        await life.verify?.[version]?.(found.id, bench);
      }
      assert.deepEqual((await bench.preview(plain(version))).operations, {}, `a preview after ${version} is not empty`);
    }

    function assertOperations(run: Run, expected: (life: Life) => string): void {
      const wanted = lives.map((life) => [life.name, expected(life)]).filter(([, operation]) => operation !== "same");
      assert.deepEqual(run.operations, Object.fromEntries(wanted));
    }

    it("is previewed and created, and a preview then is empty", async () => {
      assertOperations(await bench.preview(plain("created")), () => "create");
      assertOperations(await bench.up(plain("created")), () => "create");
      await checkVersion("created");
    });

    it("is updated, in place where AWS can", async () => {
      assertOperations(await bench.up(plain("updated")), (life) => life.updated ?? "update");
      await checkVersion("updated");
    });

    it("is unchanged by a refresh", async () => {
      const before = await bench.resources();
      await bench.refresh(plain("updated"));
      const after = await bench.resources();
      for (const { name, drifting = [] } of lives) {
        const steady = (outputs: Record<string, unknown> = {}) =>
          Object.fromEntries(Object.entries(outputs).filter(([output]) => !drifting.includes(output)));
        assert.deepEqual(steady(after[name]?.outputs), steady(before[name]?.outputs), `outputs of ${name}`);
        assert.deepEqual(after[name]?.inputs, before[name]?.inputs, `inputs of ${name}`);
      }
    });

    it("is repaired after a change behind the engine's back", async () => {
      const resources = await bench.resources();
      const disturbed = lives.filter((life) => life.disturb);
      for (const life of disturbed) {
        const { id, outputs } = resources[life.name] as StateResource;
        await life.disturb?.(id, bench, outputs);
      }
      await bench.refresh(plain("updated"));
      const repair = await bench.up(plain("updated"));
      assert.deepEqual(Object.keys(repair.operations).sort(), disturbed.map((life) => life.name).sort());
      await checkVersion("updated");
    });

    it("is replaced where AWS cannot change it", async () => {
      assertOperations(await bench.up(plain("replaced")), (life) => life.replaced ?? "replace");
      await checkVersion("replaced");
    });

    it("is imported by its id with nothing to change", async () => {
      const resources = await bench.resources();
      const importing = programOf(lives, "replaced", (life) => {
        const { id, outputs } = resources[life.name] as StateResource;
        if (life.importId === false) return {};
        return { import: life.importId?.(outputs) ?? id, ignoreChanges: life.unimportable };
      });
      const importable = lives.filter((life) => life.importId !== false);
      const run = await bench.up(importing, "imported");
      const imports = Object.entries(run.operations).filter(([, operation]) => operation === "import");
      assert.deepEqual(imports.map(([name]) => name).sort(), importable.map((life) => life.name).sort());
      const imported = await bench.resources("imported");
      for (const { name, importId } of importable)
        if (!importId) assert.equal(imported[name]?.id, resources[name]?.id, `id of ${name}`);
    });

    it("is destroyed, and nothing is left", async () => {
      await bench.destroy("imported");
      assert.deepEqual(await bench.resources("imported"), {});
      assert.deepEqual(await inventory(bench), []);
    });

    it("is destroyed when it is gone already, and found gone by a refresh", async () => {
      await bench.withState(async () => {
        await bench.refresh(async () => {});
        assert.deepEqual(await bench.resources(), {}, "a refresh finds every resource gone");
      });
      await bench.destroy();
      assert.deepEqual(await bench.resources(), {});
    });
  });
}
