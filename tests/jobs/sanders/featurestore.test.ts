import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { FileTable } from "../../../jobs/lib/filetable.js";
import type { FeatureRow, Variant } from "../../../jobs/sanders/features.js";
import { putFeatures, removeFeatures } from "../../../jobs/sanders/featurestore.js";
import { VARIANTS } from "./support.js";

const CUSTOMERS = ["1", "2", "4", "6"];

const row = (customer: string, trips: number): FeatureRow => ({
  date: "2026-02-07",
  customer_id: customer,
  trip_count_1d: trips,
  avg_fare_1d: 1,
  avg_distance_1d: null,
});
const provenance = (variant: Variant) => ({
  variant,
  datasetSize: variant.rows ?? 200_000,
  source: "trips.parquet",
  updatedAt: new Date("2026-02-08T02:00:00Z"),
});

describe("the feature store's rule", () => {
  let folder: string;
  let next = 0;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "feature-store-"));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));
  const newTable = () => new FileTable("features", join(folder, `${next++}.json`), ["customer_id", "date"]);

  it("lets the largest variant that has a customer win, in whatever order variants write", async () => {
    const writes = fc.array(
      fc.record({
        variant: fc.constantFrom(...VARIANTS),
        customers: fc.uniqueArray(fc.constantFrom(...CUSTOMERS)),
      }),
      { minLength: 1, maxLength: 8 },
    );
    await fc.assert(
      fc.asyncProperty(writes, async (runs) => {
        const table = newTable();
        for (const { variant, customers } of runs)
          await putFeatures(
            table,
            customers.map((customer) => row(customer, variant.rows ?? 200_000)),
            provenance(variant),
          );
        for (const customer of CUSTOMERS) {
          const ranks = runs.flatMap(({ variant, customers }) =>
            customers.includes(customer) ? [VARIANTS.indexOf(variant)] : [],
          );
          // Removing the item on condition that it is the expected one tells whose it is.
          const probe = await table.remove([{ customer_id: customer, date: "2026-02-07" }], {
            test: "equals",
            attribute: "dataset_size",
            value: VARIANTS[Math.max(...ranks)]?.rows ?? 200_000,
          });
          assert.equal(probe.written, ranks.length === 0 ? 0 : 1);
        }
      }),
      { numRuns: 60 },
    );
  });

  it("lets a run replace its own variant's items, also by an input of another size", async () => {
    const table = newTable();
    const large = VARIANTS[2] as Variant;
    await putFeatures(table, [row("1", 1200)], { ...provenance(large), datasetSize: 2000 });
    const again = await putFeatures(table, [row("1", 700)], { ...provenance(large), datasetSize: 1500 });
    assert.deepEqual(again, { written: 1, refused: 0 });
  });

  it("removes an item only for the variant that wrote it", async () => {
    const table = newTable();
    const [small, , large, full] = VARIANTS as [Variant, Variant, Variant, Variant];
    await putFeatures(table, [row("1", 1), row("2", 2)], provenance(large));
    const key = { customer_id: "1", date: "2026-02-07" };
    assert.equal((await removeFeatures(table, [key], small)).written, 0);
    assert.equal((await removeFeatures(table, [key], full)).written, 0);
    assert.equal((await removeFeatures(table, [key], large)).written, 1);
  });
});
