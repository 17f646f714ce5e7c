import assert from "node:assert/strict";
import fc from "fast-check";
import { isElsewhere, parseConfig } from "../../stacks/config.js";
import { sandersSettings } from "../../stacks/sanders/settings.js";
import { checkedSystems, checkSystems } from "../../stacks/systems.js";
import { units } from "../../stacks/units.js";

const SOURCE = "Pulumi.dev.yaml (stack dev)";
const parse = (values: Record<string, unknown>) =>
  parseConfig(
    Object.fromEntries(
      Object.entries(values).map(([key, value]) => [key, typeof value === "string" ? value : JSON.stringify(value)]),
    ),
    SOURCE,
  );
const sanders = (overrides: unknown, more: Record<string, unknown> = {}) =>
  sandersSettings(parse({ "crucible:sanders": overrides, ...more }));

describe("Configuration of a stack", () => {
  it("has defaults for everything, and leaves other namespaces alone", () => {
    const config = parse({ "aws:region": "eu-west-1", "random:thing": "x" });
    assert.deepEqual(
      [config.environment, config.throwaway, config.suffixAll, config.image],
      ["dev", false, false, "bundle"],
    );
    assert.equal(config.units, undefined);
  });

  it("is refused with one error that names file, key and value of everything that is wrong", () => {
    assert.throws(
      () =>
        parse({
          "crucible:environment": "staging",
          "crucible:units": ["sanders", "sandres"],
          "crucible:colour": "red",
        }),
      (error: Error) => {
        assert.ok(error.message.startsWith(`${SOURCE}: `), error.message);
        for (const part of [
          'crucible:environment: Invalid option: expected one of "dev"|"test"|"prod", but it is "staging"',
          /crucible:units\.1: Invalid option: expected one of "sanders"\|.*, but it is "sandres"/,
          'crucible:colour is not a setting (it is "red"); there are environment, units,',
        ])
          assert.ok(
            typeof part === "string" ? error.message.includes(part) : part.test(error.message),
            `${part} is not in ${error.message}`,
          );
        return true;
      },
    );
    assert.throws(
      () => parse({ "crucible:suffix": "K3_" }),
      /crucible:suffix: must be lower case letters and digits, but it is "K3_"/,
    );
    assert.throws(() => parse({ "crucible:throwaway": "yes" }), /crucible:throwaway: .*expected boolean.* "yes"/);
  });

  it("takes any suffix as the text that it is, digits alone too", () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z0-9]{1,12}$/), (suffix) => {
        fc.pre(suffix !== "true" && suffix !== "false");
        assert.equal(parseConfig({ "crucible:suffix": suffix }, SOURCE).suffix, suffix);
      }),
      { examples: [["1234"], ["9e12"], ["null"]] },
    );
  });

  it("says of each unit whether it is in this stack or in another", () => {
    const together = parse({ "crucible:units": ["p2a3xgb2"] });
    assert.equal(isElsewhere(together, "backend-core"), false);
    const named = parse({
      "crucible:units": ["p2a3xgb2"],
      "crucible:stacks": { vpc4general: "organization/crucible/dev-network" },
    });
    assert.deepEqual(
      ["p2a3xgb2", "backend-core", "vpc4general"].map((unit) => isElsewhere(named, unit)),
      [false, false, true],
    );
    const separate = parse({ "crucible:units": ["p2a3xgb2"], "crucible:separate": true });
    assert.deepEqual(
      ["p2a3xgb2", "backend-core", "vpc4general"].map((unit) => isElsewhere(separate, unit)),
      [false, true, true],
    );
    assert.throws(() => parse({ "crucible:separate": true }), /crucible:separate needs crucible:units/);
    assert.throws(
      () => parse({ "crucible:units": ["network"], "crucible:stacks": { network: "o/p/s" } }),
      /crucible:units says that network is in this stack, crucible:stacks that it is in o\/p\/s/,
    );
    assert.throws(() => parse({ "crucible:stacks": { sandres: "o/p/s" } }), /crucible:stacks/);
  });

  it("has the settings of every system checked, those of systems that it does not deploy too", async () => {
    assert.deepEqual([...checkedSystems].sort(), [...new Set(units.map(({ system }) => system))].sort());
    for (const system of checkedSystems) {
      const config = parse({ "crucible:units": [], [`crucible:${system}`]: { bogus: true } });
      await assert.rejects(checkSystems(config), {
        name: "SettingsError",
        message: new RegExp(
          `^Pulumi\\.dev\\.yaml \\(stack dev\\): crucible:${system}\\.bogus is not a setting \\(it is true\\)`,
        ),
      });
      await checkSystems(parse({ [`crucible:${system}`]: {} }));
    }
  });

  it("needs a suffix to put one on every name", () => {
    assert.throws(() => parse({ "crucible:suffixAll": true }), /crucible:suffixAll needs crucible:suffix/);
  });
});

