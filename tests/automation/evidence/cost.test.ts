import assert from "node:assert/strict";
import { estimateCost, transitionsOf } from "../../../automation/evidence/cost.js";

const usage = { region: "us-east-1", tasks: [], stateTransitions: 0, logBytes: 0 };
const close = (actual: number, expected: number) =>
  assert.ok(Math.abs(actual - expected) < 1e-9, `${actual} is not ${expected}`);

describe("the cost of a run on AWS", () => {
  it("is that of Fargate by the second, at AWS's list prices", () => {
    const cost = estimateCost({ ...usage, tasks: [{ vcpus: 2, memoryMiB: 8192, seconds: 3600 }] });
    close(cost.usd, 2 * 0.04048 + 8 * 0.004445);
    assert.deepEqual(
      cost.parts.map(({ what }) => what),
      ["Fargate vCPU", "Fargate memory"],
    );
  });

  it("bills a short task as a minute", () => {
    const second = estimateCost({ ...usage, tasks: [{ vcpus: 1, memoryMiB: 2048, seconds: 1 }] });
    const minute = estimateCost({ ...usage, tasks: [{ vcpus: 1, memoryMiB: 2048, seconds: 60 }] });
    close(second.usd, minute.usd);
  });

  it("counts state transitions and log volume, and says whose prices it took", () => {
    const cost = estimateCost({ region: "mars-north-1", tasks: [], stateTransitions: 1000, logBytes: 1024 ** 3 });
    close(cost.usd, 0.025 + 0.5);
    assert.equal(cost.pricesOf, "us-east-1");
    assert.equal(estimateCost({ ...usage, region: "eu-central-1" }).pricesOf, "eu-central-1");
    assert.equal(
      transitionsOf([{ type: "TaskStateEntered" }, { type: "TaskScheduled" }, { type: "PassStateEntered" }]),
      2,
    );
  });
});
