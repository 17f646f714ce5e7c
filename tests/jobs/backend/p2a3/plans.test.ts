// What the steps decide by arithmetic alone: days, partitions, measures, features' names.
import assert from "node:assert/strict";
import fc from "fast-check";
import { addDays, LOOKBACK_DAYS, planCalendar } from "../../../../jobs/backend/p2a3/calendar.js";
import { checkFeatureSpec, FEATURE_VERSION, featureSpec } from "../../../../jobs/backend/p2a3/features.js";
import { planPartitions } from "../../../../jobs/backend/p2a3/partition.js";
import { niceMaximum } from "../../../../jobs/backend/p2a3/report/charts.js";
import { areaUnderCurve, gainsOf } from "../../../../jobs/backend/p2a3/report/measure.js";

const PERIOD = { from: "2017-01-01", to: "2018-01-01" };

describe("P2A3: the days of a model", () => {
  it("trains on windows before hhDate and tests on the one from it on", () => {
    assert.deepEqual(planCalendar("2017-11-04", 28, PERIOD), {
      hhDate: "2017-11-04",
      windowDays: 28,
      trainDates: ["2017-10-07", "2017-09-09", "2017-08-12"],
      outcomeKnown: true,
    });
  });

  it("never labels with hhDate or later, nor looks back past the data", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 365 }), fc.integer({ min: 1, max: 120 }), (day, windowDays) => {
        const hhDate = addDays(PERIOD.from, day);
        let calendar: ReturnType<typeof planCalendar>;
        try {
          calendar = planCalendar(hhDate, windowDays, PERIOD);
        } catch {
          assert.ok(addDays(hhDate, -windowDays - LOOKBACK_DAYS) < PERIOD.from);
          return;
        }
        assert.ok(calendar.trainDates.length >= 1);
        for (const asOf of calendar.trainDates) {
          assert.ok(addDays(asOf, windowDays) <= hhDate);
          assert.ok(addDays(asOf, -LOOKBACK_DAYS) >= PERIOD.from);
        }
        assert.equal(calendar.outcomeKnown, addDays(hhDate, windowDays) <= PERIOD.to);
      }),
    );
  });

  it("says which days there are when hhDate is not one", () => {
    assert.throws(() => planCalendar("2018-01-03", 28, PERIOD), /2018-01-03 is after .* which go to 2018-01-01/);
    assert.throws(() => planCalendar("2017-07-15", 28, PERIOD), /too early.* from 2017-07-16 on/);
  });
});

describe("P2A3: partitions", () => {
  const states = fc.array(fc.integer({ min: 0, max: 50 }), { minLength: 1, maxLength: 12 });

  it("hold every row once, and differ by one row at most", () => {
    fc.assert(
      fc.property(states, fc.integer({ min: 1, max: 16 }), (sizes, count) => {
        const rows = sizes.map((size, index) => ({ state: `s${index}`, rows: size }));
        const plan = planPartitions(rows, count);
        assert.equal(plan.partitions.length, count);
        const seen = new Map<string, number>();
        for (const part of plan.partitions) {
          assert.equal(
            part.rows,
            part.slices.reduce((sum, slice) => sum + slice.rows, 0),
          );
          for (const { state, from, rows: length } of part.slices) {
            assert.equal(from, seen.get(state) ?? 0, "slices of a state follow one another");
            seen.set(state, from + length);
          }
        }
        for (const { state, rows: size } of rows) assert.equal(seen.get(state) ?? 0, size);
        const lengths = plan.partitions.map((part) => part.rows);
        assert.ok(Math.max(...lengths) - Math.min(...lengths) <= 1);
      }),
    );
  });
});

describe("P2A3: measures", () => {
  it("the area under the curve is how often a responder's score is above another's", () => {
    const sample = fc.array(
      fc.record({ score: fc.integer({ min: 0, max: 9 }), label: fc.integer({ min: 0, max: 1 }) }),
      {
        minLength: 1,
        maxLength: 40,
      },
    );
    fc.assert(
      fc.property(sample, (rows) => {
        const place = (score: number) =>
          rows.filter((row) => row.score < score).length + (rows.filter((row) => row.score === score).length + 1) / 2;
        const responders = rows.filter((row) => row.label === 1);
        const others = rows.filter((row) => row.label === 0);
        const places = responders.reduce((sum, row) => sum + place(row.score), 0);
        const wins = responders.flatMap((a) =>
          others.map((b): number => (a.score > b.score ? 1 : a.score === b.score ? 0.5 : 0)),
        );
        const expected = wins.length === 0 ? null : wins.reduce((sum, win) => sum + win, 0) / wins.length;
        const found = areaUnderCurve(places, responders.length, others.length);
        if (expected === null || found === null) assert.equal(found, expected);
        else assert.ok(Math.abs(found - expected) < 1e-12);
      }),
    );
  });

  it("gains add up to all responders, lift weighted by households to one", () => {
    const deciles = [40, 20, 5, 0].map((responders, index) => ({
      decile: index + 1,
      households: 50,
      responders,
      meanScore: 0,
      leastScore: 0,
    }));
    const gains = gainsOf(deciles);
    assert.equal(gains.at(-1)?.gain, 1);
    assert.deepEqual(
      gains.map(({ lift }) => Number(lift?.toFixed(6))),
      [2.461538, 1.230769, 0.307692, 0],
    );
    assert.deepEqual(
      gainsOf(deciles.map((decile) => ({ ...decile, responders: 0 }))).map(({ gain, lift }) => [gain, lift]),
      deciles.map(() => [null, null]),
    );
  });

  it("an axis ends at or above its highest value, at most two and a half times it", () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-6, max: 1e6, noNaN: true }), (value) => {
        const most = niceMaximum(value);
        assert.ok(most >= value * (1 - 1e-12) && most <= value * 2.5);
      }),
    );
  });
});

describe("P2A3: the features of a model", () => {
  const choice = { title: "DELI", windowDays: 28, departments: ["GROCERY", "MEAT-PCKGD"], categories: ["DELI MEATS"] };

  it("are named once each", () => {
    const { names } = featureSpec(choice);
    assert.equal(new Set(names).size, names.length);
    assert.ok(names.includes("department_meat_pckgd_spend") && names.includes("category_deli_meats_baskets"));
  });

  it("are refused when the model was trained on others", () => {
    const spec = featureSpec(choice);
    assert.equal(checkFeatureSpec(spec, "m"), spec);
    assert.throws(
      () => checkFeatureSpec({ ...spec, version: FEATURE_VERSION + 1 }, "m/model.json"),
      /m\/model\.json was trained on features of version 2, these are of version 1/,
    );
    assert.throws(
      () => checkFeatureSpec({ ...spec, names: spec.names.map((name) => (name === "stores" ? "shops" : name)) }, "m"),
      /other features .*: stores, shops/,
    );
    assert.throws(() => checkFeatureSpec({ ...spec, names: [...spec.names].reverse() }, "m"), /in another order/);
  });
});
