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
  {
    ...common,
    name: "cat-etl",
    description: "CAT, ETL-2: CSV files as they arrive to Parquet on Glue, crawled into tables for Athena",
    dependsOn: ["cat-normalize"],
    instead: { "cat-normalize": "etl.dataBucketName" },
    workflows: { "cat-etl": "CatEtlStateMachineARN" },
  },
];
