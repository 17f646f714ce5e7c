// aws:iam/instanceProfile:InstanceProfile
import {
  AddRoleToInstanceProfileCommand,
  CreateInstanceProfileCommand,
  DeleteInstanceProfileCommand,
  GetInstanceProfileCommand,
  IAMClient,
  RemoveRoleFromInstanceProfileCommand,
  TagInstanceProfileCommand,
  UntagInstanceProfileCommand,
} from "@aws-sdk/client-iam";
import { type Context, resource } from "../../descriptor.js";
import { isNotFound, orAbsent } from "../../errors.js";
import { output, tagged, text } from "../../properties.js";
import { applyTags, tagList, tagState } from "../../tags.js";
import { named, path } from "./names.js";

export const instanceProfile = resource({
  type: "aws:iam/instanceProfile:InstanceProfile",
  global: true,
  properties: {
    ...named(128),
    path,
    role: text(),
    ...tagged,
    arn: output(text()),
    createDate: output(text()),
    uniqueId: output(text()),
  },

  async create(inputs, context) {
    const name = inputs.name as string;
    await context
      .client(IAMClient)
      .send(
        new CreateInstanceProfileCommand({ InstanceProfileName: name, Path: inputs.path, Tags: tagList(inputs.tags) }),
      );
    context.created(name);
    if (inputs.role) await addRole(name, inputs.role, context);
    return name;
  },

  async read(id, context) {
    const found = await context.client(IAMClient).send(new GetInstanceProfileCommand({ InstanceProfileName: id }));
    const profile = found.InstanceProfile;
    return (
      profile && {
        name: profile.InstanceProfileName,
        path: profile.Path,
        role: profile.Roles?.[0]?.RoleName,
        ...tagState(profile.Tags),
        arn: profile.Arn,
        createDate: profile.CreateDate?.toISOString(),
        uniqueId: profile.InstanceProfileId,
      }
    );
  },

  async update({ id, inputs, old, changes }, context) {
    const iam = context.client(IAMClient);
    if (changes("role")) {
      if (old.role) await removeRole(id, old.role, context);
      if (inputs.role) await addRole(id, inputs.role, context);
    }
    await applyTags(old.tags, inputs.tags, {
      set: (tags) => iam.send(new TagInstanceProfileCommand({ InstanceProfileName: id, Tags: tagList(tags) })),
      remove: (TagKeys) => iam.send(new UntagInstanceProfileCommand({ InstanceProfileName: id, TagKeys })),
    });
  },

  async delete(id, _, context) {
    const iam = context.client(IAMClient);
    const found = await iam.send(new GetInstanceProfileCommand({ InstanceProfileName: id }));
    for (const { RoleName } of found.InstanceProfile?.Roles ?? [])
      if (RoleName) await removeRole(id, RoleName, context);
    await iam.send(new DeleteInstanceProfileCommand({ InstanceProfileName: id }));
  },
});

async function addRole(profile: string, role: string, context: Context): Promise<void> {
  const command = new AddRoleToInstanceProfileCommand({ InstanceProfileName: profile, RoleName: role });
  await context.retry(() => context.client(IAMClient).send(command), isNotFound, 15);
}

async function removeRole(profile: string, role: string, context: Context): Promise<void> {
  const command = new RemoveRoleFromInstanceProfileCommand({ InstanceProfileName: profile, RoleName: role });
  await orAbsent(context.client(IAMClient).send(command));
}
