// Models of AWS's services, as botocore carries them in the project's Python environment: which there are, and one of them read.
import { existsSync, readdirSync } from "node:fs";
import { open, readdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { constants, gunzip, gunzipSync } from "node:zlib";
import { projectPython } from "../../../../server/paths.js";
import { serviceName } from "../naming.js";

/** A member, or what a list or a map holds. */
export interface ModelRef {
  shape: string;
  location?: "uri" | "querystring" | "header" | "headers" | "statusCode";
  locationName?: string;
  xmlNamespace?: { uri: string; prefix?: string };
  xmlAttribute?: boolean;
  flattened?: boolean;
  streaming?: boolean;
  jsonvalue?: boolean;
  idempotencyToken?: boolean;
}

export interface ModelShape {
  type: string;
  members?: Record<string, ModelRef>;
  required?: string[];
  payload?: string;
  member?: ModelRef;
  key?: ModelRef;
  value?: ModelRef;
  flattened?: boolean;
  streaming?: boolean;
  sparse?: boolean;
  locationName?: string;
  xmlNamespace?: { uri: string; prefix?: string };
  timestampFormat?: string;
  union?: boolean;
  document?: boolean;
  eventstream?: boolean;
  exception?: boolean;
  error?: { code?: string };
}

export interface ModelOperation {
  name: string;
  http: { method: string; requestUri: string; responseCode?: number };
  input?: ModelRef;
  output?: ModelRef;
}

export interface ServiceModel {
  metadata: {
    apiVersion: string;
    endpointPrefix: string;
    jsonVersion?: string;
    protocol: string;
    protocols?: string[];
    serviceId: string;
    signingName?: string;
    targetPrefix?: string;
    xmlNamespace?: string;
  };
  operations: Record<string, ModelOperation>;
  shapes: Record<string, ModelShape>;
}

/** Where the models are: a folder for each service, in it one for each version of its API; undefined without a Python environment. */
function modelsFolder(): string | undefined {
  const home = join(dirname(projectPython()), "..");
  const versions = existsSync(join(home, "lib")) ? readdirSync(join(home, "lib")).map((name) => join("lib", name)) : [];
  return ["Lib", ...versions]
    .map((library) => join(home, library, "site-packages", "botocore", "data"))
    .find((folder) => existsSync(folder));
}

/** The file of the newest version. */
async function modelFile(folder: string): Promise<string> {
  const versions = await readdir(folder);
  return join(folder, versions.sort().at(-1) ?? "", "service-2.json.gz");
}

/** Models begin with their version and metadata, less than 2 KB; this much of the file holds more than that. */
const HEAD_BYTES = 2048;

/** The service's own name, read from the head of its model; undefined where there is none. */
async function serviceIdOf(folder: string): Promise<string | undefined> {
  const file = await open(await modelFile(folder)).catch(() => undefined);
  if (!file) return undefined;
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0);
    const head = gunzipSync(buffer.subarray(0, bytesRead), { finishFlush: constants.Z_SYNC_FLUSH }).toString();
    return /"serviceId"\s*:\s*"([^"]+)"/.exec(head)?.[1];
  } finally {
    await file.close();
  }
}

const resourceName = (serviceId: string): string => serviceName(serviceId).toLowerCase();

async function readIndex(): Promise<Map<string, string>> {
  const root = modelsFolder();
  const folders =
    root === undefined ? [] : (await readdir(root, { withFileTypes: true })).filter((entry) => entry.isDirectory());
  const found = await Promise.all(
    folders.map(async ({ name }) => {
      const folder = join(root ?? "", name);
      return [await serviceIdOf(folder), folder] as const;
    }),
  );
  const index = new Map<string, string>();
  for (const [serviceId, folder] of found.sort(([, left], [, right]) => (left < right ? -1 : 1))) {
    const service = serviceId === undefined ? undefined : resourceName(serviceId);
    if (service !== undefined && !index.has(service)) index.set(service, folder);
  }
  return index;
}

let index: Promise<Map<string, string>> | undefined;

/** The folders of all services' models, by the service's name in `aws-sdk` resources. */
export function modelIndex(): Promise<Map<string, string>> {
  index ??= readIndex();
  return index;
}

/** Most folders have the service's name: that one needs no look at the others. */
async function sameName(service: string): Promise<string | undefined> {
  const root = modelsFolder();
  if (root === undefined || !existsSync(join(root, service))) return undefined;
  const serviceId = await serviceIdOf(join(root, service));
  return serviceId !== undefined && resourceName(serviceId) === service ? join(root, service) : undefined;
}

/** The newest model of a service, by its name in `aws-sdk` resources; undefined when there is none. */
export async function readModel(service: string): Promise<ServiceModel | undefined> {
  const folder = (await sameName(service)) ?? (await modelIndex()).get(service);
  if (folder === undefined) return undefined;
  const packed = await readFile(await modelFile(folder));
  return JSON.parse((await promisify(gunzip)(packed)).toString()) as ServiceModel;
}
