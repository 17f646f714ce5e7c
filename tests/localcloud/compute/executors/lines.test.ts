import assert from "node:assert/strict";
import fc from "fast-check";
import { LineSplitter, MAX_LINE_BYTES } from "../../../../localcloud/compute/executors/lines.js";

/** What a splitter makes of the pieces. */
function split(pieces: Buffer[], maxBytes?: number): string[] {
  const lines: string[] = [];
  const splitter = new LineSplitter((line) => lines.push(line), maxBytes);
  for (const piece of pieces) splitter.write(piece);
  splitter.end();
  return lines;
}

describe("line splitter", () => {
  it("gives the same lines however the bytes are cut", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), fc.array(fc.nat(200)), (text, cuts) => {
        const bytes = Buffer.from(text);
        const at = [0, ...cuts.map((cut) => Math.min(cut, bytes.length)).sort((a, b) => a - b), bytes.length];
        const pieces = at.slice(1).map((end, index) => bytes.subarray(at[index], end));
        const expected = bytes
          .toString()
          .split("\n")
          .map((line) => line.replace(/\r$/, ""));
        // What stands after the last line feed is a line only if there is something.
        if (bytes.length === 0 || bytes.at(-1) === 10) expected.pop();
        assert.deepEqual(split(pieces), expected);
      }),
    );
  });

  it("cuts what is longer than an event, between characters, and loses nothing", () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom("a", "é", "€", "🚕"), { minLength: 1, maxLength: 200 }),
        fc.integer({ min: 4, max: 40 }),
        (characters, maxBytes) => {
          const text = characters.join("");
          const lines = split([Buffer.from(text)], maxBytes);
          assert.equal(lines.join(""), text);
          for (const line of lines) assert.ok(Buffer.byteLength(line) <= maxBytes);
        },
      ),
    );
  });

  it("keeps to CloudWatch's limit for a line of a megabyte", () => {
    const lines = split([Buffer.from(`${"x".repeat(1 << 20)}\nnext\n`)]);
    assert.equal(lines.pop(), "next");
    assert.equal(lines.join("").length, 1 << 20);
    assert.ok(lines.every((line) => line.length <= MAX_LINE_BYTES));
  });
});
