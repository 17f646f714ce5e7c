// One attempt of a job as an ECS task: secrets, credentials and log stream first, then the container, then what it left behind.
import type { AccessPointReader } from "../../containers/accessPoints.js";
import { requireLogStream } from "../../containers/logStream.js";
import { mountsOf, removeScratch } from "../../containers/mounts.js";
import { cannotAssume } from "../../containers/role.js";
import type { SecretReader } from "../../containers/secrets.js";
import { containerSettings } from "../../containers/settings.js";
import type { Executor, RunningContainer } from "../../executors/executor.js";
import type { LogStream, LogWriter } from "../../logs/writer.js";
import type { ComputeContext } from "../../service.js";
import type { Job, Task } from "../model.js";
import type { Exit } from "../scheduler/lifecycle.js";
import { jobEnvironment } from "./environment.js";

export const DEFAULT_LOG_GROUP = "/aws/batch/job";
const CONTAINER_EXITED = "Essential container in task exited";
const NOT_STARTED = "Task failed to start";
/** AWS gives a container this long between SIGTERM and SIGKILL. */
const STOP_GRACE_SECONDS = 30;

/** What tasks need of the world outside. */
export interface TaskWorld {
  readonly context: Pick<ComputeContext, "credentials" | "endpoint" | "dataDir">;
  readonly executor: Executor;
  readonly logs: LogWriter;
  readonly secrets: SecretReader;
  readonly accessPoints: AccessPointReader;
}

export interface TaskInput {
  readonly job: Job;
  readonly task: Task;
  readonly queueName: string;
  readonly computeEnvironmentName: string;
  /** The container's own process runs. */
  onStarted(): void;
  /** Called exactly once, after the last line was delivered and the credentials were revoked. */
  onExited(exit: Exit): void;
}

export interface RunningTask {
  /** SIGTERM, then SIGKILL; a task that has not started its container yet never does. */
  stop(graceSeconds?: number): void;
  /** Resolves after `onExited`. */
  readonly done: Promise<void>;
}

/** The log stream that a job's task writes to; undefined with another log driver than awslogs. */
export function logDestination(
  job: Job,
  taskId: string,
): { group: string; stream: string; region: string; createGroup: boolean } | undefined {
  const { logDriver = "awslogs", options = {} } = job.container.logConfiguration ?? {};
  if (logDriver !== "awslogs") return undefined;
  const group = options["awslogs-group"];
  return {
    group: group ?? DEFAULT_LOG_GROUP,
    stream: `${options["awslogs-stream-prefix"] ?? job.definitionName}/default/${taskId}`,
    region: options["awslogs-region"] ?? job.region,
    createGroup: group === undefined || group === DEFAULT_LOG_GROUP || options["awslogs-create-group"] === "true",
  };
}

export function runTask(world: TaskWorld, input: TaskInput): RunningTask {
  let stopped: number | undefined;
  let container: RunningContainer | undefined;

  const prepareAndRun = async (logs: LogStream | undefined): Promise<Exit> => {
    const { job, task } = input;
    const { account, region, container: definition } = job;
    const [secrets, credentials, mounts] = await Promise.all([
      world.secrets({
        account,
        region,
        executionRoleArn: definition.executionRoleArn,
        secrets: definition.secrets ?? [],
        sessionName: task.id,
      }),
      grantRole(world, job, task),
      mountsOf(definition, { dataDir: world.context.dataDir, account, region, taskId: task.id }, world.accessPoints),
      requireStream(logs, job, task),
    ]);
    try {
      if (stopped !== undefined) return { statusReason: NOT_STARTED };
      container = world.executor.run({
        id: task.id,
        account,
        region,
        image: definition.image ?? "",
        command: definition.command?.length ? definition.command : undefined,
        environment: jobEnvironment({ ...input, endpoint: world.context.endpoint, secrets, credentials }),
        memoryMiB: job.memoryMiB,
        vcpus: job.vcpus,
        mounts,
        settings: containerSettings(definition),
        onLine: (line, at) => logs?.write(line, at),
      });
      const started = await container.started.then(
        () => true,
        () => false,
      );
      if (started) input.onStarted();
      const { exitCode, reason } = await container.exited;
      return { exitCode, reason, statusReason: started ? CONTAINER_EXITED : NOT_STARTED };
    } finally {
      if (credentials) world.context.credentials.revoke(credentials.uri);
      await removeScratch(definition, { dataDir: world.context.dataDir, taskId: task.id });
    }
  };

  const run = async (): Promise<void> => {
    const { job, task } = input;
    const to = logDestination(job, task.id);
    const logs = to && world.logs.open({ account: job.account, ...to }, to.createGroup);
    const exit = await prepareAndRun(logs).catch((error: Error): Exit => ({ statusReason: error.message }));
    await logs?.close();
    input.onExited(exit);
  };

  return {
    stop(graceSeconds = STOP_GRACE_SECONDS) {
      stopped = graceSeconds;
      void container?.stop(graceSeconds);
    },
    done: run(),
  };
}

async function grantRole(world: TaskWorld, job: Job, task: Task): Promise<{ uri: string; token: string } | undefined> {
  const roleArn = job.container.jobRoleArn;
  if (!roleArn) return undefined;
  try {
    return await world.context.credentials.grant({
      account: job.account,
      region: job.region,
      roleArn,
      sessionName: task.id,
    });
  } catch (error) {
    throw new Error(cannotAssume(roleArn), { cause: error });
  }
}

/** A task does not start without the log group that its definition names; Batch's own group is created beside it. */
async function requireStream(logs: LogStream | undefined, job: Job, task: Task): Promise<void> {
  if (!logs) return;
  if (logDestination(job, task.id)?.group === DEFAULT_LOG_GROUP) {
    logs.ready.catch(() => undefined);
    return;
  }
  await requireLogStream(logs);
}
