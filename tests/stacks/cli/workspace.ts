// The plain Pulumi CLI on the local cloud: a copy of the project's files, a state of its own, an account of its own.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { findEngine } from "../../../automation/engine/engine.js";
import { serveProviders } from "../../../localcloud/index.js";
import { attachedProviders } from "../../../localcloud/provider/attached.js";
import { projectRoot } from "../../../stacks/paths.js";
import { clientConfig, freshAccount, testCloud } from "../../support/cloud.js";

export interface Workspace {
  account: string;
  /** AWS SDK configuration that acts as the account's root. */
  client: ReturnType<typeof clientConfig>;
  /** Runs `pulumi …` to its end. @throws with all that it wrote when its exit code is not 0 */
  pulumi(...args: string[]): Promise<string>;
  /** What `pulumi` is for another stack. */
  on(stack: string): Workspace["pulumi"];
  /** Makes another stack, which no file of the project describes, and gives what `pulumi` is for it. */
  addStack(name: string, config: Record<string, string>): Promise<Workspace["pulumi"]>;
  close(): Promise<void>;
}

/**
 * Opens a workspace with a new stack of the name of one of the project's `Pulumi.<stack>.yaml`.
 *
 * @param units what the stack has, in place of what the file says; `"of the file"` leaves it at that
 */
export async function openWorkspace(
  stack: string,
  region = "eu-central-1",
  units: readonly string[] | "of the file" = ["sanders"],
): Promise<Workspace> {
  const [cloud, engine] = await Promise.all([testCloud(), findEngine()]);
  const account = freshAccount();
  const client = clientConfig(cloud, account, region);
  const providers = await serveProviders({ endpoint: cloud.endpoint, credentials: client.credentials });
  const folder = mkdtempSync(join(tmpdir(), "crucible-cli-"));
  const root = projectRoot();
  mkdirSync(join(folder, "state"));
  // The CLI writes into a stack's file; the checkout's stays as it is.
  for (const file of ["Pulumi.yaml", `Pulumi.${stack}.yaml`, "package.json"])
    copyFileSync(join(root, file), join(folder, file));
  for (const name of ["dist", "node_modules"]) symlinkSync(join(root, name), join(folder, name));
  const environment = {
    ...process.env,
    PATH: [...engine.pathEntries, process.env.PATH].join(delimiter),
    PULUMI_BACKEND_URL: `file://${join(folder, "state")}`,
    PULUMI_CONFIG_PASSPHRASE: "test",
    ...attachedProviders(providers.debugProviders),
    PULUMI_SKIP_UPDATE_CHECK: "true",
    AWS_ENDPOINT_URL: cloud.endpoint,
    AWS_ACCESS_KEY_ID: account,
    AWS_SECRET_ACCESS_KEY: "test",
  };
  const pulumi = (...args: string[]) => runToEnd(engine.path, args, folder, environment);
  const on =
    (name: string): Workspace["pulumi"] =>
    (...args) =>
      pulumi(...args, "--stack", name, "--non-interactive");
  await pulumi("stack", "init", stack);
  if (units !== "of the file") await on(stack)("config", "set", "crucible:units", JSON.stringify(units));
  return {
    account,
    client,
    pulumi: on(stack),
    on,
    async addStack(name, config) {
      await pulumi("stack", "init", name);
      for (const [key, value] of Object.entries(config)) await on(name)("config", "set", key, value);
      return on(name);
    },
    async close() {
      await providers.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function runToEnd(path: string, args: string[], cwd: string, env: NodeJS.ProcessEnv): Promise<string> {
  const child = spawn(path, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
  const written: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => written.push(chunk));
  const code = await new Promise((resolve, reject) => child.once("error", reject).once("close", resolve));
  const output = Buffer.concat(written).toString();
  assert.equal(code, 0, `pulumi ${args.join(" ")} ended with ${code}:\n${output}`);
  return output;
}
