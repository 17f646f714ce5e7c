// aws:iam/rolePolicy:RolePolicy: an inline policy of a role. Its id is `<role>:<name>`.
import { DeleteRolePolicyCommand, GetRolePolicyCommand, IAMClient, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import { type Context, resource } from "../../descriptor.js";
import { isNotFound } from "../../errors.js";
import { json, text } from "../../properties.js";
import { decodePolicy, named } from "./names.js";

export const rolePolicy = resource({
  type: "aws:iam/rolePolicy:RolePolicy",
  global: true,
  properties: {
    ...named(128),
    role: text({ required: true, replace: true }),
    policy: json({ required: true }),
  },
  identity: ["role", "name"],

  async create(inputs, context) {
    await put(inputs.role, inputs.name as string, inputs.policy, context);
    return `${inputs.role}:${inputs.name}`;
  },

  async read(id, context) {
    const { role, name } = parts(id);
    const found = await context.client(IAMClient).send(new GetRolePolicyCommand({ RoleName: role, PolicyName: name }));
    return { role, name, policy: decodePolicy(found.PolicyDocument) };
  },

  async update({ id, inputs }, context) {
    const { role, name } = parts(id);
    await put(role, name, inputs.policy, context);
  },

  async delete(id, _, context) {
    const { role, name } = parts(id);
    await context.client(IAMClient).send(new DeleteRolePolicyCommand({ RoleName: role, PolicyName: name }));
  },
});

function parts(id: string): { role: string; name: string } {
  const [role, name] = id.split(":");
  if (!role || !name) throw new Error(`the id of a role's policy is <role>:<name>, not ${id}`);
  return { role, name };
}

async function put(role: string, name: string, policy: string, context: Context): Promise<void> {
  const command = new PutRolePolicyCommand({ RoleName: role, PolicyName: name, PolicyDocument: policy });
  // The role may have been made a moment ago.
  await context.retry(() => context.client(IAMClient).send(command), isNotFound, 15);
}
