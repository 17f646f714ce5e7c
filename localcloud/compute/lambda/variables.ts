// The environment variables of a function: its own, and those that Lambda reserves ("Using Lambda environment variables").
import { join } from "node:path";
import type { SessionCredentials } from "../service.js";
import { type FunctionVersion, languageOf } from "./invocation.js";

export interface Surroundings {
  /** Endpoint of the local cloud. */
  endpoint: string;
  /** `host:port` of the environment's runtime API. */
  api: string;
  session: SessionCredentials;
  /** Name of the environment's log stream. */
  stream: string;
}

/** Everything a runtime of the function gets; what Lambda reserves wins. */
export function variablesOf(version: FunctionVersion, surroundings: Surroundings): Record<string, string> {
  const { api, session, stream, endpoint } = surroundings;
  const { environment, region, memoryMiB, root } = version;
  return {
    LANG: "en_US.UTF-8",
    TZ: ":UTC",
    // SDKs of all languages find the local cloud by it. On AWS it is absent, and a function may set its own.
    AWS_ENDPOINT_URL: endpoint,
    ...environment,
    ...(root ? codeVariables(version, root) : {}),
    _HANDLER: version.handler,
    AWS_REGION: region,
    AWS_DEFAULT_REGION: environment.AWS_DEFAULT_REGION ?? region,
    ...(root ? { AWS_EXECUTION_ENV: `AWS_Lambda_${version.runtime}` } : {}),
    AWS_LAMBDA_FUNCTION_NAME: version.name,
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(memoryMiB),
    AWS_LAMBDA_FUNCTION_VERSION: version.version,
    AWS_LAMBDA_INITIALIZATION_TYPE: "on-demand",
    AWS_LAMBDA_LOG_GROUP_NAME: version.logGroup,
    AWS_LAMBDA_LOG_STREAM_NAME: stream,
    AWS_ACCESS_KEY_ID: session.accessKeyId,
    AWS_SECRET_ACCESS_KEY: session.secretAccessKey,
    AWS_SESSION_TOKEN: session.sessionToken,
    AWS_LAMBDA_RUNTIME_API: api,
  };
}

/** Where code and layers are: `/var/task` and `/opt` of AWS, as folders of this machine. */
function codeVariables(version: FunctionVersion, root: string): Record<string, string> {
  const { environment, memoryMiB } = version;
  const opt = join(root, "opt");
  const path = (own: string | undefined, ...folders: string[]) => [own, ...folders].filter(Boolean).join(":");
  return {
    LAMBDA_TASK_ROOT: join(root, "var/task"),
    LAMBDA_RUNTIME_DIR: join(root, "var/runtime"),
    PATH: path(environment.PATH, join(opt, "bin"), "/usr/local/bin", "/usr/bin", "/bin"),
    LD_LIBRARY_PATH: path(
      environment.LD_LIBRARY_PATH,
      join(root, "var/task"),
      join(root, "var/task/lib"),
      join(opt, "lib"),
    ),
    ...(languageOf(version.runtime) === "node" && {
      NODE_OPTIONS: nodeOptions(memoryMiB, environment.NODE_OPTIONS),
      NODE_PATH: path(environment.NODE_PATH, join(root, "node_modules")),
    }),
    ...(languageOf(version.runtime) === "python" && {
      PYTHONPATH: path(environment.PYTHONPATH, join(root, "var/runtime")),
    }),
  };
}

/** Features of Node that Lambda switches off, unless the function asks for them ("Building Lambda functions with Node.js"). */
const WITHOUT = ["require-module", "detect-module"];

function nodeOptions(memoryMiB: number, own = ""): string {
  // Node itself needs some of the memory besides its heap.
  const heap = `--max-old-space-size=${Math.max(64, Math.floor(memoryMiB * 0.9))}`;
  const off = WITHOUT.filter((feature) => !own.includes(`--experimental-${feature}`));
  return [heap, ...off.map((feature) => `--no-experimental-${feature}`), own].join(" ").trim();
}
