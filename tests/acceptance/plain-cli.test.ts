// The plain Pulumi CLI in an environment that the driver made.
import assert from "node:assert/strict";
import { onOwnStack } from "../../automation/environments/plain-cli.js";
import { type Driver, openDriver } from "./driver.js";

describe("`crucible exec NAME -- pulumi`", function () {
  this.timeout(180_000);

  let driver: Driver;
  before(async () => {
    driver = openDriver();
    await driver.crucible("up", "sanders", "--name", "s1");
  });
  after(async () => {
    await driver.crucible("down", "s1").finally(() => driver.close());
  });

  it("lists the environment's stack", async () => {
    const stacks = JSON.parse(await driver.crucible("exec", "s1", "--", "pulumi", "stack", "ls", "--json"));
    assert.deepEqual(
      stacks.map(({ name }: { name: string }) => name),
      ["s1"],
    );
    assert.ok(stacks[0].resourceCount > 60, `${stacks[0].resourceCount} resources`);
  });

  it("has nothing to change in it, with its own settings, whether or not the stack is named", async () => {
    for (const named of [[], ["--stack", "s1"]])
      await driver.crucible("exec", "s1", "--", "pulumi", "preview", "--expect-no-changes", ...named);
  });

  it("does what the help shows", async () => {
    const help = await driver.crucible("exec", "--help");
    const examples = [...help.matchAll(/crucible exec s1 -- (.+?) {2,}/g)].map(([, line = ""]) => line.split(" "));
    assert.deepEqual(
      examples.map(([program]) => program),
      ["aws", "pulumi", "bash"],
    );
    // A shell without a terminal ends at once.
    for (const line of examples) await driver.crucible("exec", "s1", "--", ...line);
    assert.match(help, /crucible exec plain -- pulumi up -s dev/);
    await assert.rejects(driver.crucible("exec", "s1", "--", "pulumi", "up", "-s", "dev"), /Use an empty environment/);
  });

  it("leaves other stacks, and given settings, alone", () => {
    assert.deepEqual(onOwnStack(["up", "-s", "dev"], "s1", "/p"), ["up", "-s", "dev"]);
    assert.deepEqual(onOwnStack(["up", "--config-file=a.yaml"], "s1", "/p"), ["up", "--config-file=a.yaml"]);
    assert.deepEqual(onOwnStack(["stack", "ls"], "s1", "/p"), ["stack", "ls"]);
  });
});
