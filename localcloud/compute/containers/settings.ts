// What Batch's and ECS's definitions say of a container beside what it runs, in the words of both APIs.
import type { LinuxParameters } from "@aws-sdk/client-ecs";
import type { ContainerSettings } from "../executors/executor.js";

interface Definition {
  readonly user?: string;
  readonly readonlyRootFilesystem?: boolean;
  readonly privileged?: boolean;
  readonly ulimits?: readonly { readonly name?: string; readonly softLimit?: number; readonly hardLimit?: number }[];
  readonly linuxParameters?: Pick<
    LinuxParameters,
    "initProcessEnabled" | "sharedMemorySize" | "tmpfs" | "capabilities"
  >;
}

/** Undefined when the definition leaves all of it to the platform. */
export function containerSettings(definition: Definition): ContainerSettings | undefined {
  const { user, readonlyRootFilesystem, privileged, ulimits = [], linuxParameters = {} } = definition;
  const { initProcessEnabled, sharedMemorySize, tmpfs = [], capabilities } = linuxParameters;
  const settings: ContainerSettings = {
    ...(user && { user }),
    ...(readonlyRootFilesystem && { readOnlyRoot: true }),
    ...(privileged && { privileged: true }),
    ...(initProcessEnabled && { init: true }),
    ...(sharedMemorySize && { sharedMemoryMiB: sharedMemorySize }),
    ...(ulimits.length > 0 && {
      ulimits: ulimits.map(({ name, softLimit, hardLimit }) => ({
        name: name ?? "",
        soft: softLimit ?? 0,
        hard: hardLimit ?? 0,
      })),
    }),
    ...(tmpfs.length > 0 && {
      tmpfs: tmpfs.map(({ containerPath, size, mountOptions = [] }) => ({
        path: containerPath ?? "",
        sizeMiB: size ?? 0,
        options: mountOptions,
      })),
    }),
    ...(capabilities?.add?.length && { addCapabilities: capabilities.add }),
    ...(capabilities?.drop?.length && { dropCapabilities: capabilities.drop }),
  };
  return Object.keys(settings).length > 0 ? settings : undefined;
}
