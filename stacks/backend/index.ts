// The backend: networks, the core that all workflows share, and one state machine a workflow. See docs/backend.md.
import type { Deploy } from "../deploy.js";
import { workflows } from "./catalog.js";
import { deployCore } from "./core.js";
import { deployWorkflow } from "./deploy-workflow.js";
import { deployNetwork } from "./networks.js";

/** Unit → how it is deployed. */
export const backendDeployments: Record<string, Deploy> = {
  vpc4emr: deployNetwork("emr"),
  vpc4general: deployNetwork("general"),
  vpc4melissa: deployNetwork("melissa"),
  // Its networks are units of their own; it has nothing but them.
  network: () => ({}),
  "backend-core": deployCore,
  ...Object.fromEntries(workflows.map((workflow) => [workflow.unit, deployWorkflow(workflow)])),
};
