// What the P2A3 workflows are given alike.
import type { Field, InputSchema } from "../../components/workflow/input.js";

/** A title is a department, e.g. `GROCERY` or `DRUG GM`. */
export const TITLE: Field = {
  type: "text",
  pattern: "[A-Z][A-Z0-9 &/.,'-]{0,59}",
  description: "the department whose customers are modelled, e.g. GROCERY",
};

export const HH_DATE: Field = {
  type: "date",
  description: "the day as of which households are looked at",
};

export const STATES: Field = {
  type: "list",
  pattern: "[a-z]{2}",
  optional: true,
  description: "the states to take households from, all when left out",
};

/** Of runs that train and score. */
export const P2A3_INPUT: InputSchema = {
  title: TITLE,
  hhDate: HH_DATE,
  states: STATES,
  windowDays: {
    type: "integer",
    min: 1,
    max: 365,
    default: 28,
    description: "days after hhDate in which a response counts",
  },
  partitions: { type: "integer", min: 2, max: 64, default: 4, description: "parts that households are scored in" },
  seed: { type: "integer", min: 0, max: 2147483647, default: 20171104, description: "of all that is drawn" },
};
