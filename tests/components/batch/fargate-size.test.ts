import assert from "node:assert/strict";
import fc from "fast-check";
import { checkFargateSize, memorySizes } from "../../../components/batch/fargate-size.js";

const VCPUS = [0.25, 0.5, 1, 2, 4, 8, 16];

describe("Sizes on Fargate", () => {
  it("are those of AWS's table at its corners", () => {
    assert.deepEqual(memorySizes(0.25), [512, 1024, 2048]);
    assert.deepEqual(memorySizes(0.5), [1024, 2048, 3072, 4096]);
    const corners = [1, 2, 4, 8, 16].map((vcpus) => [memorySizes(vcpus).at(0), memorySizes(vcpus).at(-1)]);
    assert.deepEqual(corners, [
      [2048, 8192],
      [4096, 16384],
      [8192, 30720],
      [16384, 61440],
      [32768, 122880],
    ]);
  });

  it("take every pair of the table, and no memory beside its steps", () => {
    fc.assert(
      fc.property(fc.constantFrom(...VCPUS), fc.integer({ min: 1, max: 130_000 }), (vcpus, memoryMiB) => {
        const isListed = memorySizes(vcpus).includes(memoryMiB);
        const accepted = (() => {
          try {
            checkFargateSize("job", { vcpus, memoryMiB });
            return true;
          } catch {
            return false;
          }
        })();
        assert.equal(accepted, isListed);
      }),
    );
    fc.assert(
      fc.property(fc.constantFrom(...VCPUS), fc.nat(), (vcpus, at) => {
        const sizes = memorySizes(vcpus);
        checkFargateSize("job", { vcpus, memoryMiB: sizes[at % sizes.length] as number });
      }),
    );
  });

  it("have between 2 and 8 GiB for each whole vCPU", () => {
    for (const vcpus of VCPUS.filter((value) => value >= 1))
      for (const memoryMiB of memorySizes(vcpus)) {
        assert.ok(memoryMiB >= 2 * 1024 * vcpus && memoryMiB <= 8 * 1024 * vcpus, `${vcpus} ${memoryMiB}`);
      }
  });

  it("are refused with what would do", () => {
    assert.throws(
      () => checkFargateSize("big", { vcpus: 3, memoryMiB: 8192 }),
      /^Error: big: Fargate has no 3 vCPU; it has 0\.25, /,
    );
    assert.throws(
      () => checkFargateSize("big", { vcpus: 0.5, memoryMiB: 8192 }),
      /^Error: big: Fargate has no 8192 MiB for 0\.5 vCPU; it has 1024, 2048, 3072, 4096$/,
    );
  });
});
