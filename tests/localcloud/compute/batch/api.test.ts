import assert from "node:assert/strict";
import {
  FARGATE_RESOURCES,
  type FakeCloud,
  fakeCloud,
  type Json,
  jobOf,
  SMALL_CONTAINER,
  submit,
  withQueue,
} from "./fakes.js";

const ARN = "arn:aws:batch:eu-central-1:111122223333";

describe("the AWS Batch API", () => {
  let cloud: FakeCloud;
  beforeEach(() => {
    cloud = fakeCloud();
  });
  afterEach(() => cloud.batch.close());

  const refuses = (operation: string, body: Record<string, unknown>, message: string | RegExp) =>
    assert.rejects(cloud.call(operation, body), { code: "ClientException", status: 400, message });
  const wrapped = (text: string) => `Error executing request, Exception : ${text}, RequestId: request-1`;

  describe("compute environments", () => {
    const create = (name: string, more: Record<string, unknown> = {}) =>
      cloud.call("createcomputeenvironment", {
        computeEnvironmentName: name,
        type: "MANAGED",
        computeResources: FARGATE_RESOURCES,
        ...more,
      });
    const described = async (name: string) =>
      (await cloud.call("describecomputeenvironments", { computeEnvironments: [name] })).computeEnvironments[0];

    it("is CREATING, then VALID; shows AWS's service-linked role where none was named", async () => {
      assert.deepEqual(await create("one", { tags: { Project: "sanders" } }), {
        computeEnvironmentName: "one",
        computeEnvironmentArn: `${ARN}:compute-environment/one`,
      });
      assert.equal((await described("one")).status, "CREATING");
      await cloud.settled();
      const environment = await described(`${ARN}:compute-environment/one`);
      assert.equal(environment.status, "VALID");
      assert.equal(environment.statusReason, "ComputeEnvironment Healthy");
      assert.equal(environment.state, "ENABLED");
      assert.equal(environment.containerOrchestrationType, "ECS");
      assert.equal(environment.computeResources.maxvCpus, 16);
      assert.match(environment.serviceRole, /aws-service-role\/batch\.amazonaws\.com\/AWSServiceRoleForBatch$/);
      assert.match(environment.ecsClusterArn, /^arn:aws:ecs:eu-central-1:111122223333:cluster\/AWSBatch-one-/);
      assert.deepEqual(environment.tags, { Project: "sanders" });
    });

    it("is INVALID with the reason when role or network are not there, and takes no queue", async () => {
      const reason = "CLIENT_ERROR - Not authorized to perform sts:AssumeRole (Service: AWSSecurityTokenService; …)";
      cloud = fakeCloud({ checkEnvironment: async ({ name }) => (name === "bad" ? reason : undefined) });
      await create("bad");
      await cloud.settled();
      const { status, statusReason } = await described("bad");
      assert.deepEqual([status, statusReason], ["INVALID", reason]);
      await refuses(
        "createjobqueue",
        { jobQueueName: "q", priority: 1, computeEnvironmentOrder: [{ order: 1, computeEnvironment: "bad" }] },
        /must be created and valid before attaching/,
      );
    });

    it("refuses what AWS refuses, in its words", async () => {
      await create("one");
      await refuses(
        "createcomputeenvironment",
        { computeEnvironmentName: "one", type: "MANAGED", computeResources: FARGATE_RESOURCES },
        "Object already exists",
      );
      await assert.rejects(create("x", { computeResources: { ...FARGATE_RESOURCES, desiredvCpus: 1 } }), {
        message: wrapped("desiredvCpus is not applicable for Fargate."),
      });
      await assert.rejects(create("x", { computeResources: { ...FARGATE_RESOURCES, tags: {} } }), {
        message: wrapped("tags is not applicable for Fargate."),
      });
      await assert.rejects(create("x", { computeResources: { type: "EC2", maxvCpus: 1, subnets: ["s"] } }), {
        message: wrapped("Instance role is required."),
      });
      await assert.rejects(create("x", { type: "UNMANAGED", computeResources: undefined }), {
        message: wrapped("ServiceRole is required."),
      });
      await assert.rejects(create("no spaces"), { code: "ClientException" });
      await refuses(
        "createcomputeenvironment",
        { type: "MANAGED" },
        wrapped("computeEnvironmentName must not be null."),
      );
      await refuses(
        "updatecomputeenvironment",
        { computeEnvironment: "nope" },
        `${ARN}:compute-environment/nope does not exist`,
      );
    });

    it("goes only when it is settled, unused and disabled", async () => {
      await withQueue(cloud);
      const disable = () => cloud.call("updatecomputeenvironment", { computeEnvironment: "ce", state: "DISABLED" });
      await refuses(
        "deletecomputeenvironment",
        { computeEnvironment: "ce" },
        "Cannot delete, found existing JobQueue relationship",
      );
      await disable();
      assert.equal((await described("ce")).status, "UPDATING");
      await refuses(
        "deletecomputeenvironment",
        { computeEnvironment: "ce" },
        "Cannot delete, resource is being modified",
      );
      await cloud.settled();
      await cloud.call("updatejobqueue", { jobQueue: "queue", state: "DISABLED" });
      await refuses("deletejobqueue", { jobQueue: "queue" }, "Cannot delete, resource is being modified");
      await cloud.settled();
      await cloud.call("deletejobqueue", { jobQueue: "queue" });
      await cloud.settled();
      await cloud.call("deletecomputeenvironment", { computeEnvironment: "ce" });
      assert.equal((await described("ce")).status, "DELETING");
      await cloud.settled();
      assert.equal(await described("ce"), undefined);
    });

    it("is not deleted while ENABLED", async () => {
      await create("one");
      await cloud.settled();
      await refuses(
        "deletecomputeenvironment",
        { computeEnvironment: "one" },
        "Cannot delete, compute environment must be disabled",
      );
    });

    it("keeps jobs RUNNABLE while DISABLED, and starts them once it is enabled or grown", async () => {
      await withQueue(cloud, {}, 0);
      const id = await submit(cloud);
      await cloud.settled();
      assert.match((await jobOf(cloud, id)).statusReason, /^MISCONFIGURATION:JOB_RESOURCE_REQUIREMENT/);
      await cloud.call("updatecomputeenvironment", {
        computeEnvironment: "ce",
        state: "DISABLED",
        computeResources: { maxvCpus: 4 },
      });
      await cloud.settled();
      assert.equal((await jobOf(cloud, id)).status, "RUNNABLE");
      const { computeResources } = await described("ce");
      assert.deepEqual(computeResources, { ...FARGATE_RESOURCES, maxvCpus: 4 });
      await cloud.call("updatecomputeenvironment", { computeEnvironment: "ce", state: "ENABLED" });
      (await cloud.executor.container(0)).exit(0);
      await cloud.settled();
      const job = await jobOf(cloud, id);
      assert.deepEqual([job.status, job.statusReason], ["SUCCEEDED", "Essential container in task exited"]);
    });

    it("pages through names", async () => {
      for (const name of ["c", "a", "b"]) await create(name);
      const first = await cloud.call("describecomputeenvironments", { maxResults: 2 });
      assert.deepEqual(
        first.computeEnvironments.map((each: Json) => each.computeEnvironmentName),
        ["a", "b"],
      );
      const second = await cloud.call("describecomputeenvironments", { maxResults: 2, nextToken: first.nextToken });
      assert.deepEqual(
        second.computeEnvironments.map((each: Json) => each.computeEnvironmentName),
        ["c"],
      );
      assert.equal(second.nextToken, undefined);
      await refuses("describecomputeenvironments", { nextToken: "forged" }, wrapped("Invalid nextToken."));
    });
  });

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

  describe("job definitions", () => {
    const register = (containerProperties: object, more: object = {}) =>
      cloud.call("registerjobdefinition", {
        jobDefinitionName: "d",
        type: "container",
        platformCapabilities: ["FARGATE"],
        containerProperties,
        ...more,
      });

    it("numbers revisions, and goes on counting after one was deregistered", async () => {
      assert.equal((await register(SMALL_CONTAINER)).revision, 1);
      assert.equal((await register(SMALL_CONTAINER)).jobDefinitionArn, `${ARN}:job-definition/d:2`);
      await cloud.call("deregisterjobdefinition", { jobDefinition: `${ARN}:job-definition/d:2` });
      const active = await cloud.call("describejobdefinitions", { jobDefinitionName: "d", status: "ACTIVE" });
      assert.deepEqual(
        active.jobDefinitions.map(({ revision }: Json) => revision),
        [1],
      );
      const all = await cloud.call("describejobdefinitions", { jobDefinitionName: "d" });
      assert.deepEqual(
        all.jobDefinitions.map(({ revision, status }: Json) => [revision, status]),
        [
          [2, "INACTIVE"],
          [1, "ACTIVE"],
        ],
      );
      assert.equal((await register(SMALL_CONTAINER)).revision, 3);
    });

    it("is found by name, name:revision and ARN, with the latest ACTIVE one where none is named", async () => {
      await withQueue(cloud);
      for (let revision = 2; revision <= 3; revision += 1)
        await cloud.call("registerjobdefinition", {
          jobDefinitionName: "definition",
          type: "container",
          platformCapabilities: ["FARGATE"],
          containerProperties: { ...SMALL_CONTAINER, command: [`revision-${revision}`] },
        });
      await cloud.call("deregisterjobdefinition", { jobDefinition: "definition:3" });
      const used = async (jobDefinition: string) =>
        (await jobOf(cloud, await submit(cloud, { jobDefinition }))).jobDefinition;
      for (const name of [
        "definition",
        "definition:2",
        `${ARN}:job-definition/definition`,
        `${ARN}:job-definition/definition:2`,
      ])
        assert.equal(await used(name), `${ARN}:job-definition/definition:2`);
      assert.equal(await used("definition:1"), `${ARN}:job-definition/definition:1`);
      await refuses(
        "submitjob",
        { jobName: "j", jobQueue: "queue", jobDefinition: "definition:3" },
        "JobDefinition definition:3 is not ACTIVE.",
      );
      await refuses(
        "submitjob",
        { jobName: "j", jobQueue: "queue", jobDefinition: "none" },
        "JobDefinition none not found.",
      );
    });

    it("refuses Fargate sizes that do not exist, here and at submission", async () => {
      const sized = (VCPU: string, MEMORY: string) => ({
        ...SMALL_CONTAINER,
        resourceRequirements: [
          { type: "VCPU", value: VCPU },
          { type: "MEMORY", value: MEMORY },
        ],
      });
      for (const [vcpu, memory] of [
        ["0.5", "2048"],
        ["2", "8192"],
        ["4", "16384"],
        ["8", "20480"],
        ["16", "122880"],
        [".25", "512"],
      ])
        await register(sized(vcpu ?? "", memory ?? ""));
      await assert.rejects(register(sized("1", "4000")), {
        message: "Fargate resource requirements (1.00 vCPU, 4000 MiB) not valid.",
      });
      await assert.rejects(register(sized("3", "8192")), {
        message: "Fargate resource requirements (3.00 vCPU, 8192 MiB) not valid.",
      });
      await withQueue(cloud);
      await refuses(
        "submitjob",
        {
          jobName: "j",
          jobQueue: "queue",
          jobDefinition: "definition",
          containerOverrides: { resourceRequirements: [{ type: "MEMORY", value: "4096" }] },
        },
        "Fargate resource requirements (0.25 vCPU, 4096 MiB) not valid.",
      );
      await refuses(
        "submitjob",
        { jobName: "j", jobQueue: "queue", jobDefinition: "definition", containerOverrides: { vcpus: 1 } },
        "vcpus is not applicable for Fargate. Use resource requirements instead.",
      );
    });

    it("refuses what AWS refuses, in its words", async () => {
      const { image: _image, ...imageless } = SMALL_CONTAINER;
      const refusals: [object, object, string][] = [
        [{ ...SMALL_CONTAINER, resourceRequirements: [] }, {}, wrapped("vCPU is not provided.")],
        [
          SMALL_CONTAINER,
          { platformCapabilities: ["EC2"], containerProperties: { ...SMALL_CONTAINER, networkConfiguration: {} } },
          wrapped("networkConfiguration not applicable for EC2."),
        ],
        [SMALL_CONTAINER, { retryStrategy: {} }, wrapped("RetryAttempts must be provided with retry strategy")],
        [SMALL_CONTAINER, { retryStrategy: { attempts: 11 } }, wrapped("RetryAttempts must be between 1 and 10")],
        [
          SMALL_CONTAINER,
          { timeout: { attemptDurationSeconds: 59 } },
          wrapped("attemptDurationSeconds must be at least 60 seconds."),
        ],
        [imageless, {}, wrapped("Container image is not provided.")],
        [
          { ...SMALL_CONTAINER, environment: [{ name: "AWS_BATCH_X", value: "" }] },
          {},
          wrapped("Environment variable AWS_BATCH_X is reserved: names must not start with AWS_BATCH."),
        ],
      ];
      for (const [container, more, message] of refusals)
        await assert.rejects(register(container, more), { code: "ClientException", message });
      await assert.rejects(register(SMALL_CONTAINER, { nodeProperties: {} }), {
        message: /multi-node parallel job definition is not supported by the local cloud/,
      });
    });

    it("names the parameter that a placeholder lacks", async () => {
      await withQueue(cloud);
      await refuses(
        "submitjob",
        {
          jobName: "j",
          jobQueue: "queue",
          jobDefinition: "definition",
          containerOverrides: { command: ["Ref::job_id"] },
        },
        "Unable to substitute value. No parameter found for reference job_id",
      );
    });
  });

  describe("jobs", () => {
    const list = async (body: object) =>
      (await cloud.call("listjobs", body as Record<string, unknown>)).jobSummaryList.map(
        ({ jobName }: Json) => jobName,
      );

    it("lists a queue's jobs by status, RUNNING where none is named, in pages, newest first", async () => {
      await withQueue(cloud, {}, 1);
      for (let n = 0; n < 6; n += 1) await submit(cloud, { jobName: `job-${n}` });
      await cloud.executor.container(3);
      await cloud.settled();
      assert.deepEqual(await list({ jobQueue: "queue" }), ["job-3", "job-2", "job-1", "job-0"]);
      assert.deepEqual(await list({ jobQueue: "queue", jobStatus: "RUNNABLE" }), ["job-5", "job-4"]);
      const first = await cloud.call("listjobs", { jobQueue: "queue", maxResults: 3 });
      cloud.executor.containers[0]?.exit(0);
      await submit(cloud, { jobName: "job-6" });
      const second = await cloud.call("listjobs", {
        jobQueue: "queue",
        jobStatus: "SUCCEEDED",
        maxResults: 3,
        nextToken: first.nextToken,
      });
      await cloud.settled();
      assert.equal(first.jobSummaryList.length, 3);
      assert.equal(second.nextToken, undefined);
      const { frontOfQueue } = await cloud.call("getjobqueuesnapshot", { jobQueue: "queue" });
      assert.equal(frontOfQueue.jobs.length, 2);
    });

    it("filters by name, definition and time of creation, whatever the status", async () => {
      await withQueue(cloud);
      await submit(cloud, { jobName: "Daily-1" });
      cloud.clock.advance(10_000);
      await submit(cloud, { jobName: "daily-2" });
      cloud.clock.advance(10_000);
      await submit(cloud, { jobName: "weekly" });
      await cloud.executor.container(2);
      for (const container of cloud.executor.containers) container.exit(0);
      await cloud.settled();
      const filtered = (name: string, ...values: string[]) =>
        list({ jobQueue: "queue", jobStatus: "FAILED", filters: [{ name, values }] });
      assert.deepEqual(await filtered("JOB_NAME", "daily*"), ["daily-2", "Daily-1"]);
      assert.deepEqual(await filtered("JOB_NAME", "daily-1"), ["Daily-1"]);
      assert.deepEqual(await filtered("JOB_DEFINITION", "definition"), ["weekly", "daily-2", "Daily-1"]);
      assert.deepEqual(await filtered("JOB_DEFINITION", `${ARN}:job-definition/definition:1`), [
        "weekly",
        "daily-2",
        "Daily-1",
      ]);
      assert.deepEqual(await filtered("JOB_DEFINITION", "other*"), []);
      const middle = String(cloud.clock.now() - 10_000);
      assert.deepEqual(await filtered("BEFORE_CREATED_AT", middle), ["Daily-1"]);
      assert.deepEqual(await filtered("AFTER_CREATED_AT", middle), ["weekly"]);
      await refuses(
        "listjobs",
        { jobQueue: "queue", filters: [{ name: "OTHER", values: [] }] },
        /is not one of JOB_NAME/,
      );
      await refuses("listjobs", {}, /Exactly one of/);
    });

    it("keeps ended jobs for seven days", async () => {
      await withQueue(cloud);
      const id = await submit(cloud);
      (await cloud.executor.container(0)).exit(0);
      await cloud.settled();
      cloud.clock.advance(7 * 24 * 3600 * 1000);
      assert.equal((await jobOf(cloud, id)).status, "SUCCEEDED");
      cloud.clock.advance(1);
      assert.equal(await jobOf(cloud, id), undefined);
    });

    it("describes at most 100 at once, by id or ARN, and leaves out what is not there", async () => {
      await withQueue(cloud);
      const id = await submit(cloud);
      const { jobs } = await cloud.call("describejobs", { jobs: ["none", `${ARN}:job/${id}`] });
      assert.deepEqual(
        jobs.map(({ jobId }: Json) => jobId),
        [id],
      );
      await refuses(
        "describejobs",
        { jobs: Array.from({ length: 101 }, String) },
        wrapped("Maximum number of jobs supported is 100"),
      );
      await refuses("canceljob", { jobId: "none", reason: "r" }, "Job none does not exist.");
      await refuses("terminatejob", { jobId: id }, wrapped("reason must not be null."));
      assert.deepEqual(await cloud.call("terminatejobs", { jobs: ["none", id], reason: "r" }), {
        successful: ["none", id],
        errors: [],
      });
      await cloud.settled();
      assert.equal((await jobOf(cloud, id)).status, "FAILED");
    });
  });

  it("tags whatever has an ARN, but children of arrays", async () => {
    await withQueue(cloud, { tags: { a: "1" } });
    const id = await submit(cloud, { tags: { job: "yes" } });
    const array = await submit(cloud, { arrayProperties: { size: 2 } });
    for (const resource of ["compute-environment/ce", "job-queue/queue", "job-definition/definition:1", `job/${id}`]) {
      const path = `/v1/tags/${encodeURIComponent(`${ARN}:${resource}`)}`;
      assert.equal((await cloud.request("POST", path, { tags: { b: "2", c: "3" } })).status, 200);
      assert.equal((await cloud.request("DELETE", path, undefined, "tagKeys=b&tagKeys=a&tagKeys=job")).status, 200);
      assert.deepEqual((await cloud.request("GET", path)).body, { tags: { c: "3" } });
    }
    const child = await cloud.request("GET", `/v1/tags/${encodeURIComponent(`${ARN}:job/${array}:0`)}`);
    assert.deepEqual([child.status, child.type], [400, "ClientException"]);
  });

  it("says what it does not have", async () => {
    await refuses("createserviceenvironment", {}, /createserviceenvironment is not supported by the local cloud/);
    assert.deepEqual((await cloud.call("listconsumableresources", {})).consumableResources, []);
  });
});
