// aws:ecr/repositoryPolicy:RepositoryPolicy
import {
  DeleteRepositoryPolicyCommand,
  ECRClient,
  GetRepositoryPolicyCommand,
  SetRepositoryPolicyCommand,
} from "@aws-sdk/client-ecr";
import { type Context, resource } from "../../descriptor.js";
import { hasCode } from "../../errors.js";
import { json, output, text } from "../../properties.js";

export const repositoryPolicy = resource({
  type: "aws:ecr/repositoryPolicy:RepositoryPolicy",
  properties: {
    repository: text({ required: true, replace: true }),
    policy: json({ required: true }),
    registryId: output(text()),
  },
  identity: ["repository"],

  async create(inputs, context) {
    await put(inputs.repository, inputs.policy, context);
    return inputs.repository;
  },

  async read(id, context) {
    const found = await context.client(ECRClient).send(new GetRepositoryPolicyCommand({ repositoryName: id }));
    return { repository: id, policy: found.policyText, registryId: found.registryId };
  },

  async update({ id, inputs }, context) {
    await put(id, inputs.policy, context);
  },

  async delete(id, _, context) {
    await context.client(ECRClient).send(new DeleteRepositoryPolicyCommand({ repositoryName: id }));
  },
});

async function put(repository: string, policy: string, context: Context): Promise<void> {
  const command = new SetRepositoryPolicyCommand({ repositoryName: repository, policyText: policy });
  // A principal that was made a moment ago is not yet known.
  await context.retry(
    () => context.client(ECRClient).send(command),
    (error) => hasCode(error, ["InvalidParameterException"], /invalid repository policy/i),
  );
}
