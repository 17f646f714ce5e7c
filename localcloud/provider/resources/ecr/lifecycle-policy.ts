// aws:ecr/lifecyclePolicy:LifecyclePolicy
import {
  DeleteLifecyclePolicyCommand,
  ECRClient,
  GetLifecyclePolicyCommand,
  PutLifecyclePolicyCommand,
} from "@aws-sdk/client-ecr";
import { type Context, resource } from "../../descriptor.js";
import { isNotFound } from "../../errors.js";
import { policyText } from "../../policies.js";
import { json, output, text } from "../../properties.js";
import { isRecord } from "../../wire.js";

export const lifecyclePolicy = resource({
  type: "aws:ecr/lifecyclePolicy:LifecyclePolicy",
  properties: {
    repository: text({ required: true, replace: true }),
    policy: json({ required: true, equals: (left, right) => ordered(left) === ordered(right) }),
    registryId: output(text()),
  },
  identity: ["repository"],

  async create(inputs, context) {
    await put(inputs.repository, inputs.policy, context);
    return inputs.repository;
  },

  async read(id, context) {
    const found = await context.client(ECRClient).send(new GetLifecyclePolicyCommand({ repositoryName: id }));
    return { repository: id, policy: found.lifecyclePolicyText, registryId: found.registryId };
  },

  async update({ id, inputs }, context) {
    await put(id, inputs.policy, context);
  },

  async delete(id, _, context) {
    await context.client(ECRClient).send(new DeleteLifecyclePolicyCommand({ repositoryName: id }));
  },
});

async function put(repository: string, policy: string, context: Context): Promise<void> {
  const command = new PutLifecyclePolicyCommand({ repositoryName: repository, lifecyclePolicyText: policy });
  await context.retry(() => context.client(ECRClient).send(command), isNotFound, 15);
}

/** Rules stand in the order of their priorities, and the lists of tags in them in any order. */
function ordered(text: string): string {
  try {
    const policy: unknown = JSON.parse(text);
    if (!isRecord(policy) || !Array.isArray(policy.rules)) return policyText(text);
    const rules = [...policy.rules].sort((left, right) => left.rulePriority - right.rulePriority).map(sortTagLists);
    return policyText(JSON.stringify({ ...policy, rules }));
  } catch {
    return text;
  }
}

function sortTagLists(rule: unknown): unknown {
  if (!isRecord(rule) || !isRecord(rule.selection)) return rule;
  const selection = Object.entries(rule.selection).map(([name, value]) => [
    name,
    Array.isArray(value) ? [...value].sort() : value,
  ]);
  return { ...rule, selection: Object.fromEntries(selection) };
}
