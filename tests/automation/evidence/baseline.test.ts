import assert from "node:assert/strict";
import fc from "fast-check";
import { Baseline, baselineOf, type ComparedTable, compare, isSame } from "../../../automation/evidence/baseline.js";

const table = (rows: Record<string, string | number | null>[], tolerance?: Record<string, number>): ComparedTable => ({
  table: {
    name: "features",
    columns: [
      { name: "customer_id", type: "VARCHAR" },
      { name: "trips", type: "BIGINT" },
      { name: "fare", type: "DOUBLE" },
    ],
    rows,
  },
  key: ["customer_id"],
  ...(tolerance && { tolerance }),
});
const ROWS = [
  { customer_id: "1", trips: 70_597, fare: 12.475457 },
  { customer_id: "2", trips: 123_438, fare: 12.795241 },
];

describe("a baseline", () => {
  it("agrees with the run it was made of, also after a round trip through its file", () => {
    const baseline = Baseline.parse(JSON.parse(JSON.stringify(baselineOf("daily", [table(ROWS)]))));
    assert.deepEqual(compare(baseline, [table(ROWS)]), []);
    assert.deepEqual(compare(baseline, [table([...ROWS].reverse())]), [], "the order of rows is nothing");
  });

  it("names the value, the row and the count that differ", () => {
    const baseline = baselineOf("daily", [table(ROWS)]);
    const actual = [
      { customer_id: "1", trips: 70_598, fare: 12.475457 },
      { customer_id: "4", trips: 1, fare: null },
    ];
    const differences = compare(baseline, [table([...actual, { customer_id: "5", trips: 1, fare: 1 }])]);
    assert.deepEqual(
      differences.map(({ what, expected, actual: found }) => [what, expected, found]),
      [
        ["number of rows", 2, 3],
        ["trips of customer_id 1", 70_597, 70_598],
        ["row customer_id 2", "present", "absent"],
        ["row customer_id 4", "absent", "present"],
        ["row customer_id 5", "absent", "present"],
      ],
    );
  });

  it("names a column that changed its type or is gone, and a table that is", () => {
    const baseline = baselineOf("daily", [table(ROWS)]);
    const changed = table(ROWS);
    changed.table = {
      ...changed.table,
      columns: [{ name: "customer_id", type: "BIGINT" }, ...changed.table.columns.slice(1, 2)],
    };
    assert.deepEqual(
      compare(baseline, [changed]).map(({ what, actual }) => [what, actual]),
      [
        ["type of customer_id", "BIGINT"],
        ["type of fare", "no such column"],
      ],
    );
    assert.deepEqual(
      compare(baseline, []).map(({ what, actual }) => [what, actual]),
      [["table", "absent"]],
    );
    assert.deepEqual(
      compare({ test: "daily", tables: {} }, [table(ROWS)]).map(({ actual }) => actual),
      ["present"],
    );
  });

  it("lets a number differ within its own column's tolerance only", () => {
    const baseline = baselineOf("daily", [table(ROWS, { fare: 1e-3 })]);
    const near = ROWS.map((row) => ({ ...row, fare: row.fare * 1.0005 }));
    const far = ROWS.map((row) => ({ ...row, fare: row.fare * 1.002 }));
    assert.deepEqual(compare(baseline, [table(near)]), []);
    assert.equal(compare(baseline, [table(far)]).length, 2);
    assert.equal(compare(baseline, [table(ROWS.map((row) => ({ ...row, trips: row.trips + 1 })))]).length, 2);
  });

  it("compares symmetrically", () => {
    fc.assert(
      fc.property(
        fc.double({ noNaN: true }),
        fc.double({ noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (a, b, tolerance) => {
          assert.equal(isSame(a, b, tolerance), isSame(b, a, tolerance));
          assert.ok(isSame(a, a, 0));
        },
      ),
    );
  });
});
