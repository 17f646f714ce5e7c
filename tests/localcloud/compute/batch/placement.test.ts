import assert from "node:assert/strict";
import fc from "fast-check";
import {
  OVERSUBSCRIPTION,
  type PlaceableEnvironment,
  type PlaceableJob,
  type PlaceableQueue,
  type PlacementView,
  place,
  queueOrder,
  type RunningJob,
} from "../../../../localcloud/compute/batch/scheduler/placement.js";

const environment = (arn: string, maxvCpus: number, open = true): PlaceableEnvironment => ({ arn, maxvCpus, open });
const job = (id: string, queue: string, vcpus: number, more: Partial<PlaceableJob> = {}): PlaceableJob => ({
  id,
  queue,
  vcpus,
  memoryMiB: vcpus * 1024,
  sequence: Number(id.replace(/\D/g, "")),
  runnableAt: 0,
  ...more,
});
const queue = (arn: string, jobs: PlaceableJob[], more: Partial<PlaceableQueue> = {}): PlaceableQueue => ({
  arn,
  domain: "account",
  priority: 1,
  computeEnvironments: ["ce"],
  jobs,
  ...more,
});
const view = (queues: PlaceableQueue[], more: Partial<PlacementView> = {}): PlacementView => ({
  machine: { cores: 1000, memoryMiB: 1_000_000 },
  running: [],
  environments: new Map([["ce", environment("ce", 8)]]),
  queues,
  now: 1_000_000,
  ...more,
});
const placedIds = (of: PlacementView): string[] => place(of).placed.map(({ jobId }) => jobId);

