import type { Service } from "../../descriptor.js";
import { alias } from "./alias.js";
import { functionEventInvokeConfig } from "./eventInvokeConfig.js";
import { eventSourceMapping } from "./eventSourceMapping.js";
import { lambdaFunction } from "./function.js";
import { functionRecursionConfig } from "./functionRecursionConfig.js";
import { layerVersion } from "./layerVersion.js";
import { permission } from "./permission.js";

export const resources: Service["resources"] = [
  lambdaFunction,
  layerVersion,
  permission,
  alias,
  functionEventInvokeConfig,
  eventSourceMapping,
  functionRecursionConfig,
];
