import assert from "node:assert/strict";
import { newFamily, updateFamily } from "../../../../localcloud/compute/executors/family.js";
import type { ProcessInfo } from "../../../../localcloud/compute/executors/process-table.js";

const leader = { pid: 100, startedAt: 50 };
const none = () => false;

function info(part: Partial<ProcessInfo> & { pid: number }): ProcessInfo {
  return { parent: 1, group: part.pid, startedAt: 60, zombie: false, ...part };
}

function pids(found: ProcessInfo[]): number[] {
  return found.map(({ pid }) => pid).sort((a, b) => a - b);
}

describe("family of a container's processes", () => {
  const own = info({ pid: 100, group: 100, startedAt: 50 });

  it("is its group and all descendants, in whatever order the table has them", () => {
    const grandchild = info({ pid: 7, parent: 300, group: 7 });
    const child = info({ pid: 300, parent: 100, group: 300 });
    const inGroup = info({ pid: 101, parent: 1, group: 100 });
    const stranger = info({ pid: 400, parent: 1 });
    assert.deepEqual(
      pids(updateFamily(newFamily(leader), [grandchild, child, stranger, inGroup, own], none)),
      [7, 100, 101, 300],
    );
  });

  it("keeps who was seen in it, when that has left the group and lost its parent", () => {
    const family = newFamily(leader);
    updateFamily(family, [own, info({ pid: 300, parent: 100, group: 300 })], none);
    assert.deepEqual(pids(updateFamily(family, [info({ pid: 300, parent: 1, group: 300 })], none)), [300]);
  });

  it("finds who bears the marker, but asks only those that are younger and not known", () => {
    const asked: number[] = [];
    const found = updateFamily(
      newFamily(leader),
      [own, info({ pid: 300 }), info({ pid: 20, startedAt: 10 }), info({ pid: 301 })],
      (pid) => {
        asked.push(pid);
        return pid === 301;
      },
    );
    assert.deepEqual(pids(found), [100, 301]);
    assert.deepEqual(asked, [300, 301]);
  });

  it("does not take a process for another one that had its id before", () => {
    const family = newFamily(leader);
    updateFamily(family, [own, info({ pid: 300, parent: 100, group: 300 })], none);
    assert.deepEqual(updateFamily(family, [info({ pid: 300, parent: 1, group: 300, startedAt: 99 })], none), []);
  });

  it("does not count who has ended and only waits to be noticed", () => {
    assert.deepEqual(updateFamily(newFamily(leader), [{ ...own, zombie: true }], none), []);
  });
});
