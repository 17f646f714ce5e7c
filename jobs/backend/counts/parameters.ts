// What a run of counts is asked for.
import { z } from "zod";
import { hhDate, states, title } from "../p2a3/parameters.js";

export const countsParameters = z.object({ title, hhDate, states });
