// The units of the backend, named after the stacks that the platform's people know. No Pulumi here: see stacks/units.ts.
import type { Unit } from "../unit.js";
import { workflows } from "./catalog.js";
import { outputOf } from "./workflow.js";

const common = { system: "backend", defaultRegion: "us-east-1" } as const;

export const backendUnits: Unit[] = [
  {
    ...common,
    name: "vpc4emr",
    description: "Backend: network of the EMR clusters",
    dependsOn: [],
    workflows: {},
  },
  {
    ...common,
    name: "vpc4general",
    description: "Backend: network of the jobs and their file system",
    dependsOn: [],
    workflows: {},
  },
  {
    ...common,
    name: "vpc4melissa",
    description: "Backend: network that reaches the address validation service, and nothing else",
    dependsOn: [],
    workflows: {},
  },
  {
    ...common,
    name: "network",
    description: "Backend: all three networks",
    dependsOn: ["vpc4emr", "vpc4general", "vpc4melissa"],
    workflows: {},
  },
  {
    ...common,
    name: "backend-core",
    description:
      "Backend: what all workflows share: queues and job definitions by size, file system, bucket, images, secrets",
    dependsOn: ["vpc4general"],
    workflows: {},
  },
  ...workflows.map((workflow) => ({
    ...common,
    name: workflow.unit,
    description: `Backend: ${workflow.description}`,
    dependsOn: ["backend-core"],
    workflows: { [workflow.workflow]: outputOf(workflow) },
  })),
];
