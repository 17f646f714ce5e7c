// aws:batch/schedulingPolicy:SchedulingPolicy
import {
  BatchClient,
  CreateSchedulingPolicyCommand,
  DeleteSchedulingPolicyCommand,
  DescribeSchedulingPoliciesCommand,
  UpdateSchedulingPolicyCommand,
} from "@aws-sdk/client-batch";
import { resource } from "../../descriptor.js";
import { hasCode } from "../../errors.js";
import { number, object, output, set, tagged, text } from "../../properties.js";
import { tagState } from "../../tags.js";
import { updateTags } from "./tags.js";

interface FairShare {
  computeReservation?: number;
  shareDecaySeconds?: number;
  shareDistributions?: { shareIdentifier: string; weightFactor?: number }[];
}

function toRequest(policy: FairShare) {
  return {
    computeReservation: policy.computeReservation,
    shareDecaySeconds: policy.shareDecaySeconds,
    shareDistribution: policy.shareDistributions,
  };
}

export const schedulingPolicy = resource({
  type: "aws:batch/schedulingPolicy:SchedulingPolicy",
  properties: {
    name: text({ computed: true, replace: true, autoName: { max: 128 } }),
    fairSharePolicy: object({
      computeReservation: number({ min: 0, max: 99 }),
      shareDecaySeconds: number({ min: 0, max: 604_800 }),
      shareDistributions: set(
        object({ shareIdentifier: text({ required: true }), weightFactor: number({ computed: true, integer: false }) }),
      ),
    }),
    ...tagged,
    arn: output(text()),
  },

  async create(inputs, context) {
    const made = await context.client(BatchClient).send(
      new CreateSchedulingPolicyCommand({
        name: inputs.name,
        fairsharePolicy: inputs.fairSharePolicy && toRequest(inputs.fairSharePolicy),
        tags: inputs.tags,
      }),
    );
    return made.arn as string;
  },

  async read(id, context) {
    const { schedulingPolicies } = await context
      .client(BatchClient)
      .send(new DescribeSchedulingPoliciesCommand({ arns: [id] }));
    const found = schedulingPolicies?.[0];
    if (!found) return undefined;
    const policy = found.fairsharePolicy;
    return {
      name: found.name,
      fairSharePolicy: policy && {
        computeReservation: policy.computeReservation,
        shareDecaySeconds: policy.shareDecaySeconds,
        shareDistributions: policy.shareDistribution?.map((each) => ({
          shareIdentifier: each.shareIdentifier ?? "",
          weightFactor: each.weightFactor,
        })),
      },
      ...tagState(found.tags),
      arn: found.arn,
    };
  },

  async update({ id, old, inputs, changes }, context) {
    if (changes("fairSharePolicy"))
      await context
        .client(BatchClient)
        .send(new UpdateSchedulingPolicyCommand({ arn: id, fairsharePolicy: toRequest(inputs.fairSharePolicy ?? {}) }));
    if (changes("tags")) await updateTags(id, old.tags, inputs.tags, context);
  },

  async delete(id, _state, context) {
    await context.retry(
      () => context.client(BatchClient).send(new DeleteSchedulingPolicyCommand({ arn: id })),
      // A queue that is being deleted counts until it is gone.
      (error) => hasCode(error, ["ClientException"], /in use|associated|relationship/i),
      120,
    );
  },

  isGone: (error) => hasCode(error, ["ClientException"], /does not exist|not found/i),
});
