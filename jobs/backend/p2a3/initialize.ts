// Initialize: whether what is asked for can be done at all, before anything is computed.
import { InputError } from "../../lib/errors.js";
import { withDatabase } from "../../lib/withdatabase.js";
import { readManifest } from "../data/manifest.js";
import { checkStates, coopFolder } from "../data/paths.js";
import { HOUSEHOLDS } from "../data/schema.js";
import { STATES } from "../data/states.js";
import { planCalendar } from "./calendar.js";
import { dataPeriod, readTable, requireTitle } from "./coop.js";
import type { Order } from "./order.js";
import { type Tools, writeJson } from "./tools.js";

export interface Request {
  title: string;
  hhDate: string;
  windowDays: number;
  seed: number;
  partitions: number;
  /** @default all states */
  states?: string[];
}

/**
 * Checks a request against the data and writes the order.
 * @throws UsageError naming states that there are not; InputError when there are no data, no such title, no household in the states, or
 * hhDate leaves too little history or is after the data
 */
export async function initialize(tools: Tools, dataRoot: string, request: Request, path: string): Promise<Order> {
  const states = request.states?.length ? checkStates(request.states) : STATES.map(({ code }) => code).sort();
  const manifest = await readManifest(coopFolder(dataRoot));
  if (!manifest)
    throw new InputError(
      `There are no co-operative's data in ${coopFolder(dataRoot)} (no manifest.json that can be read); run the command 'prepare' first`,
    );
  return withDatabase(tools, async (db) => {
    await requireTitle(db, dataRoot, request.title);
    const period = await dataPeriod(db, dataRoot);
    const calendar = planCalendar(request.hhDate, request.windowDays, period);
    const { households } = await db.row<{ households: number }>(
      `SELECT count(*) AS households FROM ${readTable(dataRoot, HOUSEHOLDS, states)}`,
    );
    if (households === 0) throw new InputError(`There are no households in ${states.join(", ")}`);
    const { title, hhDate, windowDays, seed, partitions } = request;
    const order: Order = {
      title,
      hhDate,
      windowDays,
      seed,
      partitions,
      states,
      calendar,
      data: { digest: manifest.digest, scale: manifest.scale, ...period },
      households,
    };
    await writeJson(path, order);
    return order;
  });
}
