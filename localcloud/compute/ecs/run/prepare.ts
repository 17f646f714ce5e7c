// What a container needs before it can start: its secrets, environment files, volumes and log stream.
import type { AccessPointReader } from "../../containers/accessPoints.js";
import type { EnvironmentFileReader } from "../../containers/environmentFiles.js";
import { requireLogStream } from "../../containers/logStream.js";
import { type Mounting, mountsOf } from "../../containers/mounts.js";
import type { SecretReader } from "../../containers/secrets.js";
import type { ContainerSpec } from "../../executors/executor.js";
import type { LogStream, LogWriter } from "../../logs/writer.js";
import type { Task, TaskContainer } from "../model.js";

/** What of the world outside containers are prepared with. */
export interface PrepareWorld {
  readonly context: { readonly dataDir: string };
  readonly logs: LogWriter;
  readonly secrets: SecretReader;
  readonly environmentFiles: EnvironmentFileReader;
  readonly accessPoints: AccessPointReader;
}

/** A container that can start. */
export interface Prepared {
  readonly secrets: Record<string, string>;
  readonly files: Record<string, string>;
  readonly mounts: NonNullable<ContainerSpec["mounts"]>;
  readonly logs?: LogStream;
}

/** Rejects with AWS's reason for a task that does not start. */
export async function prepare(world: PrepareWorld, task: Task, container: TaskContainer): Promise<Prepared> {
  const { secrets = [], environmentFiles = [] } = container.definition;
  const { account, region, executionRoleArn, id } = task;
  const logs = openLogs(world.logs, task, container);
  const [values, files, mounts] = await Promise.all([
    world.secrets({ account, region, executionRoleArn, secrets, sessionName: id }),
    world.environmentFiles({
      scope: task,
      executionRoleArn,
      files: environmentFiles.map(({ value = "" }) => value),
      sessionName: id,
    }),
    mountsOf(
      mountingOf(task, container),
      { dataDir: world.context.dataDir, account, region, taskId: id },
      world.accessPoints,
    ),
    logs && requireLogStream(logs),
  ]);
  return { secrets: values, files, mounts, logs };
}

/** The container's mount points with those that it takes from others. */
function mountingOf({ definition, containers }: Task, container: TaskContainer): Mounting {
  const own = container.definition.mountPoints ?? [];
  const others = (container.definition.volumesFrom ?? []).flatMap(({ sourceContainer, readOnly }) => {
    const source = containers.find((each) => each.definition.name === sourceContainer);
    return (source?.definition.mountPoints ?? []).map((point) => ({ ...point, readOnly: readOnly || point.readOnly }));
  });
  const isOwn = (path: string | undefined) => own.some(({ containerPath }) => containerPath === path);
  const taken = others.filter(({ containerPath }) => !isOwn(containerPath));
  return { volumes: definition.content.volumes, mountPoints: [...own, ...taken] };
}

/** The stream that the container writes to: `<prefix>/<container>/<task id>`; undefined with another driver than awslogs. */
export function logDestination(task: Task, { definition, runtimeId }: TaskContainer) {
  const { logDriver, options = {} } = definition.logConfiguration ?? {};
  const group = options["awslogs-group"];
  if (logDriver !== "awslogs" || !group) return undefined;
  const prefix = options["awslogs-stream-prefix"];
  return {
    account: task.account,
    region: options["awslogs-region"] ?? task.region,
    group,
    stream: prefix ? `${prefix}/${definition.name}/${task.id}` : (runtimeId ?? task.id),
    createGroup: options["awslogs-create-group"] === "true",
  };
}

function openLogs(logs: LogWriter, task: Task, container: TaskContainer): LogStream | undefined {
  const to = logDestination(task, container);
  return to && logs.open(to, to.createGroup);
}
