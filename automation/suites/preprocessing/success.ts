// 200,000 trips go through the container; what it writes is counted again from the source.
import { query, sqlText } from "../../evidence/tables.js";
import { defineTest } from "../test.js";
import { fetchObject, inputPath, logOf, preprocessingOf, seedExample, TURNS } from "./preprocessing.js";

export const preprocessingSuccess = defineTest({
  name: "preprocessing-success",
  suites: ["preprocessing"],
  description: "A user's script cleans 200,000 trips in a container and sums them up by zone",
  units: ["preprocessing"],
  takesTurns: TURNS,
  memoryMiB: 1024,
  seed: seedExample,
  run: ({ run }) => run("preprocessing", {}),
  async verify({ env, evidence, check }, execution) {
    check.equal("the execution's status", execution.status, "SUCCEEDED");
    if (execution.status !== "SUCCEEDED") return [];
    check.equal("the last state", execution.states.at(-1)?.name, "ProcessingSucceeded");
    const source = sqlText(inputPath(evidence));
    const trips = sqlText(await fetchObject(env, evidence, "output/trips.csv"));
    const zones = sqlText(await fetchObject(env, evidence, "output/zones.csv"));
    const kept = "fare_amount > 0 AND trip_distance > 0 AND tpep_dropoff_datetime > tpep_pickup_datetime";
    const expected = await query("expected", `SELECT count(*) AS n FROM read_csv(${source}) WHERE ${kept}`);
    const written = await query("written", `SELECT count(*) AS n FROM read_csv(${trips})`);
    check.equal("trips that are kept", written.rows, expected.rows);
    const columns = "count(*) AS trips, round(sum(fare_amount), 2) AS fare FROM";
    const counted = await query(
      "counted",
      `SELECT PULocationID AS zone, ${columns} read_csv(${source}) WHERE ${kept} GROUP BY 1 ORDER BY 1`,
    );
    const summed = await query(
      "summed",
      `SELECT PULocationID AS zone, trips, round(fare::DOUBLE, 2) AS fare FROM read_csv(${zones}) ORDER BY 1`,
    );
    check.equal("trips and fares of each zone", summed.rows, counted.rows);
    const output = execution.output as { rowsIn?: number; run?: string };
    check.equal("the summary's rows", output.rowsIn, 200_000);
    check.equal("the summary's run", output.run, execution.name);
    check.matches("log", await logOf(env, execution, preprocessingOf(env).logGroup), /200000 trips read/);
    return [];
  },
});
