import assert from "node:assert/strict";
import type { CustomResourceOptions } from "@pulumi/pulumi";
import { removalOptions, transformed } from "../../components/component.js";

interface Args {
  name: string;
  size?: number;
}

describe("Transforms", () => {
  const args: Args = { name: "given" };
  const options: CustomResourceOptions = { protect: false };

  it("lay a partial over the arguments", () => {
    assert.deepEqual(transformed<Args>({ size: 5 }, "n", args, options), ["n", { name: "given", size: 5 }, options]);
    assert.deepEqual(transformed<Args>(undefined, "n", args, options), ["n", { name: "given" }, options]);
  });

  it("let a function change arguments and options, and leave the given ones alone", () => {
    const [, changed, changedOptions] = transformed<Args>(
      (each, opts, name) => {
        each.name = `${each.name}-${name}`;
        opts.protect = true;
      },
      "n",
      args,
      options,
    );
    assert.deepEqual([changed, changedOptions], [{ name: "given-n" }, { protect: true }]);
    assert.deepEqual([args, options], [{ name: "given" }, { protect: false }]);
  });
});

describe("Removal", () => {
  it("protects and retains, or does neither", () => {
    assert.deepEqual(removalOptions("retain"), { protect: true, retainOnDelete: true });
    assert.deepEqual(removalOptions("destroy"), {});
  });
});
