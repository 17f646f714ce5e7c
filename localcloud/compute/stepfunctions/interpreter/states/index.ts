// The work of each type of state.
import type { Visit } from "../fields.js";
import type { Checkpoint } from "../frame.js";
import type { Result } from "../machine.js";
import { choose } from "./choice.js";
import { mapItems } from "./map.js";
import { runBranches } from "./parallel.js";
import { fail, pass, succeed } from "./simple.js";
import { runTask } from "./task.js";
import { waitFor } from "./wait.js";

/** Does a state's work once. @param resume where an execution that is redriven left this state */
export async function execute(visit: Visit, resume: Checkpoint | undefined): Promise<Result> {
  switch (visit.state.Type) {
    case "Pass":
      return pass(visit);
    case "Succeed":
      return succeed(visit);
    case "Fail":
      return await fail(visit);
    case "Choice":
      return await choose(visit);
    case "Wait":
      return await waitFor(visit);
    case "Task":
      return await runTask(visit);
    case "Parallel":
      return await runBranches(visit, resume);
    case "Map":
      return await mapItems(visit, resume);
  }
}
