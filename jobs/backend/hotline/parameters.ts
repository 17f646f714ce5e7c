// What a hotline run is asked for.
import { z } from "zod";
import { hhDate, states, title } from "../p2a3/parameters.js";

export const hotlineParameters = z.object({ title, hhDate, states });
export type HotlineParameters = z.output<typeof hotlineParameters>;
