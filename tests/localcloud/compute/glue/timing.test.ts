// Time limits, on a service of its own whose minutes are short, beside the cloud that it works with.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { computeContext } from "../../../../localcloud/compute/context.js";
import { EventTap, type HeardEvent } from "../../../../localcloud/compute/eventTap.js";
import { createGlueService } from "../../../../localcloud/compute/glue/service.js";
import type { ComputeService } from "../../../../localcloud/compute/service.js";
import { until } from "../../../support/until.js";
import { type GlueAccount, glueAccount, pythonShell, REGION } from "./fixture.js";

/** How much faster this service's timers go off: a minute takes half a second. */
const HASTE = 120;

describe("Glue: time limits of runs", function () {
  this.timeout(60_000);
  let on: GlueAccount;
  let service: ComputeService;
  let folder: string;
  const groups = new Set<number>();
  const heard: HeardEvent[] = [];

  async function call(operation: string, body: object): Promise<Record<string, unknown>> {
    const answer = await service.handle({
      account: on.account,
      region: REGION,
      principalArn: `arn:aws:iam::${on.account}:root`,
      requestId: "test",
      method: "POST",
      path: "/",
      query: new URLSearchParams(),
      headers: { "x-amz-target": `AWSGlue.${operation}` },
      body: Buffer.from(JSON.stringify(body)),
    });
    assert.equal(answer.status, 200, String(answer.body));
    return JSON.parse(String(answer.body));
  }

  before(async () => {
    on = await glueAccount();
    folder = mkdtempSync(join(tmpdir(), "crucible-glue-"));
    const { endpoint, token } = on.cloud;
    const events = new EventTap();
    events
      .watch(on.account, REGION, ["Glue Job State Change", "Glue Job Run Status"])
      .follow((event) => heard.push(event));
    const context = computeContext({ endpoint, token, computeUrl: "http://127.0.0.1:9", dataDir: folder }, () => {});
    service = createGlueService(events.tapped(context), {
      registry: { register: (group) => groups.add(group), unregister: (group) => groups.delete(group) },
      clock: {
        now: () => Date.now(),
        after(milliseconds, act) {
          const timer = setTimeout(act, milliseconds / HASTE);
          return () => clearTimeout(timer);
        },
      },
    });
  });
  after(async () => {
    await service?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const job = async (name: string, input: object = {}) => {
    await on.put(
      `scripts/${name}.py`,
      "import subprocess, time\nsubprocess.Popen(['sleep', '600'])\ntime.sleep(600)\n",
    );
    await call("CreateJob", { Name: name, Role: "glue", Command: pythonShell(on, name), ...input });
    return (await call("StartJobRun", { JobName: name })).JobRunId;
  };
  const run = async (JobName: string, RunId: unknown) =>
    (await call("GetJobRun", { JobName, RunId })).JobRun as Record<string, unknown>;

  it("ends a run that takes too long, with all that it has started, and tells of one that takes longer than announced", async () => {
    const id = await job("slow", { Timeout: 2, NotificationProperty: { NotifyDelayAfter: 1 } });
    const found = await until("the run to time out", async () => {
      const now = await run("slow", id);
      return now.JobRunState === "TIMEOUT" ? now : undefined;
    });
    assert.equal(found.ErrorMessage, "Job run timed out");
    assert.deepEqual([...groups], []);
    assert.deepEqual(
      heard.map(({ detailType, detail }) => [detailType, detail.state, detail.severity]),
      [
        ["Glue Job Run Status", "RUNNING", "INFO"],
        ["Glue Job State Change", "TIMEOUT", "WARN"],
      ],
    );
  });

  it("leaves nothing behind when it is closed while a run is under way", async () => {
    const id = await job("left");
    await until("the run to be under way", async () => (await run("left", id)).JobRunState === "RUNNING" || undefined);
    const [group] = groups;
    assert.ok(group);
    await service.close();
    assert.deepEqual([...groups], []);
    assert.throws(() => process.kill(-group, 0), { code: "ESRCH" });
  });
});
