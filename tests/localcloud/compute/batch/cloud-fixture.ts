// What the tests on a real local cloud share: an account with a queue that runs jobs.
import {
  BatchClient,
  CreateComputeEnvironmentCommand,
  CreateJobQueueCommand,
  DescribeComputeEnvironmentsCommand,
  DescribeJobQueuesCommand,
  DescribeJobsCommand,
  type JobDetail,
  RegisterJobDefinitionCommand,
  type RegisterJobDefinitionCommandInput,
  SubmitJobCommand,
  type SubmitJobCommandInput,
} from "@aws-sdk/client-batch";
import { CloudWatchLogsClient, GetLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import { type ContainerAccount, containerAccount, eventually } from "../containers/account.js";

export { eventually } from "../containers/account.js";

export interface BatchAccount extends ContainerAccount {
  readonly batch: BatchClient;
  /** Registers a Fargate definition of 0.5 vCPU and 1 GiB whose container is laid over the usual one. */
  define(name: string, container?: object, more?: Partial<RegisterJobDefinitionCommandInput>): Promise<void>;
  submit(jobDefinition: string, command?: string[], more?: Partial<SubmitJobCommandInput>): Promise<string>;
  job(id: string): Promise<JobDetail>;
  /** The job once it has one of these statuses. */
  reaches(id: string, ...statuses: string[]): Promise<JobDetail>;
  /** What the job's last attempt printed. */
  lines(job: JobDetail, group?: string): Promise<string[]>;
}

/** A new account whose queue `queue` runs jobs of the image. */
export async function batchAccount(): Promise<BatchAccount> {
  const of = await containerAccount();
  const { image, subnet, securityGroup, executionRoleArn } = of;
  const [batch, logs] = [new BatchClient(of.config()), new CloudWatchLogsClient(of.config())];
  const serviceRole = await of.role("batch", "batch.amazonaws.com");
  await batch.send(
    new CreateComputeEnvironmentCommand({
      computeEnvironmentName: "environment",
      type: "MANAGED",
      serviceRole,
      computeResources: { type: "FARGATE", maxvCpus: 16, subnets: [subnet], securityGroupIds: [securityGroup] },
    }),
  );
  await eventually(async () => {
    const { computeEnvironments } = await batch.send(
      new DescribeComputeEnvironmentsCommand({ computeEnvironments: ["environment"] }),
    );
    return computeEnvironments?.find(({ status }) => status !== "CREATING");
  });
  await batch.send(
    new CreateJobQueueCommand({
      jobQueueName: "queue",
      priority: 1,
      computeEnvironmentOrder: [{ order: 1, computeEnvironment: "environment" }],
    }),
  );
  await eventually(async () => {
    const { jobQueues } = await batch.send(new DescribeJobQueuesCommand({ jobQueues: ["queue"] }));
    return jobQueues?.find(({ status }) => status === "VALID");
  });
  const job = async (id: string): Promise<JobDetail> => {
    const { jobs } = await batch.send(new DescribeJobsCommand({ jobs: [id] }));
    if (!jobs?.[0]) throw new Error(`job ${id} is not there`);
    return jobs[0];
  };
  return {
    ...of,
    batch,
    job,
    async define(jobDefinitionName, container = {}, more = {}) {
      await batch.send(
        new RegisterJobDefinitionCommand({
          jobDefinitionName,
          type: "container",
          platformCapabilities: ["FARGATE"],
          containerProperties: {
            image,
            executionRoleArn,
            resourceRequirements: [
              { type: "VCPU", value: "0.5" },
              { type: "MEMORY", value: "1024" },
            ],
            ...container,
          },
          ...more,
        }),
      );
    },
    async submit(jobDefinition, command, more = {}) {
      const { jobId } = await batch.send(
        new SubmitJobCommand({
          jobName: "job",
          jobQueue: "queue",
          jobDefinition,
          ...more,
          containerOverrides: { ...more.containerOverrides, ...(command ? { command } : {}) },
        }),
      );
      return jobId ?? "";
    },
    reaches: (id, ...statuses) =>
      eventually(async () => {
        const found = await job(id);
        return statuses.includes(found.status ?? "") ? found : undefined;
      }),
    async lines({ container }, logGroupName = "/aws/batch/job") {
      const { events } = await logs.send(
        new GetLogEventsCommand({ logGroupName, logStreamName: container?.logStreamName ?? "", startFromHead: true }),
      );
      return (events ?? []).map(({ message }) => message ?? "");
    },
  };
}
