// aws:iam/role:Role
import {
  AttachRolePolicyCommand,
  CreateRoleCommand,
  DeleteRoleCommand,
  DeleteRolePermissionsBoundaryCommand,
  DeleteRolePolicyCommand,
  DetachRolePolicyCommand,
  GetRoleCommand,
  GetRolePolicyCommand,
  IAMClient,
  ListInstanceProfilesForRoleCommand,
  PutRolePermissionsBoundaryCommand,
  PutRolePolicyCommand,
  paginateListAttachedRolePolicies,
  paginateListRolePolicies,
  RemoveRoleFromInstanceProfileCommand,
  TagRoleCommand,
  UntagRoleCommand,
  UpdateAssumeRolePolicyCommand,
  UpdateRoleCommand,
} from "@aws-sdk/client-iam";
import { type Context, resource } from "../../descriptor.js";
import { hasCode, orAbsent } from "../../errors.js";
import { flag, json, number, object, output, set, tagged, text } from "../../properties.js";
import { applyTags, tagList, tagState } from "../../tags.js";
import { decodePolicy, named, path } from "./names.js";

interface InlinePolicy {
  name: string;
  policy: string;
}

export const role = resource({
  type: "aws:iam/role:Role",
  global: true,
  properties: {
    ...named(64),
    assumeRolePolicy: json({ required: true }),
    description: text({ max: 1000 }),
    path,
    maxSessionDuration: number({ default: 3600, min: 3600, max: 43200 }),
    permissionsBoundary: text(),
    forceDetachPolicies: flag({ default: false, unread: true }),
    /** Given, they are all the inline policies there shall be. */
    inlinePolicies: set(object({ name: text({ required: true }), policy: json({ required: true }) }), {
      computed: true,
    }),
    /** Given, they are all the managed policies that shall be attached. */
    managedPolicyArns: set(text(), { computed: true }),
    ...tagged,
    arn: output(text()),
    createDate: output(text()),
    uniqueId: output(text()),
  },

  async create(inputs, context) {
    const iam = context.client(IAMClient);
    const name = inputs.name as string;
    const command = new CreateRoleCommand({
      RoleName: name,
      AssumeRolePolicyDocument: inputs.assumeRolePolicy,
      Description: inputs.description,
      Path: inputs.path,
      MaxSessionDuration: inputs.maxSessionDuration,
      PermissionsBoundary: inputs.permissionsBoundary,
      Tags: tagList(inputs.tags),
    });
    await context.retry(() => iam.send(command), isPrincipalPending);
    context.created(name);
    await putInlinePolicies(name, [], inputs.inlinePolicies ?? [], context);
    await attachPolicies(name, [], inputs.managedPolicyArns ?? [], context);
    return name;
  },

  async read(id, context, known) {
    const iam = context.client(IAMClient);
    // Unless the program governs them here, they are other resources' matter; an import cannot know yet.
    const isImport = known.name === undefined;
    const [found, inlinePolicies, managedPolicyArns] = await Promise.all([
      iam.send(new GetRoleCommand({ RoleName: id })),
      (isImport || known.inlinePolicies) && listInlinePolicies(id, context),
      (isImport || known.managedPolicyArns) && listAttachedPolicies(id, context),
    ]);
    const role = found.Role;
    return (
      role && {
        name: role.RoleName,
        assumeRolePolicy: decodePolicy(role.AssumeRolePolicyDocument),
        description: role.Description ?? "",
        path: role.Path,
        maxSessionDuration: role.MaxSessionDuration ?? 3600,
        permissionsBoundary: role.PermissionsBoundary?.PermissionsBoundaryArn,
        ...(inlinePolicies && { inlinePolicies }),
        ...(managedPolicyArns && { managedPolicyArns }),
        ...tagState(role.Tags),
        arn: role.Arn,
        createDate: role.CreateDate?.toISOString(),
        uniqueId: role.RoleId,
      }
    );
  },

  async update({ id, inputs, old, changes }, context) {
    const iam = context.client(IAMClient);
    if (changes("assumeRolePolicy")) {
      const command = new UpdateAssumeRolePolicyCommand({ RoleName: id, PolicyDocument: inputs.assumeRolePolicy });
      await context.retry(() => iam.send(command), isPrincipalPending);
    }
    if (changes("description", "maxSessionDuration"))
      await iam.send(
        new UpdateRoleCommand({
          RoleName: id,
          Description: inputs.description ?? "",
          MaxSessionDuration: inputs.maxSessionDuration,
        }),
      );
    if (changes("permissionsBoundary"))
      await (inputs.permissionsBoundary
        ? iam.send(
            new PutRolePermissionsBoundaryCommand({ RoleName: id, PermissionsBoundary: inputs.permissionsBoundary }),
          )
        : iam.send(new DeleteRolePermissionsBoundaryCommand({ RoleName: id })));
    if (inputs.inlinePolicies)
      await putInlinePolicies(id, await listInlinePolicies(id, context), inputs.inlinePolicies, context);
    if (inputs.managedPolicyArns)
      await attachPolicies(id, await listAttachedPolicies(id, context), inputs.managedPolicyArns, context);
    await applyTags(old.tags, inputs.tags, {
      set: (tags) => iam.send(new TagRoleCommand({ RoleName: id, Tags: tagList(tags) })),
      remove: (TagKeys) => iam.send(new UntagRoleCommand({ RoleName: id, TagKeys })),
    });
  },

  async delete(id, state, context) {
    const iam = context.client(IAMClient);
    const profiles = await iam.send(new ListInstanceProfilesForRoleCommand({ RoleName: id }));
    for (const { InstanceProfileName } of profiles.InstanceProfiles ?? [])
      await orAbsent(iam.send(new RemoveRoleFromInstanceProfileCommand({ RoleName: id, InstanceProfileName })));
    if (state.forceDetachPolicies || state.managedPolicyArns)
      await attachPolicies(id, await listAttachedPolicies(id, context), [], context);
    if (state.forceDetachPolicies || state.inlinePolicies)
      await putInlinePolicies(id, await listInlinePolicies(id, context), [], context);
    // Detaching is not seen everywhere at once.
    await context.retry(
      () => iam.send(new DeleteRoleCommand({ RoleName: id })),
      (error) => hasCode(error, ["DeleteConflict", "DeleteConflictException", "ConcurrentModification"]),
      20,
    );
  },
});

