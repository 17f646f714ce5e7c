// The units of CAT. No Pulumi here: see stacks/units.ts.
import type { Unit } from "../unit.js";

const common = { system: "cat", defaultRegion: "us-east-1" } as const;

export const catUnits: Unit[] = [
  {
    ...common,
    name: "cat-normalize",
    description: "CAT, ETL-1: conversations of a DynamoDB table as CSV files, a folder for each day",
    dependsOn: [],
    workflows: {},
  },
];
