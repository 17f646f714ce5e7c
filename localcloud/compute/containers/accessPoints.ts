// Access points of EFS, as a mount needs them: which folder of which file system a container sees.

import type { Scope } from "../scope.js";
import type { ComputeContext } from "../service.js";

export interface AccessPoint {
  readonly fileSystemId: string;
  /** Absolute, within the file system. */
  readonly rootDirectory: string;
  /** Mode of the root directory where EFS makes it, octal digits; absent where it must be there already. */
  readonly permissions?: string;
}

/** Asks for an access point; undefined where there is none of that id. */
export type AccessPointReader = (scope: Scope, accessPointId: string) => Promise<AccessPoint | undefined>;

/** The access points of the local cloud. */
export function accessPointReader(context: Pick<ComputeContext, "clientConfig">): AccessPointReader {
  return async ({ account, region }, accessPointId) => {
    // Few tasks have file systems; the client is not worth loading before one does.
    const { DescribeAccessPointsCommand, EFSClient } = await import("@aws-sdk/client-efs");
    const client = new EFSClient(context.clientConfig(account, region));
    try {
      const { AccessPoints } = await client.send(new DescribeAccessPointsCommand({ AccessPointId: accessPointId }));
      const found = AccessPoints?.[0];
      return (
        found && {
          fileSystemId: found.FileSystemId ?? "",
          rootDirectory: found.RootDirectory?.Path ?? "/",
          permissions: found.RootDirectory?.CreationInfo?.Permissions,
        }
      );
    } catch (error) {
      if ((error as Error).name === "AccessPointNotFound") return undefined;
      throw error;
    } finally {
      client.destroy();
    }
  };
}
