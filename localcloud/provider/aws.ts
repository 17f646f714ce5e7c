// Every call of Pulumi's resource provider protocol for the package `aws`.
import { status, type UntypedServiceImplementation } from "@grpc/grpc-js";
import plugins from "@pulumi/pulumi/proto/plugin_pb.js";
import type * as proto from "@pulumi/pulumi/proto/provider_pb.js";
import provider from "@pulumi/pulumi/proto/provider_pb.js";
import { parseConfiguration, regionOf } from "./configuration.js";
import type { NamingRequest } from "./naming.js";
import * as operations from "./operations.js";
import { empties } from "./protobuf.js";
import { CallError, checkFailures, checkResponse, diffResponse, initFailed, unary } from "./protocol.js";
import { findFunction, findResource } from "./registry.js";
import { packageSchema } from "./schema.js";
import type { ProviderOptions } from "./server.js";
import { Sessions } from "./sessions.js";
import { decode, encode, isRecord, type Values } from "./wire.js";

/** The version of `@pulumi/aws` whose resources these are. */
export const AWS_PACKAGE_VERSION = "7.48.0";

export class AwsProvider {
  readonly #sessions = new Sessions();

  constructor(private readonly options: ProviderOptions) {}

  close(): void {
    this.#sessions.close();
  }

