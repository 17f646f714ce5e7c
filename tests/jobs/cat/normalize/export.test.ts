import assert from "node:assert/strict";
import fc from "fast-check";
import { exportDay, type Outcome } from "../../../../jobs/cat/normalize/export.js";
import type { Manifest } from "../../../../jobs/cat/normalize/publish.js";
import type { Attributes } from "../../../../jobs/cat/normalize/values.js";
import { type Fault, MemoryStore, memoryTable } from "./memory.js";

const PREFIX = "reports/etl-process1/";
const FOLDER = `${PREFIX}year=2026/month=11/day=20/`;
const DATE = "2026-11-20";

/** Conversations, of which the n-th has n messages modulo 4. */
function table(conversations: number): Attributes[] {
  return Array.from({ length: conversations }, (_, at) => ({
    conversationId: { S: `c${at}` },
    messages: { L: Array.from({ length: at % 4 }, (_, no) => ({ M: { messageId: { S: `c${at}-${no}` } } })) },
  }));
}

interface World {
  store: MemoryStore;
  items: Attributes[];
  pageSize?: number;
  segments?: number;
  partBytes?: number;
  /** Aborts the invocation's signal before the how manieth page. */
  pages?: number;
  fault?: Fault;
  now?: Date;
  goesOn?: { date: string; resume: string }[];
}

function invoke(world: World, request: { resume?: string; restart?: boolean } = {}): Promise<Outcome> {
  const time = new AbortController();
  let read = 0;
  const scan: Fault = (what) => {
    if (read++ === world.pages) time.abort();
    time.signal.throwIfAborted();
    return world.fault?.(what);
  };
  world.store.fault = world.fault ?? (() => {});
  return exportDay(
    { date: DATE, restart: false, ...request },
    {
      pages: memoryTable(world.items, world.pageSize ?? 3, scan),
      store: world.store,
      origin: { environment: "test", projectId: "P2124", client: "cat" },
      prefix: PREFIX,
      segments: world.segments ?? 3,
      partBytes: world.partBytes ?? 200,
      keyNames: ["conversationId"],
      signal: time.signal,
      goOn: async (date, resume) => void world.goesOn?.push({ date, resume }),
      now: () => world.now ?? new Date("2026-11-20T04:30:00Z"),
      log: () => {},
    },
  );
}

/** Identifiers of all messages in the day's files, sorted. */
function messagesIn(store: MemoryStore): string[] {
  return Object.values(store.texts(FOLDER))
    .flatMap((text) => text.trimEnd().split("\n").slice(1))
    .map((row) => row.split(",")[13] ?? "")
    .sort();
}

const messagesOf = (items: Attributes[]) =>
  items.flatMap(({ messages }) => (messages?.L ?? []).map(({ M }) => M?.messageId?.S ?? "")).sort();

function manifestIn(store: MemoryStore): Manifest {
  return JSON.parse(store.objects.get(`${PREFIX}_manifests/${DATE}.json`)?.text ?? "null");
}

/** What must hold once a day is complete. */
function checkDay({ store, items }: World): void {
  assert.deepEqual(messagesIn(store), messagesOf(items));
  const manifest = manifestIn(store);
  assert.deepEqual(manifest.files.map(({ key }) => key).sort(), Object.keys(store.texts(FOLDER)));
  for (const { key, rows, bytes } of manifest.files) {
    const text = store.objects.get(key)?.text ?? "";
    assert.deepEqual([text.trimEnd().split("\n").length - 1, Buffer.byteLength(text)], [rows, bytes], key);
  }
  assert.equal(manifest.rows, messagesOf(items).length);
  assert.equal(manifest.conversations, items.length);
  assert.deepEqual(store.texts(`${PREFIX}_staging/`), {});
}

