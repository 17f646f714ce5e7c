// aws:efs/accessPoint:AccessPoint
import { randomUUID } from "node:crypto";
import {
  type AccessPointDescription,
  CreateAccessPointCommand,
  DeleteAccessPointCommand,
  DescribeAccessPointsCommand,
  EFSClient,
} from "@aws-sdk/client-efs";
import { type Context, resource } from "../../descriptor.js";
import { orAbsent } from "../../errors.js";
import { number, object, output, set, tagged, text } from "../../properties.js";
import { tagList, tagState } from "../../tags.js";
import { fileSystemArn, isBusy, updateTags } from "./parts.js";

export const accessPoint = resource({
  type: "aws:efs/accessPoint:AccessPoint",
  properties: {
    fileSystemId: text({ required: true, replace: true }),
    posixUser: object(
      {
        uid: number({ required: true, min: 0 }),
        gid: number({ required: true, min: 0 }),
        secondaryGids: set(number({ min: 0 })),
      },
      { replace: true },
    ),
    rootDirectory: object(
      {
        path: text({
          computed: true,
          check: (path) => (path.startsWith("/") ? undefined : "must begin with a slash"),
          max: 100,
        }),
        creationInfo: object(
          {
            ownerUid: number({ required: true, min: 0 }),
            ownerGid: number({ required: true, min: 0 }),
            permissions: text({
              required: true,
              check: (mode) => (/^[0-7]{3,4}$/.test(mode) ? undefined : "must be octal digits such as 0755"),
            }),
          },
          { computed: true },
        ),
      },
      { computed: true, replace: true },
    ),
    ...tagged,
    arn: output(text()),
    fileSystemArn: output(text()),
    ownerId: output(text()),
  },
  // Access points to the same folder may stand side by side.
  identity: [],

  async create(inputs, context) {
    const { posixUser, rootDirectory } = inputs;
    const creation = rootDirectory?.creationInfo;
    const request = new CreateAccessPointCommand({
      ClientToken: randomUUID(),
      FileSystemId: inputs.fileSystemId,
      Tags: tagList(inputs.tags),
      ...(posixUser && {
        PosixUser: { Uid: posixUser.uid, Gid: posixUser.gid, SecondaryGids: posixUser.secondaryGids },
      }),
      ...(rootDirectory && {
        RootDirectory: {
          Path: rootDirectory.path,
          ...(creation && {
            CreationInfo: {
              OwnerUid: creation.ownerUid,
              OwnerGid: creation.ownerGid,
              Permissions: creation.permissions,
            },
          }),
        },
      }),
    });
    const made = await context.retry(() => context.client(EFSClient).send(request), isBusy, 600);
    const id = made.AccessPointId as string;
    context.created(id);
    await context.waitFor(
      `access point ${id} to be available`,
      async () => {
        const found = await describe(id, context);
        if (found?.LifeCycleState === "error") throw new Error(`access point ${id} could not be made`);
        return found?.LifeCycleState === "available" ? true : undefined;
      },
      600,
    );
    return id;
  },

  async read(id, context) {
    const found = await describe(id, context);
    if (!found || found.LifeCycleState === "deleting" || found.LifeCycleState === "deleted") return undefined;
    const { PosixUser: user, RootDirectory: root } = found;
    const creation = root?.CreationInfo;
    return {
      fileSystemId: found.FileSystemId,
      ...(user?.Uid !== undefined && {
        posixUser: { uid: user.Uid, gid: user.Gid ?? 0, secondaryGids: user.SecondaryGids ?? [] },
      }),
      rootDirectory: {
        path: root?.Path ?? "/",
        ...(creation && {
          creationInfo: {
            ownerUid: creation.OwnerUid ?? 0,
            ownerGid: creation.OwnerGid ?? 0,
            permissions: creation.Permissions ?? "",
          },
        }),
      },
      ...tagState(found.Tags),
      arn: found.AccessPointArn,
      fileSystemArn: await fileSystemArn(found.FileSystemId ?? "", context),
      ownerId: found.OwnerId,
    };
  },

  async update({ id, old, inputs }, context) {
    await updateTags(id, old.tags, inputs.tags, context);
  },

  async delete(id, _state, context) {
    await context.client(EFSClient).send(new DeleteAccessPointCommand({ AccessPointId: id }));
    await context.waitFor(
      `access point ${id} to be deleted`,
      async () => {
        const found = await orAbsent(describe(id, context));
        return !found || found.LifeCycleState === "deleted" ? true : undefined;
      },
      600,
    );
  },
});

async function describe(id: string, context: Context): Promise<AccessPointDescription | undefined> {
  const found = await context.client(EFSClient).send(new DescribeAccessPointsCommand({ AccessPointId: id }));
  return found.AccessPoints?.[0];
}
