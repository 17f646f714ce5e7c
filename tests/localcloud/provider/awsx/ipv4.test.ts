import assert from "node:assert/strict";
import fc from "fast-check";
import {
  blockAt,
  blockFrom,
  contains,
  endOf,
  fill,
  formatBlock,
  overlaps,
  parseBlock,
  prefixOf,
  sizeOf,
} from "../../../../localcloud/provider/awsx/ipv4.js";

const address = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const prefix = fc.integer({ min: 0, max: 32 });
const block = fc.tuple(address, prefix).map(([at, length]) => blockAt(at, length));

describe("IPv4 blocks", () => {
  it("reads and writes CIDR notation, dropping the bits below the prefix as AWS does", () => {
    assert.equal(formatBlock(parseBlock("10.0.5.7/16")), "10.0.0.0/16");
    assert.equal(formatBlock(parseBlock("255.255.255.255/32")), "255.255.255.255/32");
    fc.assert(fc.property(block, (each) => assert.deepEqual(parseBlock(formatBlock(each)), each)));
  });

  it("refuses what is no CIDR", () => {
    for (const wrong of ["10.0.0.0", "10.0.0/16", "256.0.0.0/8", "10.0.0.0/33", "a.b.c.d/8", ""])
      assert.throws(() => parseBlock(wrong), /is not an IPv4 CIDR block/);
  });

  it("gives the prefix of a size, and none for a size that no block has", () => {
    fc.assert(fc.property(prefix, (length) => assert.equal(prefixOf(sizeOf(length)), length)));
    for (const size of [0, 3, 100, 2 ** 33, -4]) assert.equal(prefixOf(size), undefined);
  });

  it("finds the block around an address and the next one after it", () => {
    fc.assert(
      fc.property(address, prefix, (at, length) => {
        const around = blockAt(at, length);
        assert.ok(around.start <= at && at < endOf(around));
        const next = blockFrom(at, length);
        assert.ok(next.start >= at && next.start - at < sizeOf(length));
        assert.equal(next.start % sizeOf(length), 0);
      }),
    );
  });

  it("knows that aligned blocks overlap exactly when one contains the other", () => {
    fc.assert(
      fc.property(block, block, (one, other) =>
        assert.equal(overlaps(one, other), contains(one, other) || contains(other, one)),
      ),
    );
  });

  it("fills a range with adjoining aligned blocks, each as large as can be", () => {
    fc.assert(
      fc.property(address, fc.integer({ min: 0, max: 2 ** 20 }), (from, length) => {
        const to = Math.min(from + length, 2 ** 32);
        let at = from;
        for (const each of fill(from, to)) {
          assert.equal(each.start, at);
          assert.equal(each.start % sizeOf(each.prefix), 0);
          const wider = blockAt(each.start, each.prefix - 1);
          if (each.prefix > 0) assert.ok(wider.start < at || endOf(wider) > to);
          at = endOf(each);
        }
        assert.equal(at, to);
      }),
    );
  });
});