/** A principal (another role) that was made a moment ago is not yet known. */
function isPrincipalPending(error: Error): boolean {
  return (
    hasCode(error, ["MalformedPolicyDocument", "MalformedPolicyDocumentException"], /invalid principal/i) ||
    hasCode(error, ["ConcurrentModification", "ConcurrentModificationException"])
  );
}

async function listInlinePolicies(roleName: string, context: Context): Promise<InlinePolicy[]> {
  const iam = context.client(IAMClient);
  const names: string[] = [];
  for await (const page of paginateListRolePolicies({ client: iam }, { RoleName: roleName }))
    names.push(...(page.PolicyNames ?? []));
  const found = await Promise.all(
    names.map((PolicyName) => orAbsent(iam.send(new GetRolePolicyCommand({ RoleName: roleName, PolicyName })))),
  );
  return found.flatMap((each) =>
    each?.PolicyName ? [{ name: each.PolicyName, policy: decodePolicy(each.PolicyDocument) }] : [],
  );
}

async function listAttachedPolicies(roleName: string, context: Context): Promise<string[]> {
  const arns: string[] = [];
  const pages = paginateListAttachedRolePolicies({ client: context.client(IAMClient) }, { RoleName: roleName });
  for await (const page of pages) arns.push(...(page.AttachedPolicies ?? []).map((each) => each.PolicyArn ?? ""));
  return arns;
}

async function putInlinePolicies(roleName: string, old: InlinePolicy[], wanted: InlinePolicy[], context: Context) {
  const iam = context.client(IAMClient);
  for (const { name: PolicyName } of old)
    if (!wanted.some((each) => each.name === PolicyName))
      await orAbsent(iam.send(new DeleteRolePolicyCommand({ RoleName: roleName, PolicyName })));
  for (const { name, policy } of wanted)
    if (!old.some((each) => each.name === name && each.policy === policy))
      await iam.send(new PutRolePolicyCommand({ RoleName: roleName, PolicyName: name, PolicyDocument: policy }));
}

async function attachPolicies(roleName: string, old: string[], wanted: string[], context: Context) {
  const iam = context.client(IAMClient);
  for (const PolicyArn of old)
    if (!wanted.includes(PolicyArn))
      await orAbsent(iam.send(new DetachRolePolicyCommand({ RoleName: roleName, PolicyArn })));
  for (const PolicyArn of wanted)
    if (!old.includes(PolicyArn)) await iam.send(new AttachRolePolicyCommand({ RoleName: roleName, PolicyArn }));
}
