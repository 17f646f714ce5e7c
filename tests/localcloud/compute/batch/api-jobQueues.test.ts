import assert from "node:assert/strict";
import { type FakeCloud, fakeCloud, jobOf, refused, submit, withQueue } from "./fakes.js";

const ARN = "arn:aws:batch:eu-central-1:111122223333";

describe("the AWS Batch API", () => {
  let cloud: FakeCloud;
  beforeEach(() => {
    cloud = fakeCloud();
  });
  afterEach(() => cloud.batch.close());

  const refuses = (operation: string, body: Record<string, unknown>, message: string | RegExp) =>
    refused(cloud, operation, body, message);

  describe("job queues", () => {
    it("lets queued jobs finish but takes no new ones while DISABLED", async () => {
      await withQueue(cloud);
      const id = await submit(cloud);
      const container = await cloud.executor.container(0);
      await cloud.call("updatejobqueue", { jobQueue: "queue", state: "DISABLED", priority: 7 });
      await cloud.settled();
      const { jobQueues } = await cloud.call("describejobqueues", { jobQueues: ["queue"] });
      assert.deepEqual(
        [jobQueues[0].state, jobQueues[0].status, jobQueues[0].priority, jobQueues[0].jobQueueType],
        ["DISABLED", "VALID", 7, "ECS_FARGATE"],
      );
      await refuses("submitjob", { jobName: "j", jobQueue: "queue", jobDefinition: "definition" }, /DISABLED/);
      container.exit(0);
      await cloud.settled();
      assert.equal((await jobOf(cloud, id)).status, "SUCCEEDED");
    });

    it("terminates its jobs when it is deleted, and is DELETING until they have ended", async () => {
      await withQueue(cloud, {}, 1);
      const running = await submit(cloud, {
        containerOverrides: {
          resourceRequirements: [
            { type: "VCPU", value: "1" },
            { type: "MEMORY", value: "2048" },
          ],
        },
      });
      const waiting = await submit(cloud);
      const container = await cloud.executor.container(0);
      const gone = container.stop.bind(container);
      let release = (): void => undefined;
      container.stop = () =>
        new Promise((resolve) => {
          release = () => void gone().then(resolve);
        });
      await refuses("deletejobqueue", { jobQueue: "queue" }, "Cannot delete, job queue must be disabled");
      await cloud.call("updatejobqueue", { jobQueue: "queue", state: "DISABLED" });
      await cloud.settled();
      await cloud.call("deletejobqueue", { jobQueue: "queue" });
      await cloud.settled();
      assert.equal((await cloud.call("describejobqueues", {})).jobQueues[0].status, "DELETING");
      assert.equal((await jobOf(cloud, waiting)).status, "FAILED");
      release();
      await cloud.settled();
      assert.deepEqual((await cloud.call("describejobqueues", {})).jobQueues, []);
      assert.equal((await jobOf(cloud, running)).status, "FAILED");
      await refuses(
        "submitjob",
        { jobName: "j", jobQueue: "queue", jobDefinition: "definition" },
        "JobQueue queue not found.",
      );
    });

    it("cancels a job that it could never run, after the time that its jobStateTimeLimitActions allow", async () => {
      await withQueue(cloud, {}, 0);
      const reason = "MISCONFIGURATION:JOB_RESOURCE_REQUIREMENT";
      const action = { action: "CANCEL", state: "RUNNABLE", reason, maxTimeSeconds: 600 };
      await cloud.call("updatejobqueue", { jobQueue: "queue", jobStateTimeLimitActions: [action] });
      await cloud.settled();
      const id = await submit(cloud);
      await cloud.settled();
      cloud.clock.advance(599_999);
      assert.equal((await jobOf(cloud, id)).status, "RUNNABLE");
      cloud.clock.advance(1);
      await cloud.settled();
      const job = await jobOf(cloud, id);
      assert.deepEqual([job.status, job.isCancelled, cloud.clock.timers], ["FAILED", true, 0]);
      assert.ok(job.statusReason.startsWith(reason));
      await refuses(
        "updatejobqueue",
        { jobQueue: "queue", jobStateTimeLimitActions: [{ ...action, maxTimeSeconds: 599 }] },
        /maxTimeSeconds/,
      );
    });

    it("refuses what AWS refuses", async () => {
      await withQueue(cloud);
      await cloud.call("createcomputeenvironment", {
        computeEnvironmentName: "ec2",
        type: "MANAGED",
        computeResources: { type: "EC2", maxvCpus: 4, subnets: ["s"], instanceRole: "role" },
      });
      await cloud.settled();
      const create = (computeEnvironmentOrder: unknown, more = {}) => ({
        jobQueueName: "other",
        priority: 1,
        computeEnvironmentOrder,
        ...more,
      });
      const both = [
        { order: 1, computeEnvironment: "ce" },
        { order: 2, computeEnvironment: "ec2" },
      ];
      await refuses("createjobqueue", create(both), /can not mix Fargate and EC2/);
      await refuses("createjobqueue", create([]), /must not be empty/);
      await refuses(
        "createjobqueue",
        create([{ order: 1, computeEnvironment: "no" }]),
        `${ARN}:compute-environment/no does not exist`,
      );
      await refuses(
        "createjobqueue",
        { jobQueueName: "queue", priority: 1, computeEnvironmentOrder: [both[0]] },
        "Object already exists",
      );
      await refuses(
        "createjobqueue",
        create([both[0]], { schedulingPolicyArn: `${ARN}:scheduling-policy/no` }),
        /does not exist/,
      );
      await refuses("updatejobqueue", { jobQueue: "no" }, `${ARN}:job-queue/no does not exist`);
      await cloud.call("createjobqueue", {
        jobQueueName: "ec2-queue",
        priority: 1,
        computeEnvironmentOrder: [both[1]],
      });
      await cloud.settled();
      await refuses(
        "submitjob",
        { jobName: "j", jobQueue: "ec2-queue", jobDefinition: "definition" },
        "Job Queue is attached to Compute Environment that can not run Jobs with capability FARGATE.",
      );
    });
  });

  describe("scheduling policies", () => {
    it("lives beside a queue that uses it, whose jobs need a share and a priority", async () => {
      await withQueue(cloud);
      const { arn } = await cloud.call("createschedulingpolicy", {
        name: "fair",
        fairsharePolicy: { shareDecaySeconds: 3600, shareDistribution: [{ shareIdentifier: "a*", weightFactor: 0.5 }] },
      });
      await cloud.call("createjobqueue", {
        jobQueueName: "shared",
        priority: 1,
        schedulingPolicyArn: arn,
        computeEnvironmentOrder: [{ order: 1, computeEnvironment: "ce" }],
      });
      await cloud.settled();
      await refuses("deleteschedulingpolicy", { arn }, "Cannot delete, found existing JobQueue relationship");
      const job = { jobName: "j", jobQueue: "shared", jobDefinition: "definition" };
      await refuses("submitjob", job, /must specify shareIdentifier/);
      await refuses("submitjob", { ...job, shareIdentifier: "a1" }, /must specify schedulingPriority/);
      const id = await submit(cloud, { jobQueue: "shared", shareIdentifier: "a1", schedulingPriorityOverride: 3 });
      const detail = await jobOf(cloud, id);
      assert.deepEqual([detail.shareIdentifier, detail.schedulingPriority], ["a1", 3]);
      await refuses(
        "submitjob",
        { ...job, jobQueue: "queue", shareIdentifier: "a" },
        /can only be submitted to job queue with fair share scheduling policy/,
      );
      await cloud.call("updateschedulingpolicy", { arn, fairsharePolicy: { computeReservation: 10 } });
      const { schedulingPolicies } = await cloud.call("describeschedulingpolicies", { arns: [arn] });
      assert.deepEqual(schedulingPolicies[0].fairsharePolicy, { computeReservation: 10 });
      assert.deepEqual((await cloud.call("listschedulingpolicies", {})).schedulingPolicies, [{ arn }]);
      await refuses(
        "createschedulingpolicy",
        { name: "x", fairsharePolicy: { shareDistribution: [{ shareIdentifier: "U*" }, { shareIdentifier: "U1" }] } },
        /overlap/,
      );
    });
  });
});
