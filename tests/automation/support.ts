// A `.crucible` folder of a test's own, so that the user's is never touched.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Journal } from "../../automation/environments/journal.js";
import { self } from "../../automation/environments/lease.js";

/** Gives each test of the enclosing `describe` an empty home. */
export function freshHome(): { path(): string } {
  let path = "";
  let before: string | undefined;
  beforeEach(() => {
    before = process.env.CRUCIBLE_HOME;
    path = mkdtempSync(join(tmpdir(), "crucible-home-"));
    process.env.CRUCIBLE_HOME = path;
  });
  afterEach(() => {
    if (before === undefined) delete process.env.CRUCIBLE_HOME;
    else process.env.CRUCIBLE_HOME = before;
    rmSync(path, { recursive: true, force: true });
  });
  return { path: () => path };
}

/** A journal of an environment in the background cloud. */
export const aJournal = (change: Partial<Journal> = {}): Journal => ({
  version: 1,
  name: "s1",
  account: "234567890123",
  units: ["sanders"],
  environment: "dev",
  region: "eu-central-1",
  suffix: "k3x9",
  target: "local",
  status: "up",
  cloud: "background",
  endpoint: "http://127.0.0.1:4566",
  createdAt: new Date("2026-02-07T10:00:00Z"),
  expiresAt: null,
  owner: self(),
  worker: null,
  settings: {},
  workflows: {},
  program: null,
  ...change,
});