describe("Settings of Sanders", () => {
  it("are those of the environment, with overrides laid over key by key", () => {
    const settings = sanders({ network: { natGateways: 0 }, monitoring: { emails: ["a@example.com"] } });
    assert.deepEqual(settings.network, { cidrBlock: "10.0.0.0/16", availabilityZones: 2, natGateways: 0 });
    assert.deepEqual(settings.monitoring.emails, ["a@example.com"]);
    assert.equal(settings.monitoring.detail, "basic");
    assert.equal(settings.region, "eu-central-1");
  });

  it("differ by environment where they must", () => {
    const [dev, test, prod] = ["dev", "test", "prod"].map((environment) =>
      sanders({}, { "crucible:environment": environment }),
    );
    assert.deepEqual(
      [dev, test, prod].map((each) => each?.removal),
      ["destroy", "destroy", "retain"],
    );
    assert.deepEqual(
      [dev, test, prod].map((each) => each?.table.pointInTimeRecovery),
      [false, false, true],
    );
    assert.deepEqual(
      [dev, test, prod].map((each) => each?.schedules.dailyFeatures.enabled),
      [false, false, true],
    );
    assert.deepEqual(
      [dev, test, prod].map((each) => each?.schedules.weeklyTraining.enabled),
      [false, false, false],
    );
    assert.deepEqual(
      [dev, test, prod].map((each) => each?.network.natGateways),
      [1, 0, 1],
    );
    assert.deepEqual(
      [dev, test, prod].map((each) => each?.cloudTrail.enabled),
      [false, false, true],
    );
  });

  it("are refused with the key as it is written, and the value", () => {
    const wrong: [unknown, RegExp][] = [
      [
        { network: { natGateway: 0 } },
        /crucible:sanders\.network\.natGateway is not a setting \(it is 0\); did you mean crucible:sanders\.network\.natGateways\?/,
      ],
      [{ natGateways: 0 }, /sanders\.natGateways is not .*; did you mean crucible:sanders\.network\.natGateways\?/],
      [{ whatever: 1 }, /sanders\.whatever is not a setting \(it is 1\); there are region, .*, cloudTrail$/],
      [
        { network: { natGateways: "two" } },
        /crucible:sanders\.network\.natGateways: .*expected number.*, but it is "two"/,
      ],
      [
        { region: "Frankfurt" },
        /crucible:sanders\.region: must be a region such as eu-central-1, but it is "Frankfurt"/,
      ],
      [
        { allowedAccountIds: ["123"] },
        /crucible:sanders\.allowedAccountIds\.0: must be an account's 12 digits, but it is "123"/,
      ],
      [{ logs: { retentionDays: 31 } }, /crucible:sanders\.logs\.retentionDays: .*, but it is 31/],
      [
        { schedules: { dailyFeatures: { expression: "at two" } } },
        /dailyFeatures\.expression: must be cron\(…\) or rate\(…\), but it is "at two"/,
      ],
      [{ monitoring: { emails: ["nobody"] } }, /crucible:sanders\.monitoring\.emails\.0: .*, but it is "nobody"/],
      [{ secrets: { "api-key": "x" } }, /crucible:sanders\.secrets/],
      ["everything", /crucible:sanders: .*expected record.*, but it is "everything"/],
    ];
    for (const [overrides, message] of wrong)
      assert.throws(
        () => sanders(overrides),
        (error: Error) => {
          assert.ok(error.message.startsWith(`${SOURCE}: `), error.message);
          assert.match(error.message, message);
          return true;
        },
      );
  });

  it("of a throwaway retain nothing, whatever the environment and the overrides say", () => {
    fc.assert(
      fc.property(
        fc.constantFrom("dev", "test", "prod"),
        fc.constantFrom("destroy", "retain"),
        (environment, removal) => {
          const settings = sanders({ removal }, { "crucible:environment": environment, "crucible:throwaway": true });
          assert.equal(settings.removal, "destroy");
        },
      ),
    );
  });
});
