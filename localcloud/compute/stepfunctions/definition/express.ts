// What Express state machines do not have. Source: "Choosing workflow type in Step Functions", Developer Guide.
import { isObject, type JsonObject } from "../language/json.js";
import type { Report } from "./report.js";

/** Refuses tasks that wait for a job or a token, activities, and Distributed Maps. */
export function checkExpress(machine: JsonObject, report: Report): void {
  if (!isObject(machine.States)) return;
  for (const [name, state] of Object.entries(machine.States)) {
    if (!isObject(state)) continue;
    const own = report.at("States", name);
    const resource = typeof state.Resource === "string" ? state.Resource : "";
    const pattern = /\.(sync(?::2)?|waitForTaskToken)$/.exec(resource)?.[0];
    if (pattern) own.at("Resource").error(`Express state machine does not support '${pattern}' service integration `);
    if (resource.includes(":activity:"))
      own.at("Resource").error("Express state machine does not support Activity ARN");
    for (const [index, branch] of (Array.isArray(state.Branches) ? state.Branches : []).entries())
      if (isObject(branch)) checkExpress(branch, own.at("Branches", index));
    for (const field of ["ItemProcessor", "Iterator"]) {
      const processor = state[field];
      if (!isObject(processor)) continue;
      const config = isObject(processor.ProcessorConfig) ? processor.ProcessorConfig : {};
      if (config.Mode === "DISTRIBUTED")
        own.at(field, "ProcessorConfig", "Mode").error("Express state machine does not support 'DISTRIBUTED' mode");
      checkExpress(processor, own.at(field));
    }
  }
}