  handlers(): UntypedServiceImplementation {
    return {
      handshake: unary(() => {
        const response = new provider.ProviderHandshakeResponse();
        response.setAcceptSecrets(true);
        response.setSupportsAutonamingConfiguration(true);
        return response;
      }),
      attach: unary(() => new empties.Empty()),
      getPluginInfo: unary(() => {
        const info = new plugins.PluginInfo();
        info.setVersion(AWS_PACKAGE_VERSION);
        return info;
      }),
      getSchema: unary(async () => {
        const response = new provider.GetSchemaResponse();
        response.setSchema(JSON.stringify(await packageSchema(AWS_PACKAGE_VERSION)));
        return response;
      }),
      getMapping: unary(() => new provider.GetMappingResponse()),
      getMappings: unary(() => new provider.GetMappingsResponse()),
      parameterize: unary(() => unsupported("parameterize")),
      checkConfig: unary((request: proto.CheckRequest) => this.#checkConfig(request)),
      diffConfig: unary((request: proto.DiffRequest) => this.#diffConfig(request)),
      configure: unary((request: proto.ConfigureRequest, peer) => this.#configure(request, peer)),
      check: unary((request: proto.CheckRequest, peer) => this.#check(request, peer)),
      diff: unary((request: proto.DiffRequest, peer) => this.#diff(request, peer)),
      create: unary((request: proto.CreateRequest, peer) => this.#create(request, peer)),
      read: unary((request: proto.ReadRequest, peer) => this.#read(request, peer)),
      update: unary((request: proto.UpdateRequest, peer) => this.#update(request, peer)),
      delete: unary((request: proto.DeleteRequest, peer) => this.#delete(request, peer)),
      invoke: unary((request: proto.InvokeRequest, peer) => this.#invoke(request, peer)),
      construct: unary(() => unsupported("components")),
      call: unary(() => unsupported("methods")),
      cancel: unary((_: unknown, peer) => {
        this.#sessions.cancel(peer);
        return new empties.Empty();
      }),
    };
  }

  #region(configuration: ReturnType<typeof parseConfiguration>["configuration"]): string | undefined {
    return regionOf(configuration, this.options.region, process.env);
  }

  #checkConfig(request: proto.CheckRequest) {
    const { values, secrets } = decode(request.getNews());
    const { configuration, failures } = parseConfiguration(known(values));
    if (failures.length === 0 && values.region === undefined && this.#region(configuration) === undefined)
      failures.push({ property: "region", reason: "a region is needed: set aws:region, or AWS_REGION" });
    return checkResponse(values, secrets, failures);
  }

  /** A provider whose settings change stays the same provider: its resources decide whether that concerns them. */
  #diffConfig(request: proto.DiffRequest) {
    const olds = decode(request.getOldInputs() ?? request.getOlds()).values;
    const news = decode(request.getNews()).values;
    const names = [...new Set([...Object.keys(olds), ...Object.keys(news)])].filter(
      (name) => name !== "version" && JSON.stringify(olds[name]) !== JSON.stringify(news[name]),
    );
    const changes = names.map((path) => ({ path, kind: "update" as const, replace: false }));
    return diffResponse({ changes, replaces: [], deleteBeforeReplace: false });
  }

  async #configure(request: proto.ConfigureRequest, peer: string) {
    const { configuration, failures } = parseConfiguration(known(decode(request.getArgs()).values));
    if (failures.length > 0)
      throw new CallError(status.INVALID_ARGUMENT, failures.map(({ reason }) => reason).join("; "));
    const region = this.#region(configuration);
    if (region === undefined) throw new CallError(status.INVALID_ARGUMENT, "no region: set aws:region, or AWS_REGION");
    const { endpoint, credentials } = this.options;
    const session = this.#sessions.configure(peer, { endpoint, credentials, region, configuration });
    await session.verify();
    const response = new provider.ConfigureResponse();
    response.setAcceptsecrets(true);
    response.setSupportspreview(true);
    response.setAcceptresources(false);
    response.setAcceptoutputs(false);
    response.setSupportsAutonamingConfiguration(true);
    return response;
  }

  async #check(request: proto.CheckRequest, peer: string) {
    const descriptor = await describe(request);
    const { session } = this.#sessions.of(peer);
    const { values, secrets } = decode(request.getNews());
    const old = decode(request.getOlds()).values;
    const naming = namingOf(request);
    const { inputs, failures } = operations.check(descriptor, session, { inputs: values, secrets, old, naming });
    return checkResponse(inputs, secrets, failures);
  }

  async #diff(request: proto.DiffRequest, peer: string) {
    const descriptor = await describe(request);
    const { session } = this.#sessions.of(peer);
    const state = decode(request.getOlds()).values;
    const inputs = decode(request.getNews()).values;
    return diffResponse(operations.diff(descriptor, session, state, inputs, request.getIgnorechangesList()));
  }

  async #create(request: proto.CreateRequest, peer: string) {
    const descriptor = await describe(request);
    const { session, cancellation } = this.#sessions.of(peer);
    const { values: inputs, secrets: marked } = decode(request.getProperties());
    const secrets = operations.secretNames(descriptor, marked);
    const response = new provider.CreateResponse();
    if (request.getPreview()) {
      response.setProperties(encode(operations.preview(descriptor, session, inputs), secrets));
      return response;
    }
    const context = session.context({
      region: regionIn(inputs),
      timeoutSeconds: request.getTimeout(),
      cancelled: cancellation.signal,
    });
    const outcome = await operations.create(descriptor, session, context, nameOf(request.getUrn()), inputs);
    if (outcome.failure) throw initFailed(outcome.id, outcome.state, outcome.inputs, secrets, outcome.failure);
    response.setId(outcome.id);
    response.setProperties(encode(outcome.state, secrets));
    return response;
  }

  async #read(request: proto.ReadRequest, peer: string) {
    const descriptor = await describe(request);
    const { session, cancellation } = this.#sessions.of(peer);
    const state = decode(request.getProperties());
    const inputs = decode(request.getInputs());
    const isRefresh = Object.keys(inputs.values).length > 0;
    const [id, idRegion] = isRefresh ? [request.getId(), undefined] : splitImportId(request.getId());
    const region = idRegion ?? regionIn(state.values) ?? regionIn(inputs.values);
    const context = session.context({ region, timeoutSeconds: request.getTimeout(), cancelled: cancellation.signal });
    const outcome = await operations.read(descriptor, context, id, {
      state: { ...state.values, ...(idRegion && { region: idRegion }) },
      inputs: isRefresh ? inputs.values : undefined,
    });
    const response = new provider.ReadResponse();
    if (!outcome) return response;
    const secrets = operations.secretNames(descriptor, state.secrets, inputs.secrets);
    response.setId(outcome.id);
    response.setProperties(encode(outcome.state, secrets));
    response.setInputs(encode(outcome.inputs, secrets));
    return response;
  }

  async #update(request: proto.UpdateRequest, peer: string) {
    const descriptor = await describe(request);
    const { session, cancellation } = this.#sessions.of(peer);
    const old = decode(request.getOlds()).values;
    const { values: inputs, secrets: marked } = decode(request.getNews());
    const secrets = operations.secretNames(descriptor, marked);
    const response = new provider.UpdateResponse();
    if (request.getPreview()) {
      response.setProperties(encode(operations.preview(descriptor, session, inputs, old), secrets));
      return response;
    }
    const context = session.context({
      region: regionIn(old),
      timeoutSeconds: request.getTimeout(),
      cancelled: cancellation.signal,
    });
    const outcome = await operations.update(descriptor, context, request.getId(), old, inputs);
    if (outcome.failure) throw initFailed(outcome.id, outcome.state, outcome.inputs, secrets, outcome.failure);
    response.setProperties(encode(outcome.state, secrets));
    return response;
  }

  async #delete(request: proto.DeleteRequest, peer: string) {
    const descriptor = await describe(request);
    const { session, cancellation } = this.#sessions.of(peer);
    const state = decode(request.getProperties()).values;
    const context = session.context({
      region: regionIn(state),
      timeoutSeconds: request.getTimeout(),
      cancelled: cancellation.signal,
    });
    await operations.remove(descriptor, context, request.getId(), state);
    return new empties.Empty();
  }

  async #invoke(request: proto.InvokeRequest, peer: string) {
    const descriptor = await findFunction(request.getTok());
    const { session, cancellation } = this.#sessions.of(peer);
    const { values, secrets } = decode(request.getArgs());
    const context = session.context({ region: regionIn(values), cancelled: cancellation.signal });
    const result = await operations.invoke(descriptor, context, { values, secrets });
    const response = new provider.InvokeResponse();
    if (Array.isArray(result)) response.setFailuresList(checkFailures(result));
    else response.setReturn(encode(result, new Set()));
    return response;
  }
}

