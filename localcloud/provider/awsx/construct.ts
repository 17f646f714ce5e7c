// Pulumi's Construct call: a component is built in this process for a program elsewhere. Its children are registered with the engine
// that asked, so they get the caller's providers, transforms and stack. Every call runs with a runtime state of its own, so that a
// program in the same process, or another call, is not disturbed.
import type { Alias, ComponentResourceOptions, Inputs, Output, ProviderResource } from "@pulumi/pulumi";
import type { ConstructRequest, ConstructResponse } from "@pulumi/pulumi/proto/provider_pb.js";
import proto from "@pulumi/pulumi/proto/provider_pb.js";
import resources from "@pulumi/pulumi/resource.js";
import config from "@pulumi/pulumi/runtime/config.js";
import rpc from "@pulumi/pulumi/runtime/rpc.js";
import settings from "@pulumi/pulumi/runtime/settings.js";
import structs from "google-protobuf/google/protobuf/struct_pb.js";
import { catchingRejections } from "./rejections.js";
import { sdk } from "./sdk.js";

/** What a component gives back: its URN and its outputs. */
export interface Constructed {
  urn: Output<string>;
  state: Inputs;
}

export type Construct = (
  type: string,
  name: string,
  inputs: Inputs,
  options: ComponentResourceOptions,
) => Promise<Constructed>;

/**
 * Answers one Construct request.
 *
 * @param engineAddress where the engine logs, from Attach or Handshake
 * @throws what `construct` or one of the component's children failed with.
 */
export function answerConstruct(
  request: ConstructRequest,
  engineAddress: string,
  construct: Construct,
): Promise<ConstructResponse> {
  return sdk.withLocalStorage(() =>
    catchingRejections(async () => {
      await enterProgram(request, engineAddress);
      const inputs = await sdk.deserializeInputs(request.getInputs(), request.getInputdependenciesMap());
      const result = await construct(request.getType(), request.getName(), inputs, optionsOf(request));
      const response = await responseOf(request, result);
      await sdk.waitForRPCs();
      return response;
    }),
  );
}

/** Points the runtime state at the caller's engine, project, stack and configuration. */
async function enterProgram(request: ConstructRequest, engineAddress: string): Promise<void> {
  settings.resetOptions(
    request.getProject(),
    request.getStack(),
    request.getParallel(),
    engineAddress,
    request.getMonitorendpoint(),
    request.getDryrun(),
    request.getOrganization(),
  );
  await sdk.awaitFeatureSupport();
  const values = Object.fromEntries(request.getConfigMap().entries() as Iterable<[string, string]>);
  config.setAllConfig(values, request.getConfigsecretkeysList());
}

function optionsOf(request: ConstructRequest): ComponentResourceOptions {
  const providers: Record<string, ProviderResource> = {};
  for (const [name, reference] of request.getProvidersMap().entries() as Iterable<[string, string]>)
    providers[name] = new sdk.DependencyProviderResource(reference);
  const timeouts = request.getCustomtimeouts();
  const options: ComponentResourceOptions = {
    aliases: request.getAliasesList().map(aliasOf),
    dependsOn: request.getDependenciesList().map((urn) => new sdk.DependencyResource(urn)),
    providers,
    parent: request.getParent() ? new sdk.DependencyResource(request.getParent()) : undefined,
    protect: request.getProtect(),
    ignoreChanges: request.getIgnorechangesList(),
    replaceOnChanges: request.getReplaceonchangesList(),
    customTimeouts: timeouts?.toObject(),
    retainOnDelete: request.getRetainondelete(),
    hooks: sdk.hookBindingFromProto(request.getResourceHooks()),
  };
  if (request.getDeletedwith()) options.deletedWith = new sdk.DependencyResource(request.getDeletedwith());
  return options;
}

type AliasMessage = ReturnType<ConstructRequest["getAliasesList"]>[number];

function aliasOf(message: AliasMessage): Alias | string {
  const spec = message.getSpec();
  if (!spec) return message.getUrn();
  const alias: Alias = {};
  if (spec.getName()) alias.name = spec.getName();
  if (spec.getProject()) alias.project = spec.getProject();
  if (spec.getStack()) alias.stack = spec.getStack();
  if (spec.hasParenturn()) alias.parent = spec.getParenturn();
  else if (spec.getNoparent()) alias.parent = resources.rootStackResource;
  return alias;
}

async function responseOf(request: ConstructRequest, result: Constructed): Promise<ConstructResponse> {
  const label = `construct(${request.getType()}, ${request.getName()})`;
  const urn = await plain(`${label}.urn`, result.urn);
  const [state, dependencies] = await rpc.serializeResourceProperties(label, result.state);
  const response = new proto.ConstructResponse();
  response.setUrn(urn);
  response.setState(structs.Struct.fromJavaScript(state as never));
  for (const [property, owners] of dependencies) {
    const urns = new proto.ConstructResponse.PropertyDependencies();
    urns.setUrnsList(await Promise.all([...owners].map((owner) => plain(label, owner.urn))));
    response.getStatedependenciesMap().set(property, urns);
  }
  return response;
}

/** What an output holds. The name in between is free, but for `id` and `urn`, which are never serialized. */
async function plain(label: string, output: Output<string>): Promise<string> {
  const [{ value }] = await rpc.serializeResourceProperties(label, { value: output });
  return value as string;
}
