// Volumes and mount points of a container as folders of the host: those of a job of Batch, and those of a task of ECS.
import { existsSync, mkdirSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join, posix } from "node:path";
import type { ContainerSpec } from "../executors/executor.js";
import type { Scope } from "../scope.js";
import type { AccessPointReader } from "./accessPoints.js";

/** Where the local cloud keeps an EFS file system's content. */
export const fileSystemFolder = (dataDir: string, account: string, fileSystemId: string): string =>
  join(dataDir, "efs", account, fileSystemId);

/** A file system of EFS as a volume: EFSVolumeConfiguration of the API references of AWS Batch and Amazon ECS. */
interface EfsVolume {
  readonly fileSystemId?: string;
  readonly rootDirectory?: string;
  readonly authorizationConfig?: { readonly accessPointId?: string };
}

/** A volume; one that is neither of the host nor of a file system lives as long as its task. */
export interface Volume {
  readonly name?: string;
  readonly host?: { readonly sourcePath?: string };
  readonly efsVolumeConfiguration?: EfsVolume;
}

/** What a container mounts, and the volumes that it can name. */
export interface Mounting {
  readonly volumes?: readonly Volume[];
  readonly mountPoints?: readonly {
    readonly sourceVolume?: string;
    readonly containerPath?: string;
    readonly readOnly?: boolean;
  }[];
}

/** Whose volumes they are. */
export interface MountTask extends Scope {
  readonly dataDir: string;
  readonly taskId: string;
}

/** What a task's own volumes are kept in while it runs. */
const scratchFolder = (task: Pick<MountTask, "dataDir" | "taskId">): string =>
  join(task.dataDir, "scratch", task.taskId);

const NOT_MOUNTED = "ResourceInitializationError: failed to invoke EFS utils commands to set up EFS volumes: stderr:";

/**
 * The mounts of a container. An EFS volume is a folder of the cloud's data that every container of the account sees (with an
 * access point, its root directory), a host volume with a source path is that path, and one without is a scratch folder of the
 * task. Folders are created as needed.
 *
 * @throws with AWS's reason for a task that does not start when an access point is not there, or not of the file system
 */
export async function mountsOf(
  container: Mounting,
  task: MountTask,
  accessPoints: AccessPointReader,
): Promise<NonNullable<ContainerSpec["mounts"]>> {
  const mounts: NonNullable<ContainerSpec["mounts"]> = [];
  for (const { sourceVolume, containerPath, readOnly } of container.mountPoints ?? []) {
    const volume = container.volumes?.find(({ name }) => name === sourceVolume);
    if (!volume || !containerPath) continue;
    const source = await sourceOf(volume, task, accessPoints);
    mounts.push({ source, target: containerPath, readOnly: readOnly ?? false });
  }
  return mounts;
}

/** Removes what the task kept in volumes of its own; nothing to do where there are none. */
export async function removeScratch(
  { volumes }: Pick<Mounting, "volumes">,
  task: Pick<MountTask, "dataDir" | "taskId">,
): Promise<void> {
  const own = volumes?.some(({ host, efsVolumeConfiguration }) => !host?.sourcePath && !efsVolumeConfiguration);
  if (own) await rm(scratchFolder(task), { recursive: true, force: true });
}

async function sourceOf(volume: Volume, task: MountTask, accessPoints: AccessPointReader): Promise<string> {
  const efs = volume.efsVolumeConfiguration;
  if (efs?.fileSystemId) return fileSystemSource(efs, efs.fileSystemId, task, accessPoints);
  const source = volume.host?.sourcePath ?? join(scratchFolder(task), volume.name ?? "volume");
  mkdirSync(source, { recursive: true });
  return source;
}

async function fileSystemSource(
  efs: EfsVolume,
  fileSystemId: string,
  task: MountTask,
  accessPoints: AccessPointReader,
): Promise<string> {
  const folder = fileSystemFolder(task.dataDir, task.account, fileSystemId);
  // Normalized from the root, so that no `..` leads out of the file system.
  const inside = (path: string | undefined) => join(folder, posix.normalize(`/${path ?? ""}`));
  const id = efs.authorizationConfig?.accessPointId;
  if (id === undefined) {
    const source = inside(efs.rootDirectory);
    mkdirSync(source, { recursive: true });
    return source;
  }
  const point = await accessPoints(task, id);
  if (point?.fileSystemId !== fileSystemId)
    throw new Error(`${NOT_MOUNTED} The access point ${id} of the file system ${fileSystemId} was not found`);
  const source = inside(point.rootDirectory);
  const mode = point.permissions === undefined ? undefined : Number.parseInt(point.permissions, 8);
  const isRoot = posix.normalize(point.rootDirectory) === "/";
  if (!isRoot && mode === undefined && !existsSync(source))
    throw new Error(
      `${NOT_MOUNTED} b'mount.nfs4: access denied by server while mounting 127.0.0.1:/': the root directory ${point.rootDirectory} of ${id} is not there`,
    );
  // Never without the owner's own rights: whoever runs the cloud is owner of all folders, whatever the access point says.
  mkdirSync(source, { recursive: true, ...(mode !== undefined && { mode: mode | 0o700 }) });
  return source;
}
