import assert from "node:assert/strict";
import fc from "fast-check";
import type { ResourceDescriptor } from "../../../../localcloud/provider/descriptor.js";
import { diffResource, isEqual } from "../../../../localcloud/provider/diff.js";
import { policyText } from "../../../../localcloud/provider/policies.js";
import {
  flag,
  json,
  list,
  map,
  number,
  object,
  output,
  set,
  text,
} from "../../../../localcloud/provider/properties.js";
import {
  importedInputs,
  previewCreate,
  previewUpdate,
  refreshedInputs,
  settle,
} from "../../../../localcloud/provider/state.js";
import { UNKNOWN } from "../../../../localcloud/provider/wire.js";

const properties = {
  name: text({ computed: true, replace: true, autoName: { max: 20 } }),
  size: number({ default: 10 }),
  enabled: flag(),
  chosen: text({ computed: true }),
  zones: set(text()),
  rules: list(object({ id: text({ required: true }), days: number(), auto: text({ computed: true }) })),
  tags: map(text()),
  policy: json(),
  password: text({ sensitive: true, unread: true }),
  arn: output(text()),
  version: output(text(), { volatile: true }),
};

const descriptor = {
  type: "aws:test/thing:Thing",
  properties,
  create: async () => "id",
  read: async () => ({}),
  update: async () => {},
  delete: async () => {},
} as unknown as ResourceDescriptor;

const state = {
  name: "n",
  size: 10,
  enabled: false,
  chosen: "by AWS",
  zones: ["a", "b"],
  rules: [{ id: "r", days: 7, auto: "x" }],
  tags: { a: "1" },
  arn: "arn",
  version: "1",
};
const inputs = { name: "n", zones: ["b", "a"], rules: [{ id: "r", days: 7 }], tags: { a: "1" } };
const changesOf = (changed: Record<string, unknown>) =>
  diffResource(descriptor, state, { ...inputs, ...changed }).changes.map(({ path, kind }) => `${kind} ${path}`);

describe("provider: diff", () => {
  it("is empty where inputs mean what is there: defaults, AWS's choices, order of sets", () => {
    assert.deepEqual(changesOf({}), []);
    assert.deepEqual(changesOf({ size: 10, enabled: false }), []);
  });

  it("names each change by its path", () => {
    assert.deepEqual(changesOf({ size: 11 }), ["update size"]);
    assert.deepEqual(changesOf({ rules: [{ id: "r", days: 8 }, { id: "s" }] }), [
      "update rules[0].days",
      "add rules[1]",
    ]);
    assert.deepEqual(changesOf({ tags: { b: "2" } }), ["delete tags.a", "add tags.b"]);
    assert.deepEqual(changesOf({ tags: undefined }), ["delete tags"]);
    assert.deepEqual(changesOf({ zones: ["a"] }), ["update zones"]);
    assert.deepEqual(changesOf({ tags: { a: UNKNOWN } }), ["update tags.a"]);
  });

  it("replaces where it must, and deletes first only where the name is fixed", () => {
    const fixed = {
      ...descriptor,
      properties: { ...properties, size: number({ replace: true }) },
    } as ResourceDescriptor;
    const replaced = diffResource(fixed, state, { ...inputs, size: 11, __defaults: [] });
    assert.deepEqual(replaced.replaces, ["size"]);
    assert.equal(replaced.deleteBeforeReplace, true);
    assert.equal(diffResource(fixed, state, { ...inputs, size: 11, __defaults: ["name"] }).deleteBeforeReplace, false);
    const renamed = diffResource(descriptor, state, { ...inputs, name: "m", __defaults: [] });
    assert.deepEqual([renamed.replaces, renamed.deleteBeforeReplace], [["name"], false]);
  });

  it("leaves out what the program ignores", () => {
    const { changes } = diffResource(descriptor, state, { ...inputs, size: 1, tags: { a: "2" } }, ["tags.a"]);
    assert.deepEqual(
      changes.map(({ path }) => path),
      ["size"],
    );
  });

  it("finds nothing to change between a settled state and its inputs, whatever they are", () => {
    const value = fc.record(
      {
        size: fc.integer({ min: 0, max: 99 }),
        enabled: fc.boolean(),
        zones: fc.uniqueArray(fc.string({ minLength: 1 })),
        tags: fc.dictionary(fc.stringMatching(/^[a-z]{1,5}$/), fc.string()),
        rules: fc.array(fc.record({ id: fc.string({ minLength: 1 }), days: fc.nat() })),
        password: fc.string(),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(value, (chosen) => {
        const given = { name: "n", ...chosen };
        const read = {
          ...previewCreate(descriptor, given),
          zones: [...(given.zones ?? [])].reverse(),
          password: undefined,
        };
        const settled = settle(properties, given, read);
        assert.deepEqual(diffResource(descriptor, settled, given).changes, []);
        assert.deepEqual(refreshedInputs(descriptor, { ...given, __defaults: [] }, settled), {
          ...given,
          __defaults: [],
        });
        assert.deepEqual(diffResource(descriptor, settled, importedInputs(descriptor, settled)).changes, []);
      }),
    );
  });
});

describe("provider: previews", () => {
  it("leave unknown what AWS will choose", () => {
    const expected = previewCreate(descriptor, inputs);
    assert.equal(expected.arn, UNKNOWN);
    assert.equal(expected.chosen, UNKNOWN);
    assert.equal(expected.size, 10);
    assert.deepEqual(expected.tags, { a: "1" });
  });

  it("of an update keep what stays, but not what an update changes", () => {
    const expected = previewUpdate(descriptor, state, { ...inputs, size: 11 });
    assert.deepEqual([expected.arn, expected.version, expected.size], ["arn", UNKNOWN, 11]);
  });
});

describe("provider: policies", () => {
  const policy = (statement: object) => JSON.stringify({ Version: "2012-10-17", Statement: statement });

  it("mean the same whatever their order, case of actions and lists of one", () => {
    const left = policy([
      { Effect: "Allow", Action: ["s3:GetObject", "s3:PutObject"], Principal: { AWS: "111122223333" }, Resource: "*" },
    ]);
    const right = policy({
      Sid: "",
      Resource: ["*"],
      Action: ["S3:putobject", "s3:GetObject"],
      Principal: { AWS: ["arn:aws:iam::111122223333:root"] },
      Effect: "Allow",
    });
    assert.equal(policyText(left), policyText(right));
    assert.equal(isEqual(json(), left, right), true);
  });

  it("differ when what they allow differs", () => {
    const allow = (resource: string) => policy([{ Effect: "Allow", Action: "s3:*", Resource: resource }]);
    assert.notEqual(policyText(allow("arn:aws:s3:::a")), policyText(allow("arn:aws:s3:::A")));
    assert.notEqual(policyText('{"a":[1,2]}'), policyText('{"a":[2,1]}'), "other JSON keeps its order");
  });
});
