import assert from "node:assert/strict";
import { Commands } from "../../../jobs/lib/commands.js";

describe("commands of an image", () => {
  const lines: string[] = [];
  let loaded = 0;
  const commands = new Commands(
    {
      count: {
        usage: "<words>",
        load: async () => {
          loaded += 1;
          return async (argv) => argv.length;
        },
      },
      greet: { usage: "<whom>", arity: 1, load: async () => async () => 0 },
    },
    (line) => lines.push(line),
  );
  beforeEach(() => lines.splice(0));

  it("are loaded when they are run, and give the exit code", async () => {
    assert.equal(loaded, 0);
    assert.equal(await commands.run(["count", "a", "b", "c"]), 3);
    assert.equal(loaded, 1);
  });

  it("are listed to who asks for another, or for none", async () => {
    assert.equal(await commands.run(["constructor"]), 2);
    assert.equal(await commands.run([]), 2);
    assert.deepEqual(lines, [
      "There is no command 'constructor'. Commands:",
      "  count <words>",
      "  greet <whom>",
      "No command was given. Commands:",
      "  count <words>",
      "  greet <whom>",
    ]);
  });

  it("are told how they are used when they are used otherwise", async () => {
    assert.equal(await commands.run(["greet", "you"]), 0);
    assert.equal(await commands.run(["greet"]), 2);
    assert.deepEqual(lines, ["'greet' takes 1 arguments, not 0: greet <whom>"]);
  });
});
