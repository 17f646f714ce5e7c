// What an environment's engine, program and AWS clients are told: functions of the journal and the endpoint.

import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { clientEnvironment } from "../../localcloud/server/background.js";
import { projectRoot } from "../../localcloud/server/paths.js";
import { environmentFolder, pulumiHome } from "../home.js";
import type { WorkerPlace, WorkerSpec } from "../worker/protocol.js";
import type { Journal } from "./journal.js";

/** Values of the host's environment that would steer clients or the engine elsewhere. */
const STEERING = /^(AWS_|PULUMI_|AMAZON_)/;

/** The AWS SDK tells of the Node versions of its future in every process. */
export const QUIET = { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true" };

/** Secret key on the local cloud, where the access key alone decides. */
const LOCAL_SECRET = "local";

/** The stack's configuration by full key. */
export function stackConfig(journal: Journal): Record<string, unknown> {
  const settings = Object.entries(journal.settings).map(([key, value]) => [`crucible:${key}`, value]);
  return {
    "aws:region": journal.region,
    "crucible:environment": journal.environment,
    "crucible:units": journal.units,
    "crucible:suffix": journal.suffix,
    "crucible:throwaway": true,
    // An account of its own needs no suffixes but in names that are global.
    "crucible:suffixAll": journal.target !== "local",
    ...Object.fromEntries(settings),
  };
}

/** Where a client finds the environment's cloud. */
export interface ClientSettings {
  region: string;
  /** Absent: AWS itself. */
  endpoint?: string;
  /** Absent: the SDK's default chain. */
  credentials?: { accessKeyId: string; secretAccessKey: string };
}

/** Configuration of an AWS SDK client. @param endpoint of the cloud; undefined for AWS itself */
export function clientSettings(journal: Journal, endpoint: string | undefined): ClientSettings {
  if (journal.target === "local" && journal.account !== null)
    return {
      region: journal.region,
      ...(endpoint && { endpoint }),
      credentials: { accessKeyId: journal.account, secretAccessKey: LOCAL_SECRET },
    };
  return { region: journal.region, ...(endpoint && { endpoint }) };
}

/** AWS variables for any client of the environment, the AWS CLI among them. */
export function awsEnvironment(journal: Journal, endpoint: string | undefined): Record<string, string> {
  if (journal.target === "local" && journal.account !== null && endpoint)
    return clientEnvironment(endpoint, journal.account, journal.region);
  const region = { AWS_REGION: journal.region, AWS_DEFAULT_REGION: journal.region, AWS_PAGER: "" };
  return endpoint ? { ...region, AWS_ENDPOINT_URL: endpoint } : region;
}

/**
 * The environment of a process that works on the cloud: the host's, without what steers elsewhere. On the local cloud the
 * user's profiles and credential files do not exist.
 */
export function processEnvironment(
  journal: Journal,
  endpoint: string | undefined,
  host: NodeJS.ProcessEnv,
): Record<string, string> {
  const isLocal = journal.target === "local";
  const kept = Object.entries(host).filter(
    (entry): entry is [string, string] =>
      entry[1] !== undefined && !(isLocal ? STEERING.test(entry[0]) : entry[0].startsWith("PULUMI_")),
  );
  const noFiles: Record<string, string> = isLocal
    ? { AWS_CONFIG_FILE: "/dev/null", AWS_SHARED_CREDENTIALS_FILE: "/dev/null" }
    : {};
  return { ...Object.fromEntries(kept), ...noFiles, ...awsEnvironment(journal, endpoint), ...QUIET };
}

/** Our own provider serves every target but AWS itself, where the official plugin does. */
export function providerSettings(journal: Journal, endpoint: string | undefined): WorkerPlace["provider"] {
  return journal.target === "aws" ? null : clientSettings(journal, endpoint);
}

/** What the worker is told of the place, once that is known. */
export function workerPlace(journal: Journal, endpoint: string | undefined): WorkerPlace {
  return { environment: awsEnvironment(journal, endpoint), provider: providerSettings(journal, endpoint) };
}

/** What the worker is started with. */
export function workerSpec(journal: Journal): WorkerSpec {
  const folder = environmentFolder(journal.name);
  return {
    stack: journal.name,
    projectFolder: folder.project,
    stateFolder: folder.state,
    pulumiHome: pulumiHome(),
    passphraseFile: folder.passphrase,
    // A third of the engine's work is saving its state. Whoever kills a driver ends its private cloud, and needs no state of it.
    savesOnce: journal.cloud === "private",
    program: journal.program ?? pathToFileURL(join(projectRoot, "dist", "stacks", "index.js")).href,
    config: stackConfig(journal),
  };
}