describe("placement of jobs", () => {
  it("fills maxvCpus in the order of submission, and lets no small job overtake a large one", () => {
    const jobs = [job("1", "q", 4), job("2", "q", 6), job("3", "q", 1)];
    assert.deepEqual(placedIds(view([queue("q", jobs)])), ["1"]);
  });

  it("takes the queue with the higher priority first", () => {
    const low = queue("low", [job("1", "low", 8)], { priority: 1 });
    const high = queue("high", [job("2", "high", 8)], { priority: 10 });
    assert.deepEqual(placedIds(view([low, high])), ["2"]);
  });

  it("spills over to the next compute environment of the queue's order", () => {
    const environments = new Map([
      ["ce", environment("ce", 4)],
      ["spare", environment("spare", 4)],
    ]);
    const q = queue("q", [job("1", "q", 4), job("2", "q", 4), job("3", "q", 4)], {
      computeEnvironments: ["ce", "spare"],
    });
    assert.deepEqual(place(view([q], { environments })).placed, [
      { jobId: "1", computeEnvironment: "ce" },
      { jobId: "2", computeEnvironment: "spare" },
    ]);
  });

  it("leaves jobs of a disabled compute environment where they are, and does not call them misplaced", () => {
    const environments = new Map([["ce", environment("ce", 8, false)]]);
    assert.deepEqual(place(view([queue("q", [job("1", "q", 1)])], { environments })), { placed: [], misplaced: [] });
  });

  it("passes over a job that no environment could ever hold", () => {
    const q = queue("q", [job("1", "q", 9), job("2", "q", 1)]);
    assert.deepEqual(place(view([q])), { placed: [{ jobId: "2", computeEnvironment: "ce" }], misplaced: ["1"] });
  });

  it("promises at most twice the machine's cores, and all of its memory", () => {
    const machine = { cores: 2, memoryMiB: 4096 };
    const q = queue(
      "q",
      [1, 2, 3, 4, 5].map((n) => job(String(n), "q", 1)),
    );
    assert.deepEqual(placedIds(view([q], { machine })), ["1", "2", "3", "4"]);
    const hungry = queue(
      "q",
      [1, 2, 3].map((n) => job(String(n), "q", 0.25, { memoryMiB: 2048 })),
    );
    assert.deepEqual(placedIds(view([hungry], { machine })), ["1", "2"]);
  });

  it("runs a job that is larger than the machine alone, and starts nothing before it once it is first", () => {
    const machine = { cores: 1, memoryMiB: 1024 };
    const large = job("2", "q", 8);
    const q = queue("q", [job("1", "q", 1), large, job("3", "q", 1)]);
    assert.deepEqual(placedIds(view([q], { machine })), ["1"]);
    const running: RunningJob[] = [{ queue: "q", computeEnvironment: "ce", vcpus: 1, memoryMiB: 1024 }];
    const rest = queue("q", [large, job("3", "q", 1)]);
    assert.deepEqual(placedIds(view([rest], { machine, running })), []);
    assert.deepEqual(placedIds(view([rest], { machine })), ["2"]);
  });

  it("lets accounts take turns by how long their first job waits", () => {
    const machine = { cores: 1, memoryMiB: 1_000_000 };
    const environments = new Map([
      ["a", environment("a", 8)],
      ["b", environment("b", 8)],
    ]);
    const old = queue("qa", [job("1", "qa", 2, { runnableAt: 5 })], { domain: "a", computeEnvironments: ["a"] });
    const older = queue("qb", [job("2", "qb", 2, { runnableAt: 3 })], {
      domain: "b",
      computeEnvironments: ["b"],
      priority: 0,
    });
    assert.deepEqual(placedIds(view([old, older], { machine, environments })), ["2"]);
  });

  describe("with a fair-share policy", () => {
    const shared = (jobs: PlaceableJob[], policy: object, uses: object[] = []): PlaceableQueue =>
      queue("q", jobs, { fairshare: { policy, uses: uses as never } });
    const of = (id: string, shareIdentifier: string, schedulingPriority = 0) =>
      job(id, "q", 1, { shareIdentifier, schedulingPriority });

    it("alternates between shares of equal weight, whoever submitted more", () => {
      const jobs = [of("1", "a"), of("2", "a"), of("3", "a"), of("4", "b"), of("5", "b")];
      assert.deepEqual(
        queueOrder(shared(jobs, {}), 0).map(({ id }) => id),
        ["1", "4", "2", "5", "3"],
      );
    });

    it("gives a share with half the weight twice as much", () => {
      const jobs = ["1", "2", "3", "4", "5", "6"]
        .map((id) => of(id, "a"))
        .concat(["11", "12", "13"].map((id) => of(id, "b")));
      const policy = { shareDistribution: [{ shareIdentifier: "a*", weightFactor: 0.5 }] };
      const first = queueOrder(shared(jobs, policy), 0)
        .slice(0, 6)
        .map(({ shareIdentifier }) => shareIdentifier);
      assert.deepEqual(first.filter((share) => share === "a").length, 4);
    });

    it("lets the share that used less lately go first, and forgets what is past the window", () => {
      const now = 10_000_000;
      const recent = { share: "a", vcpus: 4, from: now - 300_000, until: now - 1000 };
      const past = { share: "a", vcpus: 4, from: now - 5_000_000, until: now - 700_000 };
      const jobs = [of("1", "a"), of("2", "b")];
      assert.deepEqual(
        queueOrder(shared(jobs, {}, [recent]), now).map(({ id }) => id),
        ["2", "1"],
      );
      assert.deepEqual(
        queueOrder(shared(jobs, {}, [past]), now).map(({ id }) => id),
        ["1", "2"],
      );
    });

    it("puts the higher scheduling priority first within a share", () => {
      const jobs = [of("1", "a", 1), of("2", "a", 5), of("3", "a", 5)];
      assert.deepEqual(
        queueOrder(shared(jobs, {}), 0).map(({ id }) => id),
        ["2", "3", "1"],
      );
    });

    it("keeps room for shares that are not active yet", () => {
      const jobs = ["1", "2", "3", "4", "5", "6"].map((id) => of(id, "a"));
      // One active share: 50 % of 8 vCPUs stay reserved.
      assert.equal(placedIds(view([shared(jobs, { computeReservation: 50 })])).length, 4);
      const running: RunningJob[] = jobs
        .slice(0, 4)
        .map(() => ({ queue: "q", computeEnvironment: "ce", vcpus: 1, memoryMiB: 1, shareIdentifier: "a" }));
      assert.deepEqual(placedIds(view([shared([of("9", "b")], { computeReservation: 50 })], { running })), ["9"]);
    });
  });

  it("never exceeds an environment or the machine, and every job that fits an environment ends", () => {
    const scenario = fc.record({
      cores: fc.integer({ min: 1, max: 8 }),
      memoryMiB: fc.integer({ min: 512, max: 16_384 }),
      limits: fc.array(fc.integer({ min: 1, max: 16 }), { minLength: 1, maxLength: 3 }),
      queues: fc.array(
        fc.record({
          priority: fc.integer({ min: 0, max: 3 }),
          domain: fc.constantFrom("x", "y"),
          fair: fc.boolean(),
          jobs: fc.array(
            fc.record({
              vcpus: fc.constantFrom(0.25, 0.5, 1, 2, 4, 8, 16),
              memoryMiB: fc.integer({ min: 128, max: 32_768 }),
              share: fc.constantFrom("a", "b", "c"),
            }),
            { maxLength: 12 },
          ),
        }),
        { minLength: 1, maxLength: 4 },
      ),
      pick: fc.infiniteStream(fc.nat()),
    });
    fc.assert(
      fc.property(scenario, ({ cores, memoryMiB, limits, queues, pick }) => {
        const machine = { cores, memoryMiB };
        const environments = new Map(limits.map((limit, index) => [`ce${index}`, environment(`ce${index}`, limit)]));
        let sequence = 0;
        const all = queues.map((each, index) => ({
          ...each,
          arn: `q${index}`,
          computeEnvironments: [...environments.keys()],
          waiting: each.jobs.map(({ share, ...rest }) => ({
            ...rest,
            id: `j${sequence}`,
            queue: `q${index}`,
            sequence: sequence++,
            runnableAt: sequence,
            ...(each.fair ? { shareIdentifier: share } : {}),
          })) as PlaceableJob[],
        }));
        const feasible = all.flatMap(({ waiting }) => waiting).filter(({ vcpus }) => vcpus <= Math.max(...limits));
        const running: (RunningJob & { id: string })[] = [];
        const ended = new Set<string>();
        for (let round = 0; ended.size < feasible.length; round += 1) {
          assert.ok(round <= feasible.length * 2, "a job starves");
          const { placed } = place({
            machine,
            environments,
            running,
            now: round,
            queues: all.map(({ waiting, fair, ...rest }) => ({
              ...rest,
              jobs: waiting,
              ...(fair ? { fairshare: { policy: { computeReservation: 30 }, uses: [] } } : {}),
            })),
          });
          for (const { jobId, computeEnvironment } of placed) {
            const owner = all.find(({ waiting }) => waiting.some(({ id }) => id === jobId));
            const found = owner?.waiting.find(({ id }) => id === jobId);
            assert.ok(owner && found, "a job is placed once");
            owner.waiting = owner.waiting.filter(({ id }) => id !== jobId);
            running.push({ ...found, computeEnvironment });
          }
          for (const [arn, { maxvCpus }] of environments) {
            const used = running
              .filter((each) => each.computeEnvironment === arn)
              .reduce((sum, { vcpus }) => sum + vcpus, 0);
            assert.ok(used <= maxvCpus, "above maxvCpus");
          }
          if (running.length > 1) {
            assert.ok(running.reduce((sum, { vcpus }) => sum + vcpus, 0) <= cores * OVERSUBSCRIPTION, "too many vCPUs");
            assert.ok(running.reduce((sum, each) => sum + each.memoryMiB, 0) <= memoryMiB, "too much memory");
          }
          const [gone] = running.splice(pick.next().value % Math.max(running.length, 1), 1);
          if (gone) ended.add(gone.id);
        }
      }),
      { numRuns: 300 },
    );
  });
});
