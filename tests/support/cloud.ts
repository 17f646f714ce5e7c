// One private cloud for all test files of a mocha process, started by the first test that asks for it.
import { randomInt } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type Cloud, startCloud } from "../../localcloud/server/cloud.js";

let running: Promise<Cloud> | undefined;

/** The cloud of this test run. It ends with the last test, or with this process. */
export function testCloud(): Promise<Cloud> {
  running ??= startCloud({ dataDir: join(project(), "data"), lifetime: "parent" });
  return running;
}

/**
 * A folder that holds what a project's does above its cloud's data: a `package.json` that makes modules of its files, and packages,
 * which nothing that runs on the cloud may find.
 */
function project(): string {
  const folder = mkdtempSync(join(tmpdir(), "crucible-test-"));
  writeFileSync(
    join(folder, "package.json"),
    JSON.stringify({ name: "a-project", type: "module", exports: "./package.json" }),
  );
  const stray = join(folder, "node_modules/of-the-project");
  mkdirSync(stray, { recursive: true });
  writeFileSync(join(stray, "index.js"), "exports.found = true;");
  return folder;
}

/** An account that no other test has. */
export function freshAccount(): string {
  return String(100_000_000_000 + randomInt(0, 2 ** 39));
}

/** AWS SDK configuration that acts as the root of an account on the cloud. */
export function clientConfig(cloud: Cloud, account: string, region = "eu-central-1") {
  return { endpoint: cloud.endpoint, region, credentials: { accessKeyId: account, secretAccessKey: "test" } };
}

after(async () => {
  const cloud = await running?.catch(() => undefined);
  await cloud?.stop();
  if (cloud) rmSync(dirname(cloud.dataDir), { recursive: true, force: true });
});