function unsupported(what: string): never {
  throw new CallError(status.UNIMPLEMENTED, `the local aws provider has no ${what}`);
}

async function describe(request: { getUrn(): string }) {
  return operations.complete(await findResource(typeOf(request.getUrn())));
}

/** `urn:pulumi:stack::project::parent$aws:s3/bucket:Bucket::name` → `aws:s3/bucket:Bucket`. */
function typeOf(urn: string): string {
  const qualified = urn.split("::")[2] ?? "";
  return qualified.slice(qualified.lastIndexOf("$") + 1);
}

/** The logical name; it may have `::` in it. */
function nameOf(urn: string): string {
  return urn.split("::").slice(3).join("::");
}

function regionIn(values: Values): string | undefined {
  return typeof values.region === "string" && values.region !== "" ? values.region : undefined;
}

/** An id to import may name its region, as in the official provider: `my-table@eu-west-1`. */
function splitImportId(id: string): [id: string, region: string | undefined] {
  const match = /^(.+)@([a-z]{2,4}(?:-[a-z]+)+-\d)$/.exec(id);
  return match?.[1] ? [match[1], match[2]] : [id, undefined];
}

function namingOf(request: proto.CheckRequest): NamingRequest {
  const autonaming = request.getAutonaming();
  const { DISABLE, ENFORCE } = provider.CheckRequest.AutonamingOptions.Mode;
  const proposedName = autonaming?.getProposedName() ?? "";
  const mode = autonaming?.getMode();
  return {
    name: nameOf(request.getUrn()),
    seed: request.getRandomseed_asU8(),
    ...(autonaming && {
      configured:
        mode === DISABLE ? { mode: "disable" } : { mode: mode === ENFORCE ? "enforce" : "propose", proposedName },
    }),
  };
}

/** Settings without those that a preview does not know yet. */
function known(values: Values): Values {
  return Object.fromEntries(
    Object.entries(values).filter(
      ([name, value]) => typeof value !== "symbol" && name !== "version" && !isEmpty(value),
    ),
  );
}

function isEmpty(value: unknown): boolean {
  return isRecord(value) && Object.keys(value).length === 0;
}
