// When two texts of job properties (container, ECS or node) mean the same: AWS fills in empty lists and its defaults, and keeps no order
// of environment, secrets and resource requirements.
import { isRecord } from "../../wire.js";

/** Lists whose order means nothing, by the member that tells their items apart. */
const UNORDERED: Record<string, string> = { environment: "name", secrets: "name", resourceRequirements: "type" };

/** Defaults that AWS shows, by path from the properties of a container. */
const DEFAULTS: Record<string, unknown> = {
  privileged: false,
  readonlyRootFilesystem: false,
  enableExecuteCommand: false,
  vcpus: 0,
  memory: 0,
  "fargatePlatformConfiguration.platformVersion": "LATEST",
  "networkConfiguration.assignPublicIp": "DISABLED",
  "runtimePlatform.operatingSystemFamily": "LINUX",
  "runtimePlatform.cpuArchitecture": "X86_64",
};

/** One spelling for all texts of the same meaning. A text that is not JSON is its own spelling. */
export function propertiesText(text: string): string {
  try {
    return JSON.stringify(reduce(JSON.parse(text), ""));
  } catch {
    return text;
  }
}

export function isSameProperties(left: string, right: string): boolean {
  return propertiesText(left) === propertiesText(right);
}

/** Without what says nothing: nulls, empty texts, lists and objects, defaults. `undefined` when nothing is left. */
function reduce(value: unknown, path: string): unknown {
  if (value === null || value === "" || DEFAULTS[path] === value) return undefined;
  if (Array.isArray(value)) {
    const items = value.map((item) => reduce(item, listPath(path))).filter((item) => item !== undefined);
    const key = UNORDERED[path.split(".").at(-1) ?? ""];
    if (key) items.sort((left, right) => (keyOf(left, key) < keyOf(right, key) ? -1 : 1));
    return items.length > 0 ? items : undefined;
  }
  if (!isRecord(value)) return value;
  const members = Object.entries(value)
    .map(([name, member]): [string, unknown] => [lower(name), member])
    .map(([name, member]) => [name, reduce(member, path === "" ? name : `${path}.${name}`)] as const)
    .filter(([, member]) => member !== undefined)
    .sort(([left], [right]) => (left < right ? -1 : 1));
  return members.length > 0 ? Object.fromEntries(members) : undefined;
}

/** Paths begin anew in the items of a list: a task's or node's container has the defaults of any container. */
function listPath(path: string): string {
  return /(^|\.)(containers|nodeRangeProperties|taskProperties)$/.test(path) ? "" : `${path}[]`;
}

function keyOf(item: unknown, key: string): string {
  return isRecord(item) ? String(item[key]) : "";
}

/** AWS takes `Image` for `image`. */
function lower(name: string): string {
  return name.charAt(0).toLowerCase() + name.slice(1);
}
