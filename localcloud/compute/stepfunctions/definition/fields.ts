// Which fields a state may have, by type and query language.
// Source: Amazon States Language specification, and the pages of the state types in the Step Functions Developer Guide.
import type { QueryLanguage, State } from "./types.js";

type Type = State["Type"];

const EVERY = ["Type", "Comment", "QueryLanguage"];
const TRANSITION = ["Next", "End"];
const FAILURE_HANDLING = ["Retry", "Catch"];
const PATHS = ["InputPath", "OutputPath"];
const RESULT = ["ResultPath", "ResultSelector"];
const TASK = ["Resource", "TimeoutSeconds", "HeartbeatSeconds", "Credentials"];
const MAP = [
  "ItemProcessor",
  "Iterator",
  "ItemSelector",
  "MaxConcurrency",
  "ToleratedFailureCount",
  "ToleratedFailurePercentage",
  "ItemReader",
  "ItemBatcher",
  "ResultWriter",
  "Label",
];

/** Fields of each type in either language. */
const COMMON: Record<Type, string[]> = {
  Pass: [...TRANSITION, "Assign"],
  Task: [...TRANSITION, ...FAILURE_HANDLING, "Assign", ...TASK],
  Choice: ["Choices", "Default", "Assign"],
  Wait: [...TRANSITION, "Assign", "Seconds", "Timestamp"],
  Succeed: [],
  Fail: ["Error", "Cause"],
  Parallel: [...TRANSITION, ...FAILURE_HANDLING, "Assign", "Branches"],
  Map: [...TRANSITION, ...FAILURE_HANDLING, "Assign", ...MAP],
};

const JSONPATH_ONLY: Record<Type, string[]> = {
  Pass: [...PATHS, "Parameters", "Result", "ResultPath"],
  Task: [...PATHS, ...RESULT, "Parameters", "TimeoutSecondsPath", "HeartbeatSecondsPath"],
  Choice: PATHS,
  Wait: [...PATHS, "SecondsPath", "TimestampPath"],
  Succeed: PATHS,
  Fail: ["ErrorPath", "CausePath"],
  Parallel: [...PATHS, ...RESULT, "Parameters"],
  Map: [
    ...PATHS,
    ...RESULT,
    "Parameters",
    "ItemsPath",
    "MaxConcurrencyPath",
    "ToleratedFailureCountPath",
    "ToleratedFailurePercentagePath",
  ],
};

const JSONATA_ONLY: Record<Type, string[]> = {
  Pass: ["Output"],
  Task: ["Arguments", "Output"],
  Choice: ["Output"],
  Wait: ["Output"],
  Succeed: ["Output"],
  Fail: [],
  Parallel: ["Arguments", "Output"],
  Map: ["Items", "Output"],
};

export const STATE_TYPES = Object.keys(COMMON) as Type[];

export function allowedFields(type: Type, language: QueryLanguage): Set<string> {
  return new Set([...EVERY, ...COMMON[type], ...(language === "JSONata" ? JSONATA_ONLY : JSONPATH_ONLY)[type]]);
}

/** Whether a field belongs to the other language only, which gets a message of its own. */
export const belongsToOther = (type: Type, field: string, language: QueryLanguage): boolean =>
  (language === "JSONata" ? JSONPATH_ONLY : JSONATA_ONLY)[type].includes(field);

/** At most one field of each group may stand in a state. */
export const EXCLUSIVE: Partial<Record<Type, string[][]>> = {
  Task: [
    ["TimeoutSeconds", "TimeoutSecondsPath"],
    ["HeartbeatSeconds", "HeartbeatSecondsPath"],
  ],
  Fail: [
    ["Error", "ErrorPath"],
    ["Cause", "CausePath"],
  ],
  Map: [
    ["ItemSelector", "Parameters"],
    ["MaxConcurrency", "MaxConcurrencyPath"],
    ["ToleratedFailureCount", "ToleratedFailureCountPath"],
    ["ToleratedFailurePercentage", "ToleratedFailurePercentagePath"],
  ],
};

/** Exactly one field of each group must stand in a state. */
export const REQUIRED: Partial<Record<Type, string[][]>> = {
  Task: [["Resource"]],
  Choice: [["Choices"]],
  Wait: [["SecondsPath", "Seconds", "TimestampPath", "Timestamp"]],
  Parallel: [["Branches"]],
  Map: [["ItemProcessor", "Iterator"]],
};
