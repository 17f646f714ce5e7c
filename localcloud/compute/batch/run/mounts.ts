// Volumes and mount points of a job as folders of the host.
import { mkdirSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join, posix } from "node:path";
import type { ContainerDetail, Volume } from "@aws-sdk/client-batch";
import type { ContainerSpec } from "../../executors/executor.js";

/** Where the local cloud keeps an EFS file system's content. */
export const fileSystemFolder = (dataDir: string, account: string, fileSystemId: string): string =>
  join(dataDir, "efs", account, fileSystemId);

/** What a task's own volumes are kept in while it runs. */
const scratchFolder = (task: { readonly dataDir: string; readonly taskId: string }): string =>
  join(task.dataDir, "batch", "scratch", task.taskId);

/**
 * The mounts of a container. An EFS volume is a folder of the cloud's data that every container of the account sees, a host
 * volume with a source path is that path, and one without is a scratch folder of the task. Folders are created as needed.
 */
export function mountsOf(
  container: ContainerDetail,
  task: { readonly dataDir: string; readonly account: string; readonly taskId: string },
): NonNullable<ContainerSpec["mounts"]> {
  return (container.mountPoints ?? []).flatMap(({ sourceVolume, containerPath, readOnly }) => {
    const volume = container.volumes?.find(({ name }) => name === sourceVolume);
    if (!volume || !containerPath) return [];
    const source = sourceOf(volume, task);
    mkdirSync(source, { recursive: true });
    return [{ source, target: containerPath, readOnly: readOnly ?? false }];
  });
}

/** Removes what the task kept in volumes of its own; nothing to do for a container without any. */
export async function removeScratch(
  container: ContainerDetail,
  task: { readonly dataDir: string; readonly taskId: string },
): Promise<void> {
  const own = container.volumes?.some(
    ({ host, efsVolumeConfiguration }) => !host?.sourcePath && !efsVolumeConfiguration,
  );
  if (own) await rm(scratchFolder(task), { recursive: true, force: true });
}

function sourceOf(volume: Volume, task: { dataDir: string; account: string; taskId: string }): string {
  const efs = volume.efsVolumeConfiguration;
  if (efs?.fileSystemId) {
    // Normalized from the root, so that no `..` leads out of the file system.
    const inside = posix.normalize(`/${efs.rootDirectory ?? ""}`);
    return join(fileSystemFolder(task.dataDir, task.account, efs.fileSystemId), inside);
  }
  return volume.host?.sourcePath ?? join(scratchFolder(task), volume.name ?? "volume");
}
