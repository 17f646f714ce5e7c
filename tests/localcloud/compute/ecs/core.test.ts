// The pure parts: which tasks a service starts and stops, on what, and when; how health is judged; in which order containers stop.
import assert from "node:assert/strict";
import type { Deployment, Service, Task, TaskContainer } from "../../../../localcloud/compute/ecs/model.js";
import { restartsAfter } from "../../../../localcloud/compute/ecs/run/container.js";
import { containerEnvironment } from "../../../../localcloud/compute/ecs/run/environment.js";
import { nextHealth, UNKNOWN_HEALTH } from "../../../../localcloud/compute/ecs/run/health.js";
import { afterEnd, afterFailure, UNTHROTTLED } from "../../../../localcloud/compute/ecs/services/backoff.js";
import { failureThreshold, plan } from "../../../../localcloud/compute/ecs/services/plan.js";
import { stopOrder } from "../../../../localcloud/compute/ecs/tasks/dependencies.js";
import { distribute } from "../../../../localcloud/compute/ecs/tasks/strategy.js";

const service = (desiredCount: number, more: Partial<Service> = {}): Service =>
  ({
    status: "ACTIVE",
    desiredCount,
    deployments: [
      { id: "new", status: "PRIMARY" },
      { id: "old", status: "ACTIVE" },
    ] as Deployment[],
    deploymentConfiguration: {},
    ...more,
  }) as Service;
const tasks = (deploymentId: string, ...statuses: Task["lastStatus"][]): Task[] =>
  statuses.map(
    (lastStatus, index) => ({ deploymentId, lastStatus, desiredStatus: "RUNNING", createdAt: new Date(index) }) as Task,
  );

describe("ECS: how a service comes to its count", () => {
  it("starts what is missing and counts what is under way", () => {
    const { start, stop, isSteady } = plan(service(3), tasks("new", "RUNNING", "PENDING"));
    assert.deepEqual([start, stop, isSteady], [1, [], false]);
  });

  it("stops what is too much, first what does not run yet", () => {
    const own = tasks("new", "RUNNING", "RUNNING", "PROVISIONING");
    assert.deepEqual(plan(service(1), own).stop, [own[2], own[1]]);
  });

  it("starts a new deployment beside the old one, whose tasks go as the new ones run", () => {
    const old = tasks("old", "RUNNING", "RUNNING");
    const first = plan(service(2), old);
    assert.deepEqual([first.start, first.stop], [2, []]);
    const half = plan(service(2), [...old, ...tasks("new", "RUNNING", "PENDING")]);
    assert.deepEqual([half.start, half.stop.length], [0, 1]);
    const done = plan(service(2), [...old, ...tasks("new", "RUNNING", "RUNNING")]);
    assert.deepEqual([done.start, done.stop.length, done.isSteady], [0, 2, false]);
  });

  it("replaces in place where no more than the count may run and fewer are enough", () => {
    const deploymentConfiguration = { maximumPercent: 100, minimumHealthyPercent: 50 };
    const { start, stop } = plan(service(2, { deploymentConfiguration }), tasks("old", "RUNNING", "RUNNING"));
    assert.deepEqual([start, stop.length], [0, 1]);
  });

  it("stops everything when it drains", () => {
    const all = [...tasks("old", "RUNNING"), ...tasks("new", "RUNNING", "PENDING")];
    const { start, stop } = plan(service(2, { status: "DRAINING" }), all);
    assert.deepEqual([start, stop.length], [0, 3]);
  });

  it("waits longer after each start that failed, a quarter of an hour at most, and not after a task that ran well", () => {
    let throttle = UNTHROTTLED;
    const waits = Array.from({ length: 12 }, () => {
      throttle = afterFailure(throttle, 0);
      return throttle.notBefore / 1000;
    });
    assert.deepEqual(waits.slice(0, 4), [1, 2, 4, 8]);
    assert.equal(waits.at(-1), 900);
    const ran = { startedAt: new Date(0), stoppedAt: new Date(60_000) };
    assert.deepEqual(afterEnd(throttle, ran, 60_000), { failedStarts: 0, notBefore: 0 });
  });

  it("trips the circuit breaker after half the count, at least 3 and at most 200 failures", () => {
    assert.deepEqual([1, 25, 400, 800].map(failureThreshold), [3, 13, 200, 200]);
  });

  it("gives a provider its base first, then everybody a share by weight", () => {
    const strategy = [
      { capacityProvider: "FARGATE", base: 2, weight: 1 },
      { capacityProvider: "FARGATE_SPOT", weight: 4 },
    ];
    const chosen = distribute(strategy, 12);
    const of = (name: string) => chosen.filter((each) => each === name).length;
    assert.deepEqual([chosen.slice(0, 2), of("FARGATE"), of("FARGATE_SPOT")], [["FARGATE", "FARGATE"], 4, 8]);
  });
});

