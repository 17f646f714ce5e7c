import {
  DeleteAccessPointCommand,
  DeleteFileSystemCommand,
  DeleteMountTargetCommand,
  DescribeAccessPointsCommand,
  DescribeFileSystemsCommand,
  DescribeMountTargetsCommand,
  EFSClient,
} from "@aws-sdk/client-efs";
import type { InventorySource } from "../item.js";
import { allPages } from "../pages.js";

export const efs: InventorySource = {
  service: "elasticfilesystem",
  async list(client) {
    const api = client(EFSClient);
    const systems = await allPages(async (Marker) => {
      const page = await api.send(new DescribeFileSystemsCommand({ Marker }));
      return { items: page.FileSystems, token: page.NextMarker };
    });
    return systems
      .filter(({ LifeCycleState }) => LifeCycleState !== "deleted" && LifeCycleState !== "deleting")
      .map(({ FileSystemId = "", Name }) => ({
        type: "AWS::EFS::FileSystem",
        id: FileSystemId,
        ...(Name && { name: Name }),
        async remove() {
          const { AccessPoints = [] } = await api.send(new DescribeAccessPointsCommand({ FileSystemId }));
          for (const { AccessPointId } of AccessPoints) await api.send(new DeleteAccessPointCommand({ AccessPointId }));
          const { MountTargets = [] } = await api.send(new DescribeMountTargetsCommand({ FileSystemId }));
          for (const { MountTargetId } of MountTargets) await api.send(new DeleteMountTargetCommand({ MountTargetId }));
          await api.send(new DeleteFileSystemCommand({ FileSystemId }));
        },
      }));
  },
};
