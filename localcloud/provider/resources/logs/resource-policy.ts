// aws:cloudwatch/logResourcePolicy:LogResourcePolicy, the account's. Its id is the policy's name.
import {
  CloudWatchLogsClient,
  DeleteResourcePolicyCommand,
  DescribeResourcePoliciesCommand,
  PutResourcePolicyCommand,
} from "@aws-sdk/client-cloudwatch-logs";
import { type Context, resource } from "../../descriptor.js";
import { json, output, text } from "../../properties.js";

export const logResourcePolicy = resource({
  type: "aws:cloudwatch/logResourcePolicy:LogResourcePolicy",
  properties: {
    policyName: text({ required: true, replace: true }),
    policyDocument: json({ required: true, max: 5120 }),
    policyScope: output(text()),
    revisionId: output(text()),
  },
  identity: ["policyName"],

  async create(inputs, context) {
    await put(inputs.policyName, inputs.policyDocument, context);
    return inputs.policyName;
  },

  async read(id, context) {
    const logs = context.client(CloudWatchLogsClient);
    let nextToken: string | undefined;
    do {
      const page = await logs.send(new DescribeResourcePoliciesCommand({ nextToken }));
      const found = page.resourcePolicies?.find(({ policyName }) => policyName === id);
      if (found)
        return {
          policyName: id,
          policyDocument: found.policyDocument,
          policyScope: found.policyScope ?? "ACCOUNT",
          revisionId: found.revisionId ?? "",
        };
      nextToken = page.nextToken;
    } while (nextToken);
    return undefined;
  },

  async update({ id, inputs }, context) {
    await put(id, inputs.policyDocument, context);
  },

  async delete(id, _, context) {
    await context.client(CloudWatchLogsClient).send(new DeleteResourcePolicyCommand({ policyName: id }));
  },
});

async function put(policyName: string, policyDocument: string, context: Context): Promise<void> {
  await context.client(CloudWatchLogsClient).send(new PutResourcePolicyCommand({ policyName, policyDocument }));
}
