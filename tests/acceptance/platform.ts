// Units in an environment of the background cloud, with a shell in it as `crucible env` makes one.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BatchClient, DescribeJobsCommand, type JobDetail } from "@aws-sdk/client-batch";
import { projectRoot } from "../../localcloud/server/paths.js";
import { until } from "../support/until.js";
import { type Driver, type Outcome, openDriver, outcomeOf } from "./driver.js";

export interface Platform {
  driver: Driver;
  name: string;
  account: string;
  outputs: Record<string, string>;
  /** AWS SDK configuration with the environment's variables. */
  client: { endpoint: string; region: string; credentials: { accessKeyId: string; secretAccessKey: string } };
  /** Runs a line with bash, in a folder with the sample data and the budget's file. */
  shell(line: string): Promise<Outcome>;
  /** The same without a line, for what runs until it is ended. */
  variables: NodeJS.ProcessEnv;
  folder: string;
  /** Waits until a job has ended. */
  ended(jobId: string): Promise<JobDetail>;
  /** `crucible down`. @throws when anything is left in the account */
  down(): Promise<void>;
}

/**
 * Brings units up with the settings of `environment`.
 *
 * @param fill puts the files that its lines name into the shell's folder
 */
export async function openPlatform(
  name: string,
  environment: "dev" | "test" | "prod",
  units = ["sanders"],
  fill: (folder: string) => void = fillForSanders,
): Promise<Platform> {
  const driver = openDriver();
  const folder = mkdtempSync(join(tmpdir(), "crucible-shell-"));
  try {
    const up = JSON.parse(await driver.crucible("up", ...units, "--name", name, "--env", environment, "--json"));
    const variables = await shellVariables(driver, name);
    fill(folder);
    const client = {
      endpoint: String(variables.AWS_ENDPOINT_URL),
      region: String(variables.AWS_REGION),
      credentials: {
        accessKeyId: String(variables.AWS_ACCESS_KEY_ID),
        secretAccessKey: String(variables.AWS_SECRET_ACCESS_KEY),
      },
    };
    const batch = new BatchClient(client);
    return {
      driver,
      name,
      account: up.account,
      outputs: up.outputs,
      client,
      variables,
      folder,
      shell: (line) =>
        outcomeOf(
          spawn("bash", ["-euo", "pipefail", "-c", line], {
            cwd: folder,
            env: variables,
            detached: true,
            stdio: ["ignore", "pipe", "pipe"],
          }),
        ),
      ended: (jobId) =>
        until(`job ${jobId} to end`, async () => {
          const { jobs } = await batch.send(new DescribeJobsCommand({ jobs: [jobId] }));
          return jobs?.find(({ status }) => status === "SUCCEEDED" || status === "FAILED");
        }),
      async down() {
        rmSync(folder, { recursive: true, force: true });
        await driver.crucible("down", name);
      },
    };
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    await driver.close();
    throw error;
  }
}

/** What a shell has after `eval "$(crucible env NAME)"`. */
async function shellVariables(driver: Driver, name: string): Promise<NodeJS.ProcessEnv> {
  const line = `eval "$(crucible env ${name})" && env -0`;
  const { code, stdout, stderr } = await outcomeOf(
    spawn("bash", ["-c", line], { env: driver.variables, detached: true, stdio: ["ignore", "pipe", "pipe"] }),
  );
  assert.equal(code, 0, stderr);
  const pairs = stdout.split("\0").filter(Boolean);
  return Object.fromEntries(pairs.map((pair) => [pair.slice(0, pair.indexOf("=")), pair.slice(pair.indexOf("=") + 1)]));
}

/** The files that the lines name, as they lie in the project's folder. */
function fillForSanders(folder: string): void {
  mkdirSync(join(folder, "data"));
  for (const file of ["tlc_raw.parquet", "tlc_small.parquet"])
    symlinkSync(join(projectRoot, "data", file), join(folder, "data", file));
  copyFileSync(join(projectRoot, "budget-config.json"), join(folder, "budget-config.json"));
  writeFileSync(join(folder, "data.csv"), "customer_id,date\n12345,2026-02-07\n");
}
