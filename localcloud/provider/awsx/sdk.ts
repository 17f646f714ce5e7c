// The parts of Pulumi's SDK that a component provider needs and that the SDK's declarations leave out. The SDK is pinned, and a part
// that is missing is an error as soon as this file is loaded.
import type { DependencyResource, Inputs, ProviderResource, ResourceHookBinding } from "@pulumi/pulumi";
import providerServer from "@pulumi/pulumi/provider/server.js";
import resourceModule from "@pulumi/pulumi/resource.js";
import runtimeResource from "@pulumi/pulumi/runtime/resource.js";
import settings from "@pulumi/pulumi/runtime/settings.js";
import state from "@pulumi/pulumi/runtime/state.js";
import type { Struct } from "google-protobuf/google/protobuf/struct_pb.js";

/** Dependencies of each input, as a request carries them. */
export type InputDependencies = { get(name: string): { getUrnsList(): string[] } | undefined };

interface Internals {
  /** Runs `work` with a runtime state (engine, configuration, pending calls) of its own. */
  withLocalStorage<T>(work: () => Promise<T>): Promise<T>;
  /** The runtime state that this code runs with, if it has one of its own. */
  getLocalStore(): object | undefined;
  /** Asks the engine which features it has. */
  awaitFeatureSupport(): Promise<void>;
  /** Resolves when every call to the engine has been answered. */
  waitForRPCs(): Promise<void>;
  /** A request's inputs, with outputs where they are secret, unknown or depend on resources. */
  deserializeInputs(inputs: Struct | undefined, dependencies: InputDependencies): Promise<Inputs>;
  hookBindingFromProto(proto: unknown): ResourceHookBinding | undefined;
  /** A resource of another program, known by its URN only. */
  DependencyResource: new (
    urn: string,
  ) => DependencyResource;
  /** A provider of another program, known by its reference only. */
  DependencyProviderResource: new (
    reference: string,
  ) => ProviderResource;
}

const origins: [object, (keyof Internals)[]][] = [
  [state, ["withLocalStorage", "getLocalStore"]],
  [settings, ["awaitFeatureSupport", "waitForRPCs"]],
  [providerServer, ["deserializeInputs"]],
  [runtimeResource, ["hookBindingFromProto"]],
  [resourceModule, ["DependencyResource", "DependencyProviderResource"]],
];

export const sdk = Object.fromEntries(
  origins.flatMap(([module, names]) =>
    names.map((name) => {
      const part = (module as Record<string, unknown>)[name];
      if (part === undefined) throw new Error(`@pulumi/pulumi has no ${name}: this provider is written for 3.246`);
      return [name, part];
    }),
  ),
) as unknown as Internals;
