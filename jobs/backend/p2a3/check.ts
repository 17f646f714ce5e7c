// Whether the co-operative's data allow an order, asked before a run is made: the same answers as its first step gives.
import { existsSync } from "node:fs";
import type { RunInfo } from "../../athanor/workflow.js";
import { withDatabase } from "../../lib/withdatabase.js";
import { withWorkFolder } from "../../lib/work.js";
import { checkStates, manifestPath } from "../data/paths.js";
import type { Period } from "./calendar.js";
import { dataPeriod, requireTitle } from "./coop.js";

/** The statistics of files are read, and one small table. */
const LIMITS = { memoryMiB: 256, threads: 1 };

/**
 * Checks title, states and day. Where there are no data yet, the states alone.
 * @param checkDay throws when the day does not fit the data's
 * @throws UsageError naming states that there are not; InputError listing the titles when there is none of that name; what `checkDay` throws
 */
export async function checkOrder(
  { dataRoot, parameters }: RunInfo<{ title: string; states?: string[] }>,
  signal: AbortSignal,
  checkDay: (period: Period) => void,
): Promise<void> {
  if (parameters.states?.length) checkStates(parameters.states);
  if (!existsSync(manifestPath(dataRoot))) return;
  await withWorkFolder("check", (workFolder) =>
    withDatabase({ limits: LIMITS, workFolder, signal }, async (db) => {
      await requireTitle(db, dataRoot, parameters.title);
      checkDay(await dataPeriod(db, dataRoot));
    }),
  );
}
