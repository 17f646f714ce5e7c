// The life that every resource type goes through with the real engine: created, unchanged, updated in place, changed behind the
// engine's back, replaced, imported, destroyed, found gone. Many resources share one stack, so that a service takes seconds.
import assert from "node:assert/strict";
import type { CustomResource, CustomResourceOptions } from "@pulumi/pulumi";
import type { PulumiFn } from "@pulumi/pulumi/automation/index.js";
import { type Bench, type BenchOptions, type Run, type StateResource, type Surroundings, startBench } from "./bench.js";

export { type Bench, isSecret, type Run, type Surroundings, startBench } from "./bench.js";

/** The versions of a program that a life goes through. */
export type Version = "created" | "updated" | "replaced";

/** The life of one resource. */
export interface Life {
  /** Logical name, unique in the stack. */
  name: string;
  /**
   * Declares the resource as it is in `version`, with `options` passed on to its constructor. Called in the program.
   *
   * @param others resources declared by lives before this one, by name
   */
  declare(version: Version, options: CustomResourceOptions, others: Record<string, CustomResource>): CustomResource;
  /** What must be expected from one version to the next. @default "update" then "replace" */
  updated?: "update" | "replace" | "same";
  replaced?: "replace" | "update" | "same";
  /** Outputs as they must be after each version, checked on the state's outputs. */
  outputs?: Partial<Record<Version, (outputs: Record<string, unknown>) => void>>;
  /** Changes the thing (in version `updated`) behind the engine's back, with the AWS SDK. */
  disturb?(id: string, surroundings: Surroundings, outputs: Record<string, unknown>): Promise<void>;
  /** The thing as AWS has it in a version, asked without the provider. */
  verify?: Partial<Record<Version, (id: string, surroundings: Surroundings) => Promise<void>>>;
  /** Outputs (and inputs) that a refresh sees anew, since they change when other resources of the stack do, or are lost on the way. */
  drifting?: string[];
  /** Inputs that AWS does not give back, so that an import cannot match them. */
  unimportable?: string[];
  /** The id to import by, where it is not the resource's id; `false` where the official provider cannot import the type. */
  importId?: ((outputs: Record<string, unknown>) => string) | false;
}

/** A program that declares all lives in one version. */
function programOf(
  lives: readonly Life[],
  version: Version,
  optionsOf: (life: Life) => CustomResourceOptions,
): PulumiFn {
  return async () => {
    const others: Record<string, CustomResource> = {};
    for (const life of lives) others[life.name] = life.declare(version, optionsOf(life), others);
  };
}

/**
 * Defines the mocha tests of a service's lives, in order; each goes on from where the one before left the stack.
 *
 * @param describeName e.g. `provider: s3`
 * @param inventory asks AWS what is left of the service in the account; must be empty at the end
 */
export function testLives(
  describeName: string,
  lives: readonly Life[],
  inventory: (surroundings: Surroundings) => Promise<string[]>,
  options: BenchOptions = {},
): void {
  describe(describeName, () => {
    let bench: Bench;
    const plain = (version: Version) => programOf(lives, version, () => ({}));
    before(async () => {
      bench = await startBench(options);
    });
    after(() => bench?.close());

    async function checkVersion(version: Version): Promise<void> {
      const resources = await bench.resources();
      for (const life of lives) {
        const found = resources[life.name];
        assert.ok(found, `${life.name} is not in the state`);
        life.outputs?.[version]?.(found.outputs);
        await life.verify?.[version]?.(found.id, bench);
      }
      assert.deepEqual((await bench.preview(plain(version))).operations, {}, `a preview after ${version} is not empty`);
    }

    function assertOperations(run: Run, expected: (life: Life) => string): void {
      const wanted = lives.map((life) => [life.name, expected(life)]).filter(([, operation]) => operation !== "same");
      assert.deepEqual(run.operations, Object.fromEntries(wanted));
    }

    it("is previewed and created, and a preview then is empty", async () => {
      assertOperations(await bench.preview(plain("created")), () => "create");
      assertOperations(await bench.up(plain("created")), () => "create");
      await checkVersion("created");
    });

    it("is updated, in place where AWS can", async () => {
      assertOperations(await bench.up(plain("updated")), (life) => life.updated ?? "update");
      await checkVersion("updated");
    });

    it("is unchanged by a refresh", async () => {
      const before = await bench.resources();
      await bench.refresh(plain("updated"));
      const after = await bench.resources();
      for (const { name, drifting = [] } of lives) {
        const steady = (outputs: Record<string, unknown> = {}) =>
          Object.fromEntries(Object.entries(outputs).filter(([output]) => !drifting.includes(output)));
        assert.deepEqual(steady(after[name]?.outputs), steady(before[name]?.outputs), `outputs of ${name}`);
        assert.deepEqual(steady(after[name]?.inputs), steady(before[name]?.inputs), `inputs of ${name}`);
      }
    });

    it("is repaired after a change behind the engine's back", async () => {
      const resources = await bench.resources();
      const disturbed = lives.filter((life) => life.disturb);
      for (const life of disturbed) {
        const { id, outputs } = resources[life.name] as StateResource;
        await life.disturb?.(id, bench, outputs);
      }
      await bench.refresh(plain("updated"));
      const repair = await bench.up(plain("updated"));
      assert.deepEqual(Object.keys(repair.operations).sort(), disturbed.map((life) => life.name).sort());
      await checkVersion("updated");
    });

    it("is replaced where AWS cannot change it", async () => {
      assertOperations(await bench.up(plain("replaced")), (life) => life.replaced ?? "replace");
      await checkVersion("replaced");
    });

    it("is imported by its id with nothing to change", async () => {
      const resources = await bench.resources();
      const importing = programOf(lives, "replaced", (life) => {
        const { id, outputs } = resources[life.name] as StateResource;
        if (life.importId === false) return {};
        return { import: life.importId?.(outputs) ?? id, ignoreChanges: life.unimportable };
      });
      const importable = lives.filter((life) => life.importId !== false);
      const run = await bench.up(importing, "imported");
      const imports = Object.entries(run.operations).filter(([, operation]) => operation === "import");
      assert.deepEqual(imports.map(([name]) => name).sort(), importable.map((life) => life.name).sort());
      const imported = await bench.resources("imported");
      for (const { name, importId } of importable)
        if (!importId) assert.equal(imported[name]?.id, resources[name]?.id, `id of ${name}`);
    });

    it("is destroyed, and nothing is left", async () => {
      await bench.destroy("imported");
      assert.deepEqual(await bench.resources("imported"), {});
      assert.deepEqual(await inventory(bench), []);
    });

    it("is destroyed when it is gone already, and found gone by a refresh", async () => {
      await bench.withState(async () => {
        await bench.refresh(async () => {});
        assert.deepEqual(await bench.resources(), {}, "a refresh finds every resource gone");
      });
      await bench.destroy();
      assert.deepEqual(await bench.resources(), {});
    });
  });
}