describe("The export of a day", () => {
  it("writes every message once, with a manifest that says where", async () => {
    const world = { store: new MemoryStore(), items: table(40) };
    const outcome = await invoke(world);
    assert.equal(outcome.status, "COMPLETE");
    checkDay(world);
    for (const key of Object.keys(world.store.texts(FOLDER)))
      assert.match(key, /\/conversations-20261120T043000Z-00[0-2]-0000\d\.csv$/);
    assert.ok(manifestIn(world.store).files.length > 3, "segments write several files each");
  });

  it("writes a manifest without files for a table without messages", async () => {
    const world = { store: new MemoryStore(), items: table(1) };
    assert.equal((await invoke(world)).status, "COMPLETE");
    assert.deepEqual([manifestIn(world.store).files, manifestIn(world.store).conversations], [[], 1]);
    checkDay(world);
  });

  it("goes on in further invocations when time is up, without loss or doubles", async () => {
    const goesOn: { date: string; resume: string }[] = [];
    const world: World = { store: new MemoryStore(), items: table(40), pages: 4, goesOn };
    let outcome = await invoke(world);
    let invocations = 1;
    for (; outcome.status === "CONTINUES" && invocations < 50; invocations += 1) {
      assert.deepEqual(Object.keys(world.store.texts(FOLDER)), [], "nothing is published before all is read");
      outcome = await invoke(world, goesOn.at(-1));
    }
    assert.equal(outcome.status, "COMPLETE");
    assert.ok(invocations > 3, `${invocations}`);
    assert.equal(goesOn.length, invocations - 1);
    checkDay(world);
  });

  it("loses and doubles nothing when invocations crash anywhere, any number of times", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.nat({ max: 60 }), { maxLength: 6 }),
        fc.integer({ min: 0, max: 30 }),
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 1, max: 4 }),
        async (crashes, conversations, pageSize, segments) => {
          const world: World = { store: new MemoryStore(), items: table(conversations), pageSize, segments };
          for (const at of crashes) {
            let effects = 0;
            let crashed = false;
            world.fault = () => {
              // Nothing works any more: the process is gone.
              if (crashed || effects++ === at) {
                crashed = true;
                throw new Error("crash");
              }
            };
            await invoke(world).catch((error: Error) => {
              if (error.name !== "NoProgress") assert.match(error.message, /crash/);
            });
          }
          world.fault = undefined;
          // However often it crashed at its beginning, it can be begun anew.
          const outcome = await invoke(world).catch((error: Error) => {
            assert.equal(error.name, "NoProgress");
            return invoke(world, { restart: true });
          });
          assert.equal(outcome.status, "COMPLETE");
          checkDay(world);
        },
      ),
      { numRuns: 300 },
    );
  });

  it("does not read again what an invocation has saved that crashed later", async () => {
    const scans: string[] = [];
    const world: World = { store: new MemoryStore(), items: table(40), segments: 1, partBytes: 1 };
    world.fault = (what) => {
      if (what.startsWith("scan") && scans.push(what) === 10) throw new Error("crash");
    };
    await assert.rejects(invoke(world), /crash/);
    world.fault = (what) => void (what.startsWith("scan") && scans.push(what));
    assert.equal((await invoke(world)).status, "COMPLETE");
    // 40 items in pages of 3 are 14 pages; the tenth was asked for twice.
    assert.equal(scans.length, 15);
    checkDay(world);
  });

  it("replaces the files of a day that is exported again, and leaves files of others alone", async () => {
    const world = { store: new MemoryStore(), items: table(20) };
    await invoke(world);
    const before = Object.keys(world.store.texts(FOLDER));
    world.items = table(33);
    assert.equal((await invoke(world)).status, "COMPLETE");
    checkDay(world);
    assert.deepEqual(
      before.filter((key) => world.store.objects.has(key)),
      [],
      "even within one second a run's files have names of their own",
    );
    await world.store.put(`${FOLDER}by-hand.csv`, "x");
    await invoke(world);
    assert.ok(world.store.objects.has(`${FOLDER}by-hand.csv`));
  });

  it("lets the last of two invocations at once win", async () => {
    const world = { store: new MemoryStore(), items: table(30) };
    const outcomes = await Promise.all([invoke(world), invoke(world)]);
    const statuses = outcomes.map(({ status }) => status).sort();
    assert.deepEqual(statuses, ["COMPLETE", "SUPERSEDED"]);
    assert.deepEqual(messagesIn(world.store), messagesOf(world.items));
    await invoke(world);
    checkDay(world);
  });

  it("is taken over in the middle of a scan: what the earlier invocation still writes does not count", async () => {
    const world: World = { store: new MemoryStore(), items: table(30), partBytes: 1, segments: 1 };
    let second: Outcome | undefined;
    let pages = 0;
    world.fault = async (what) => {
      if (!what.startsWith("scan") || ++pages !== 5) return;
      world.fault = undefined;
      second = await invoke(world);
    };
    const first = await invoke(world);
    assert.equal(second?.status, "COMPLETE");
    assert.equal(first.status, "SUPERSEDED");
    assert.deepEqual(messagesIn(world.store), messagesOf(world.items));
  });

  it("has nothing to do for a run that is over, or was given up", async () => {
    const world = { store: new MemoryStore(), items: table(5) };
    const { runId } = await invoke(world);
    assert.equal((await invoke(world, { resume: runId })).status, "NOTHING_TO_DO");
    assert.equal((await invoke(world, { resume: "2026-11-20-other" })).status, "NOTHING_TO_DO");
  });

  it("begins anew after days: what was read is of another time", async () => {
    const world: World = { store: new MemoryStore(), items: table(40), pages: 4, goesOn: [] };
    const { runId } = await invoke(world);
    world.now = new Date("2026-11-24T04:30:00Z");
    world.pages = undefined;
    assert.equal((await invoke(world, { resume: runId })).status, "NOTHING_TO_DO");
    const outcome = await invoke(world);
    assert.deepEqual([outcome.status, outcome.runId], ["COMPLETE", "2026-11-20-20261124T043000Z"]);
    checkDay(world);
  });

  it("gives up when invocations come no further, and can be told to begin anew", async () => {
    const world: World = { store: new MemoryStore(), items: table(9), pages: 0, goesOn: [] };
    await assert.rejects(async () => {
      for (let invocation = 0; invocation < 9; invocation += 1) await invoke(world, world.goesOn?.at(-1));
    }, /3 invocations came no further with 2026-11-20-.*normalize\.lambda\.timeout.*"restart": true/);
    assert.equal(world.goesOn?.length, 4);
    world.pages = undefined;
    assert.equal((await invoke(world, { restart: true })).status, "COMPLETE");
    checkDay(world);
  });
});
