// What a DynamoDB table's inputs and outputs are, and the rules over several of them.
import type { CheckFailure } from "../../descriptor.js";
import { flag, type Inputs, list, number, object, output, type State, set, tagged, text } from "../../properties.js";

const PROJECTIONS = ["ALL", "INCLUDE", "KEYS_ONLY"];

const onDemandThroughput = object(
  {
    maxReadRequestUnits: number({ computed: true }),
    maxWriteRequestUnits: number({ computed: true }),
  },
  { computed: true },
);

export const globalIndex = {
  name: text({ required: true }),
  hashKey: text({ required: true }),
  rangeKey: text(),
  projectionType: text({ required: true, values: PROJECTIONS }),
  nonKeyAttributes: set(text()),
  readCapacity: number({ computed: true }),
  writeCapacity: number({ computed: true }),
  onDemandThroughput,
};

const localIndex = {
  name: text({ required: true }),
  rangeKey: text({ required: true }),
  projectionType: text({ required: true, values: PROJECTIONS }),
  nonKeyAttributes: list(text()),
};

export const properties = {
  name: text({
    computed: true,
    replace: true,
    min: 3,
    max: 255,
    check: (name) => (/^[\w.-]+$/.test(name) ? undefined : "a table's name has letters, digits and _.- only"),
    autoName: { max: 255 },
  }),
  attributes: set(object({ name: text({ required: true }), type: text({ required: true, values: ["S", "N", "B"] }) }), {
    computed: true,
  }),
  hashKey: text({ required: true, replace: true }),
  rangeKey: text({ replace: true }),
  billingMode: text({ default: "PROVISIONED", values: ["PROVISIONED", "PAY_PER_REQUEST"] }),
  readCapacity: number({ computed: true, min: 0 }),
  writeCapacity: number({ computed: true, min: 0 }),
  onDemandThroughput,
  globalSecondaryIndexes: set(object(globalIndex)),
  localSecondaryIndexes: set(object(localIndex), { replace: true }),
  streamEnabled: flag({ default: false }),
  streamViewType: text({ computed: true, values: ["NEW_IMAGE", "OLD_IMAGE", "NEW_AND_OLD_IMAGES", "KEYS_ONLY"] }),
  ttl: object({ attributeName: text(), enabled: flag({ default: false }) }),
  pointInTimeRecovery: object({
    enabled: flag({ required: true }),
    recoveryPeriodInDays: number({ computed: true, min: 1, max: 35 }),
  }),
  serverSideEncryption: object({ enabled: flag({ required: true }), kmsKeyArn: text({ computed: true }) }),
  tableClass: text({ default: "STANDARD", values: ["STANDARD", "STANDARD_INFREQUENT_ACCESS"] }),
  deletionProtectionEnabled: flag({ default: false }),
  ...tagged,
  arn: output(text()),
  streamArn: output(text()),
  streamLabel: output(text()),
};

export type TableInputs = Inputs<typeof properties>;
export type TableState = State<typeof properties>;
export type GlobalIndex = Inputs<typeof globalIndex>;

/** The rules that DynamoDB has over attributes, keys, capacity and streams ("CreateTable"). */
export function checkTable(inputs: TableState): CheckFailure[] {
  const failures: CheckFailure[] = [];
  const fail = (property: string, reason: string) => failures.push({ property, reason });
  const { attributes, globalSecondaryIndexes: globals, localSecondaryIndexes: locals } = inputs;
  const isComplete = [attributes, globals ?? [], locals ?? []].every(
    (items) => Array.isArray(items) && (items as unknown[]).every((item) => typeof item === "object"),
  );
  if (isComplete) {
    const keys = [
      inputs.hashKey,
      inputs.rangeKey,
      ...(globals ?? []).flatMap(({ hashKey, rangeKey }) => [hashKey, rangeKey]),
      ...(locals ?? []).map(({ rangeKey }) => rangeKey),
    ];
    const declared = (attributes ?? []).map(({ name }) => name);
    const isKnown = [...keys, ...declared].every((name) => name === undefined || typeof name === "string");
    const missing = keys.find((key) => key !== undefined && !declared.includes(key));
    const unused = declared.find((name) => !keys.includes(name));
    if (isKnown && missing) fail("attributes", `lacks the key attribute ${missing}`);
    if (isKnown && unused) fail("attributes", `has ${unused}, which is no key of the table or an index`);
  }
  if (inputs.billingMode === "PAY_PER_REQUEST") {
    if (inputs.readCapacity || inputs.writeCapacity)
      fail(inputs.readCapacity ? "readCapacity" : "writeCapacity", "cannot be given with billingMode PAY_PER_REQUEST");
  } else if (inputs.billingMode === undefined || inputs.billingMode === "PROVISIONED") {
    for (const name of ["readCapacity", "writeCapacity"] as const)
      if (inputs[name] === undefined) fail(name, "is required with billingMode PROVISIONED, but was not given");
  }
  if (inputs.streamEnabled === true && inputs.streamViewType === undefined)
    fail("streamViewType", "is required with streamEnabled, but was not given");
  return failures;
}
