// One private cloud for all test files of a mocha process, started by the first test that asks for it.
import { randomInt } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Cloud, startCloud } from "../../localcloud/server/cloud.js";

let running: Promise<Cloud> | undefined;

/** The cloud of this test run. It ends with the last test, or with this process. */
export function testCloud(): Promise<Cloud> {
  running ??= startCloud({ dataDir: mkdtempSync(join(tmpdir(), "crucible-test-")), lifetime: "parent" });
  return running;
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
  if (cloud) rmSync(cloud.dataDir, { recursive: true, force: true });
});
