import assert from "node:assert/strict";
import { checkInputs } from "../../../../localcloud/provider/check.js";
import { nameInputs } from "../../../../localcloud/provider/naming.js";
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
import { UNKNOWN } from "../../../../localcloud/provider/wire.js";

const properties = {
  name: text({ computed: true, max: 12, autoName: { max: 12, lower: true, prefixFrom: "namePrefix" } }),
  namePrefix: text(),
  count: number({ min: 1, max: 5 }),
  enabled: flag(),
  mode: text({ values: ["fast", "slow"] }),
  policy: json(),
  tags: map(text()),
  rules: list(object({ id: text({ required: true }), days: number() })),
  zones: set(text()),
  needed: text({ required: true }),
  arn: output(text()),
};

const check = (inputs: Record<string, unknown>) => checkInputs(properties, { needed: "x", ...inputs });
const reasonOf = (inputs: Record<string, unknown>, property: string) =>
  check(inputs).failures.find((failure) => failure.property === property)?.reason;

describe("provider: check", () => {
  it("takes what the properties declare, in one spelling", () => {
    const { inputs, failures } = check({
      count: "3",
      enabled: "true",
      policy: { a: 1 },
      rules: [{ id: "r", days: "7" }],
    });
    assert.deepEqual(failures, []);
    assert.deepEqual(inputs, {
      needed: "x",
      count: 3,
      enabled: true,
      policy: '{"a":1}',
      rules: [{ id: "r", days: 7 }],
    });
  });

  it("names the property and the value that is wrong", () => {
    assert.equal(reasonOf({ count: "many" }, "count"), 'must be a whole number, not "many"');
    assert.equal(reasonOf({ count: 9 }, "count"), "must be at most 5, not 9");
    assert.equal(reasonOf({ mode: "medium" }, "mode"), 'must be one of fast, slow, not "medium"');
    assert.equal(reasonOf({ policy: "{" }, "policy"), "is not valid JSON");
    assert.equal(
      reasonOf({ rules: [{ id: "a" }, { id: "b", days: "x" }] }, "rules[1].days"),
      'must be a whole number, not "x"',
    );
    assert.equal(reasonOf({ rules: [{}] }, "rules[0].id"), "is required, but was not given");
    assert.equal(reasonOf({ tags: { a: ["b"] } }, "tags.a"), "must be a string, not a list");
  });

  it("refuses what it does not know, naming the closest", () => {
    assert.match(reasonOf({ modes: "fast" }, "modes") ?? "", /the closest first: mode, /);
    assert.equal(reasonOf({ arn: "arn:x" }, "arn"), "is set by AWS and cannot be given");
  });

  it("does not show the value of a secret", () => {
    const { failures } = checkInputs(properties, { needed: "x", mode: "hunter2" }, new Set(["mode"]));
    assert.deepEqual(failures, [{ property: "mode", reason: "must be one of fast, slow, not [secret]" }]);
  });

  it("lets unknown values pass, also inside JSON", () => {
    const { inputs, failures } = check({ count: UNKNOWN, policy: { Resource: UNKNOWN }, rules: [UNKNOWN] });
    assert.deepEqual(failures, []);
    assert.equal(inputs.count, UNKNOWN);
    assert.equal(inputs.policy, UNKNOWN);
  });
});

describe("provider: names", () => {
  const request = { name: "Orders", seed: Buffer.from("seed") };
  const nameOf = (inputs: Record<string, unknown>, old = {}, more = {}) =>
    nameInputs(properties, inputs, old, { ...request, ...more });

  it("are the logical name and 7 digits, from the engine's seed, cut to what AWS allows", () => {
    const named = nameOf({});
    assert.match(String(named.name), /^orde-[0-9a-f]{7}$/);
    assert.deepEqual(named.__defaults, ["name"]);
    assert.equal(nameOf({}).name, named.name);
    assert.notEqual(nameOf({}, {}, { seed: Buffer.from("other") }).name, named.name);
  });

  it("stay as they were made, until the resource is replaced", () => {
    const old = nameOf({});
    assert.equal(nameOf({}, old, { seed: Buffer.from("other") }).name, old.name);
  });

  it("are made anew where the program no longer gives one, and are the program's where it does", () => {
    assert.match(String(nameOf({}, { name: "fixed", __defaults: [] }).name), /^orde-/);
    assert.deepEqual(nameOf({ name: "fixed" }), { name: "fixed", __defaults: [] });
  });

  it("follow namePrefix and the project's autonaming", () => {
    assert.match(String(nameOf({ namePrefix: "ab-" }).name), /^ab-[0-9a-f]{7}$/);
    const enforced = { configured: { mode: "enforce", proposedName: "prod-Orders" } };
    assert.equal(nameOf({}, {}, enforced).name, "prod-orders");
    assert.equal(nameOf({}, {}, { configured: { mode: "disable" } }).name, undefined);
  });
});
