// When two texts of container definitions mean the same: AWS fills in its defaults and empty lists, and keeps no order of
// environment and secrets.
import { isRecord } from "../../wire.js";

/** Lists whose order means nothing, by the member that tells their items apart. */
const UNORDERED: Record<string, string> = { environment: "name", secrets: "name", environmentFiles: "value" };

/** Defaults that AWS shows, by path from a container. */
const DEFAULTS: Record<string, unknown> = {
  cpu: 0,
  essential: true,
  "portMappings.protocol": "tcp",
  "healthCheck.interval": 30,
  "healthCheck.timeout": 5,
  "healthCheck.retries": 3,
};

/** Whether two texts make the same containers, in the same order. */
export function isSameContainers(left: string, right: string): boolean {
  return containersText(left) === containersText(right);
}

/** One spelling for all texts of the same meaning. A text that is not JSON is its own spelling. */
export function containersText(text: string): string {
  try {
    const parsed: unknown = JSON.parse(text);
    const containers = Array.isArray(parsed) ? parsed : [parsed];
    return JSON.stringify(containers.map((container) => reduce(container, "") ?? {}));
  } catch {
    return text;
  }
}

/** Without what says nothing: nulls, empty lists and objects, defaults. `undefined` when nothing is left. */
function reduce(value: unknown, path: string): unknown {
  if (value === null || DEFAULTS[path] === value) return undefined;
  if (Array.isArray(value)) {
    const items = value.map((item) => reduce(item, path)).filter((item) => item !== undefined);
    const key = UNORDERED[path];
    if (key) items.sort((left, right) => (keyOf(left, key) < keyOf(right, key) ? -1 : 1));
    return items.length > 0 ? items : undefined;
  }
  if (!isRecord(value)) return value;
  const members = Object.entries(value)
    .map(([name, member]) => [name, reduce(member, path === "" ? name : `${path}.${name}`)] as const)
    .filter(([name, member]) => member !== undefined && !isSamePort(name, member, value, path))
    .sort(([left], [right]) => (left < right ? -1 : 1));
  return members.length > 0 ? Object.fromEntries(members) : undefined;
}

/** In network mode awsvpc the host's port is the container's, said or not. */
const isSamePort = (name: string, port: unknown, mapping: Record<string, unknown>, path: string): boolean =>
  path === "portMappings" && name === "hostPort" && (port === 0 || port === mapping.containerPort);

const keyOf = (item: unknown, key: string): string => (isRecord(item) ? String(item[key]) : "");
