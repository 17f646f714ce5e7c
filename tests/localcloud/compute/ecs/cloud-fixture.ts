// What the tests on a real local cloud share: an account with a cluster, and definitions of its image.
import { CloudWatchLogsClient, CreateLogGroupCommand, GetLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import {
  type ContainerDefinition,
  CreateClusterCommand,
  DescribeTasksCommand,
  ECSClient,
  RegisterTaskDefinitionCommand,
  type RegisterTaskDefinitionCommandInput,
  RunTaskCommand,
  type RunTaskCommandInput,
  type Task,
} from "@aws-sdk/client-ecs";
import type { Cloud } from "../../../../localcloud/server/cloud.js";
import { type ContainerAccount, containerAccount, eventually } from "../containers/account.js";

export { eventually } from "../containers/account.js";

export const LOG_GROUP = "/ecs/tests";

/** What a container of a test says besides its name. */
export type Container = Partial<ContainerDefinition> & { name: string };

export interface EcsAccount extends ContainerAccount {
  readonly ecs: ECSClient;
  readonly network: RunTaskCommandInput["networkConfiguration"];
  /** Registers a Fargate definition of 0.25 vCPU and 512 MiB whose containers use the image and log to LOG_GROUP. */
  define(family: string, containers: Container[], more?: Partial<RegisterTaskDefinitionCommandInput>): Promise<string>;
  /** Runs one task on Fargate; returns its ARN. */
  run(taskDefinition: string, more?: Partial<RunTaskCommandInput>): Promise<string>;
  task(arn: string): Promise<Task>;
  /** The task once it has this status. */
  reaches(arn: string, lastStatus: string): Promise<Task>;
  /** Runs one task of a family on Fargate, its container `app` with this command if there is one, to its end. */
  ended(family: string, ...command: string[]): Promise<Task>;
  /** What a container printed. */
  lines(task: Task, container?: string): Promise<string[]>;
}

/** Overrides that give the container `app` a command. */
export const withCommand = (...command: string[]) => ({
  overrides: { containerOverrides: [{ name: "app", command }] },
});

/**
 * A new account with the cluster `cluster`.
 *
 * @param cloud @default the one of this test run
 */
export async function ecsAccount(cloud?: Cloud): Promise<EcsAccount> {
  const of = await containerAccount(cloud);
  const ecs = new ECSClient(of.config());
  const logs = new CloudWatchLogsClient(of.config());
  await Promise.all([
    ecs.send(new CreateClusterCommand({ clusterName: "cluster" })),
    logs.send(new CreateLogGroupCommand({ logGroupName: LOG_GROUP })),
  ]);
  const network: EcsAccount["network"] = {
    awsvpcConfiguration: { subnets: [of.subnet], securityGroups: [of.securityGroup], assignPublicIp: "DISABLED" },
  };
  const logConfiguration = {
    logDriver: "awslogs" as const,
    options: { "awslogs-group": LOG_GROUP, "awslogs-region": "eu-central-1", "awslogs-stream-prefix": "test" },
  };
  const task = async (arn: string): Promise<Task> => {
    const { tasks } = await ecs.send(new DescribeTasksCommand({ cluster: "cluster", tasks: [arn] }));
    if (!tasks?.[0]) throw new Error(`task ${arn} is not there`);
    return tasks[0];
  };
  const reaches: EcsAccount["reaches"] = (arn, lastStatus) =>
    eventually(async () => {
      const found = await task(arn);
      return found.lastStatus === lastStatus ? found : undefined;
    });
  const run: EcsAccount["run"] = async (taskDefinition, more = {}) => {
    const { tasks, failures } = await ecs.send(
      new RunTaskCommand({
        cluster: "cluster",
        launchType: "FARGATE",
        networkConfiguration: network,
        taskDefinition,
        ...more,
      }),
    );
    if (failures?.length) throw new Error(JSON.stringify(failures));
    return tasks?.[0]?.taskArn ?? "";
  };
  return {
    ...of,
    ecs,
    network,
    task,
    reaches,
    run,
    ended: async (family, ...command) =>
      reaches(await run(family, command.length > 0 ? withCommand(...command) : {}), "STOPPED"),
    async define(family, containers, more = {}) {
      const { taskDefinition } = await ecs.send(
        new RegisterTaskDefinitionCommand({
          family,
          requiresCompatibilities: ["FARGATE"],
          networkMode: "awsvpc",
          cpu: "256",
          memory: "512",
          executionRoleArn: of.executionRoleArn,
          ...more,
          containerDefinitions: containers.map((container) => ({ image: of.image, logConfiguration, ...container })),
        }),
      );
      return taskDefinition?.taskDefinitionArn ?? "";
    },
    async lines({ taskArn = "", containers = [] }, container = containers[0]?.name) {
      const logStreamName = `test/${container}/${taskArn.split("/").at(-1)}`;
      const { events } = await logs.send(
        new GetLogEventsCommand({ logGroupName: LOG_GROUP, logStreamName, startFromHead: true }),
      );
      return (events ?? []).map(({ message }) => message ?? "");
    },
  };
}
