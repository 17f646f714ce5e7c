// A model's shapes as the schemas that the AWS SDK's protocols read and write by (`@smithy/types`, static schemas).
import type { SchemaRef } from "../schema.js";
import type { ModelOperation, ModelRef, ModelShape, ServiceModel } from "./files.js";

type Traits = Record<string, unknown>;

const SIMPLE: Readonly<Record<string, number>> = {
  string: 0,
  character: 0,
  boolean: 2,
  blob: 21,
  byte: 1,
  short: 1,
  integer: 1,
  long: 1,
  float: 1,
  double: 1,
  bigdecimal: 1,
  biginteger: 1,
};
const STREAMED_BLOB = 42;
const DOCUMENT = 15;
/** A timestamp's number says how it is written, unless the protocol decides. */
const TIMESTAMPS: Readonly<Record<string, number>> = { iso8601: 5, rfc822: 6, unixTimestamp: 7 };
const PROTOCOLS_OWN_TIMESTAMP = 4;

/** Schemas of one service's operations, each made when it is asked for. */
export class ModelSchemas {
  private readonly made = new Map<string, SchemaRef>();
  private readonly namespace: string;

  constructor(private readonly model: ServiceModel) {
    this.namespace = `com.amazonaws.${model.metadata.endpointPrefix}`;
  }

  operation({ name, http, input, output }: ModelOperation): SchemaRef {
    const shape = input && this.model.shapes[input.shape];
    const traits = { http: [http.method, withMemberNames(http.requestUri, shape), http.responseCode ?? 200] };
    return [
      9,
      this.namespace,
      name,
      traits,
      input ? this.body(input) : "unit",
      output ? this.of(output.shape) : "unit",
    ];
  }

  /** An operation names the element of its input itself, where the protocol is XML. */
  private body(ref: ModelRef): SchemaRef {
    const shape = this.model.shapes[ref.shape];
    return shape ? this.structure(ref.shape, shape, elementTraits({ ...shape, ...ref })) : "unit";
  }

  private of(name: string): SchemaRef {
    const known = this.made.get(name);
    if (known !== undefined) return known;
    const schema = this.make(name);
    this.made.set(name, schema);
    return schema;
  }

  private make(name: string): SchemaRef {
    const shape = this.model.shapes[name];
    switch (shape?.type) {
      case "structure":
        return shape.document ? DOCUMENT : this.structure(name, shape, elementTraits(shape));
      case "list":
        return [1, this.namespace, name, collectionTraits(shape), this.item(shape.member)];
      case "map":
        return [2, this.namespace, name, collectionTraits(shape), this.item(shape.key), this.item(shape.value)];
      case "timestamp":
        return TIMESTAMPS[shape.timestampFormat ?? ""] ?? PROTOCOLS_OWN_TIMESTAMP;
      case "blob":
        return shape.streaming ? STREAMED_BLOB : SIMPLE.blob;
      default:
        return SIMPLE[shape?.type ?? ""] ?? DOCUMENT;
    }
  }

  /** Shapes may contain themselves: what a structure, a list or a map holds is looked up when it is needed. */
  private later(name: string): SchemaRef {
    const type = this.model.shapes[name]?.type;
    return type === "structure" || type === "list" || type === "map" ? () => this.of(name) : this.of(name);
  }

  private item(ref: ModelRef | undefined): SchemaRef {
    if (!ref) return DOCUMENT;
    return [this.later(ref.shape), ref.locationName === undefined ? {} : { xmlName: ref.locationName }];
  }

  private structure(name: string, shape: ModelShape, traits: Traits): SchemaRef {
    const required = new Set(shape.required ?? []);
    const members = Object.entries(shape.members ?? {});
    const ordered = [
      ...members.filter(([member]) => required.has(member)),
      ...members.filter(([member]) => !required.has(member)),
    ];
    return [
      shape.union ? 4 : 3,
      this.namespace,
      name,
      shape.eventstream ? { ...traits, streaming: 1 } : traits,
      ordered.map(([member]) => member),
      ordered.map(([member, ref]) => this.member(member, ref, shape)),
      required.size,
    ];
  }

  private member(name: string, ref: ModelRef, parent: ModelShape): SchemaRef {
    const shape = this.model.shapes[ref.shape];
    const isStream = shape?.type === "blob" && ref.streaming;
    return [
      isStream ? STREAMED_BLOB : this.later(ref.shape),
      {
        ...locationTraits(name, ref, shape),
        ...(parent.payload === name ? { httpPayload: 1 } : {}),
        ...(ref.idempotencyToken ? { idempotencyToken: 1 } : {}),
      },
    ];
  }
}

/** Labels in the path are named as the members that fill them. */
function withMemberNames(uri: string, input: ModelShape | undefined): string {
  const labels = new Map(
    Object.entries(input?.members ?? {})
      .filter(([, { location }]) => location === "uri")
      .map(([name, { locationName }]) => [locationName ?? name, name]),
  );
  return uri.replace(
    /\{([^}+]+)(\+?)\}/g,
    (_, label: string, greedy: string) => `{${labels.get(label) ?? label}${greedy}}`,
  );
}

function locationTraits(name: string, ref: ModelRef, shape: ModelShape | undefined): Traits {
  const wireName = ref.locationName ?? name;
  switch (ref.location) {
    case "uri":
      return { httpLabel: 1 };
    case "querystring":
      return shape?.type === "map" ? { httpQueryParams: 1 } : { httpQuery: wireName };
    case "header":
      return { httpHeader: wireName, ...(ref.jsonvalue ? { mediaType: "application/json" } : {}) };
    case "headers":
      return { httpPrefixHeaders: ref.locationName ?? "" };
    case "statusCode":
      return { httpResponseCode: 1 };
    default:
      return { ...elementTraits(ref), ...flatTraits(ref, shape), ...(ref.xmlAttribute ? { xmlAttribute: 1 } : {}) };
  }
}

function elementTraits({ locationName, xmlNamespace }: Pick<ModelRef, "locationName" | "xmlNamespace">): Traits {
  return {
    ...(locationName === undefined ? {} : { jsonName: locationName, xmlName: locationName }),
    ...(xmlNamespace ? { xmlNamespace: [xmlNamespace.prefix, xmlNamespace.uri] } : {}),
  };
}

const collectionTraits = (shape: ModelShape): Traits => (shape.sparse ? { sparse: 1 } : {});

/** The elements of a flattened list stand where the list would, under the name that the list gives to them. */
function flatTraits(ref: ModelRef, shape: ModelShape | undefined): Traits {
  if (!ref.flattened && !shape?.flattened) return {};
  const name = shape?.member?.locationName;
  return { xmlFlattened: 1, ...(name === undefined ? {} : { xmlName: name }) };
}
