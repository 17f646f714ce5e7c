// aws:iam/rolePolicyAttachment:RolePolicyAttachment. Its id is `<role>/<policy ARN>`.
import {
  AttachRolePolicyCommand,
  DetachRolePolicyCommand,
  IAMClient,
  paginateListAttachedRolePolicies,
} from "@aws-sdk/client-iam";
import { resource } from "../../descriptor.js";
import { isNotFound } from "../../errors.js";
import { text } from "../../properties.js";

export const rolePolicyAttachment = resource({
  type: "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
  global: true,
  properties: {
    role: text({ required: true, replace: true }),
    policyArn: text({ required: true, replace: true }),
  },
  identity: ["role", "policyArn"],

  async create({ role, policyArn }, context) {
    const command = new AttachRolePolicyCommand({ RoleName: role, PolicyArn: policyArn });
    // Role and policy may have been made a moment ago.
    await context.retry(() => context.client(IAMClient).send(command), isNotFound, 15);
    return `${role}/${policyArn}`;
  },

  async read(id, context) {
    const { role, policyArn } = parts(id);
    const pages = paginateListAttachedRolePolicies({ client: context.client(IAMClient) }, { RoleName: role });
    for await (const page of pages)
      if (page.AttachedPolicies?.some((each) => each.PolicyArn === policyArn)) return { role, policyArn };
    return undefined;
  },

  async delete(id, _, context) {
    const { role, policyArn } = parts(id);
    await context.client(IAMClient).send(new DetachRolePolicyCommand({ RoleName: role, PolicyArn: policyArn }));
  },
});

function parts(id: string): { role: string; policyArn: string } {
  const slash = id.indexOf("/");
  if (slash < 1) throw new Error(`the id of a policy's attachment is <role>/<policy ARN>, not ${id}`);
  return { role: id.slice(0, slash), policyArn: id.slice(slash + 1) };
}
