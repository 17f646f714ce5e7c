// The process' AWS settings for the time of a test: what publishes an image takes them from there, as any AWS client does.
import type { Cloud } from "../../../localcloud/index.js";

/** Runs `work` as the root of an account on the cloud; hands it the environment for a child process. */
export async function withAws<T>(
  cloud: Cloud,
  account: string,
  work: (env: NodeJS.ProcessEnv) => Promise<T>,
): Promise<T> {
  const settings = {
    AWS_ENDPOINT_URL: cloud.endpoint,
    AWS_ACCESS_KEY_ID: account,
    AWS_SECRET_ACCESS_KEY: "test",
    AWS_REGION: "eu-central-1",
    AWS_DEFAULT_REGION: "eu-central-1",
  };
  const before = Object.fromEntries(Object.keys(settings).map((name) => [name, process.env[name]]));
  Object.assign(process.env, settings);
  try {
    return await work({ ...process.env });
  } finally {
    for (const [name, value] of Object.entries(before))
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
  }
}