describe("ECS: containers of a task", () => {
  const container = (name: string, ...needs: string[]) =>
    ({
      definition: { name, dependsOn: needs.map((containerName) => ({ containerName, condition: "START" })) },
    }) as unknown as TaskContainer;

  it("stop in the order opposite to their dependencies", () => {
    const waves = stopOrder([container("proxy"), container("app", "proxy", "cache"), container("cache", "proxy")]);
    assert.deepEqual(
      waves.map((wave) => wave.map(({ definition }) => definition.name)),
      [["app"], ["cache"], ["proxy"]],
    );
  });

  it("are unhealthy after as many failures in a row as the check allows, and not while they start", () => {
    const bad = (health = UNKNOWN_HEALTH, isStarting = false) => nextHealth(health, false, 2, isStarting);
    assert.deepEqual(bad(UNKNOWN_HEALTH, true), UNKNOWN_HEALTH);
    assert.deepEqual([bad().status, bad(bad()).status], ["UNKNOWN", "UNHEALTHY"]);
    const good = nextHealth(bad(bad()), true, 2);
    assert.deepEqual(good, { status: "HEALTHY", failures: 0 });
    assert.equal(bad(good).status, "HEALTHY");
  });

  it("restart by their policy only after they have run long enough, and not after an ignored exit code", () => {
    const policy = { enabled: true, ignoredExitCodes: [0], restartAttemptPeriod: 60 };
    assert.deepEqual(
      [
        restartsAfter(policy, 1, 60_000),
        restartsAfter(policy, 1, 59_999),
        restartsAfter(policy, 0, 60_000),
        restartsAfter({ enabled: false }, 1, 60_000),
      ],
      [true, false, false, false],
    );
  });

  it("cannot replace where their metadata and credentials are", () => {
    const environment = containerEnvironment({
      task: { region: "eu-central-1", launchType: "FARGATE" } as Task,
      container: {
        definition: {
          environment: [
            { name: "ECS_CONTAINER_METADATA_URI_V4", value: "elsewhere" },
            { name: "AWS_CONTAINER_CREDENTIALS_FULL_URI", value: "elsewhere" },
            { name: "AWS_REGION", value: "us-east-1" },
            { name: "LEVEL", value: "own" },
          ],
        },
      } as unknown as TaskContainer,
      endpoint: "http://127.0.0.1:1",
      metadataUri: "http://127.0.0.1:2/v4/1",
      files: { LEVEL: "file", STAGE: "file" },
      secrets: {},
      credentials: { uri: "http://127.0.0.1:2/credentials/1", token: "token" },
    });
    assert.deepEqual(
      [
        environment.ECS_CONTAINER_METADATA_URI_V4,
        environment.AWS_CONTAINER_CREDENTIALS_FULL_URI,
        environment.AWS_REGION,
        environment.LEVEL,
        environment.STAGE,
      ],
      ["http://127.0.0.1:2/v4/1", "http://127.0.0.1:2/credentials/1", "us-east-1", "own", "file"],
    );
  });
});
