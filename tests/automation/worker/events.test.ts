import assert from "node:assert/strict";
import type { EngineEvent } from "@pulumi/pulumi/automation/events.js";
import { engineMessage, isSummary } from "../../../automation/worker/engine-errors.js";
import { changesOf, nameOfUrn, plain, progressOf, shortType } from "../../../automation/worker/events.js";

const URN = "urn:pulumi:s1::crucible::crucible:sanders:Lake$aws:s3/bucket:Bucket::lake";
const event = (content: object): EngineEvent => ({ sequence: 1, timestamp: 0, ...content }) as EngineEvent;
const metadata = { op: "create", urn: URN, type: "aws:s3/bucket:Bucket", provider: "" };

describe("the engine's events", () => {
  it("become the beginning and end of a resource", () => {
    assert.deepEqual(progressOf(event({ resourcePreEvent: { metadata } })), {
      kind: "resource",
      phase: "begin",
      op: "create",
      urn: URN,
      type: "aws:s3/bucket:Bucket",
    });
    const failed = progressOf(event({ resOpFailedEvent: { metadata, status: 1, steps: 1 } }));
    assert.equal(failed?.kind === "resource" && failed.phase, "failed");
  });

  it("become diagnostics without colours; passing and empty ones are nothing", () => {
    const diagnostic = (content: object) =>
      progressOf(event({ diagnosticEvent: { color: "raw", severity: "error", ...content } }));
    assert.deepEqual(diagnostic({ message: "<{%fg 1%}>error: <{%reset%}>\u001b[31mno\u001b[0m\n" }), {
      kind: "diagnostic",
      severity: "error",
      message: "error: no",
    });
    assert.equal(diagnostic({ message: "\n" }), undefined);
    assert.equal(diagnostic({ message: "busy", ephemeral: true }), undefined);
    assert.equal(diagnostic({ message: "inside", severity: "debug" }), undefined);
  });

  it("tell the counts at the end", () => {
    assert.deepEqual(changesOf(event({ summaryEvent: { resourceChanges: { create: 3 } } })), { create: 3 });
    assert.equal(changesOf(event({ resOutputsEvent: { metadata } })), undefined);
  });

  it("have short names for people", () => {
    assert.equal(shortType("aws:s3/bucket:Bucket"), "s3 Bucket");
    assert.equal(nameOfUrn(URN), "lake");
    assert.equal(plain("<{%bold%}>x<{%reset%}>"), "x");
  });
});

describe("the engine's failures", () => {
  it("are what it complained about, each once", () => {
    assert.equal(
      engineMessage(new Error("long output"), ["bucket is taken", "bucket is taken", " "]),
      "bucket is taken",
    );
  });

  it("are the error lines of its output where it complained of nothing", () => {
    const output = "code: 255\n stdout: Updating\nstderr: x\nerror: no stack named 's1' found\n";
    assert.equal(engineMessage(new Error(output), []), "no stack named 's1' found");
  });

  it("are not the lines that sum up", () => {
    for (const line of ["update failed", "destroy failed", "update canceled"]) assert.ok(isSummary(line), line);
    assert.ok(!isSummary("bucket is taken"));
  });
});
