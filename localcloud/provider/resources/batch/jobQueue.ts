// aws:batch/jobQueue:JobQueue
import {
  BatchClient,
  CreateJobQueueCommand,
  DeleteJobQueueCommand,
  DescribeJobQueuesCommand,
  type JobQueueDetail,
  type JobStateTimeLimitAction,
  type JQState,
  UpdateJobQueueCommand,
} from "@aws-sdk/client-batch";
import { type Context, resource } from "../../descriptor.js";
import { hasCode } from "../../errors.js";
import { list, number, object, output, tagged, text } from "../../properties.js";
import { tagState } from "../../tags.js";
import { untilGone, untilSettled, untilValid } from "./settle.js";
import { updateTags } from "./tags.js";

interface Order {
  computeEnvironment: string;
  order: number;
}

/** AWS tells environments by ARN, programs by name or ARN; what counts is the order, not the list's. */
function isSameOrder(left: readonly Order[], right: readonly Order[]): boolean {
  const spell = (orders: readonly Order[]) =>
    [...orders].sort((one, other) => one.order - other.order).map((each) => each.computeEnvironment);
  const one = spell(left);
  const other = spell(right);
  const nameOf = (environment: string) => environment.replace(/^arn:.*:compute-environment\//, "");
  return (
    one.length === other.length &&
    one.every((environment, at) => {
      const twin = other[at] ?? "";
      const both = environment.startsWith("arn:") && twin.startsWith("arn:");
      return both ? environment === twin : nameOf(environment) === nameOf(twin);
    })
  );
}

export const jobQueue = resource({
  type: "aws:batch/jobQueue:JobQueue",
  properties: {
    name: text({
      computed: true,
      replace: true,
      check: (name) =>
        /^[0-9a-zA-Z][0-9a-zA-Z_-]{0,127}$/.test(name)
          ? undefined
          : "a job queue's name has letters, digits, hyphens and underscores, begins with a letter or digit and has at most 128 characters",
      autoName: { max: 128 },
    }),
    priority: number({ required: true, min: 0 }),
    state: text({ required: true, values: ["ENABLED", "DISABLED"] }),
    schedulingPolicyArn: text(),
    computeEnvironmentOrders: list(
      object({ computeEnvironment: text({ required: true }), order: number({ required: true }) }),
      { min: 1, max: 3, equals: isSameOrder },
    ),
    jobStateTimeLimitActions: list(
      object({
        action: text({ required: true, values: ["CANCEL", "TERMINATE"] }),
        maxTimeSeconds: number({ required: true, min: 600, max: 86_400 }),
        reason: text({ required: true }),
        state: text({ required: true, values: ["RUNNABLE"] }),
      }),
    ),
    ...tagged,
    arn: output(text()),
  },

  // A queue can be given a policy, or another one, but not be left without.
  replaceWhen: (old, inputs) => (old.schedulingPolicyArn && !inputs.schedulingPolicyArn ? ["schedulingPolicyArn"] : []),

  async create(inputs, context) {
    const request = new CreateJobQueueCommand({
      jobQueueName: inputs.name,
      priority: inputs.priority,
      state: inputs.state as JQState,
      schedulingPolicyArn: inputs.schedulingPolicyArn,
      computeEnvironmentOrder: inputs.computeEnvironmentOrders,
      jobStateTimeLimitActions: inputs.jobStateTimeLimitActions as JobStateTimeLimitAction[],
      tags: inputs.tags,
    });
    const made = await context.retry(
      () => context.client(BatchClient).send(request),
      (error) => hasCode(error, ["ClientException"], /not valid|VALID/),
      60,
    );
    const arn = made.jobQueueArn as string;
    context.created(arn);
    await untilValid(`job queue ${inputs.name}`, () => describe(arn, context), context);
    return arn;
  },

  async read(id, context) {
    const found = await describe(id, context);
    if (!found || found.status === "DELETED") return undefined;
    return {
      id: found.jobQueueArn,
      name: found.jobQueueName,
      priority: found.priority,
      state: found.state,
      schedulingPolicyArn: found.schedulingPolicyArn,
      computeEnvironmentOrders: found.computeEnvironmentOrder?.map((each) => ({
        computeEnvironment: each.computeEnvironment ?? "",
        order: each.order ?? 0,
      })),
      jobStateTimeLimitActions: found.jobStateTimeLimitActions?.map((each) => ({
        action: each.action ?? "",
        maxTimeSeconds: each.maxTimeSeconds ?? 0,
        reason: each.reason ?? "",
        state: each.state ?? "",
      })),
      ...tagState(found.tags),
      arn: found.jobQueueArn,
    };
  },

  async update({ id, old, inputs, changes }, context) {
    if (changes("priority", "state", "schedulingPolicyArn", "computeEnvironmentOrders", "jobStateTimeLimitActions")) {
      await untilSettled(`job queue ${inputs.name}`, () => describe(id, context), context);
      await context.client(BatchClient).send(
        new UpdateJobQueueCommand({
          jobQueue: id,
          priority: inputs.priority,
          state: inputs.state as JQState,
          schedulingPolicyArn: changes("schedulingPolicyArn") ? inputs.schedulingPolicyArn : undefined,
          computeEnvironmentOrder: changes("computeEnvironmentOrders") ? inputs.computeEnvironmentOrders : undefined,
          jobStateTimeLimitActions: changes("jobStateTimeLimitActions")
            ? ((inputs.jobStateTimeLimitActions ?? []) as JobStateTimeLimitAction[])
            : undefined,
        }),
      );
      await untilValid(`job queue ${inputs.name}`, () => describe(id, context), context);
    }
    if (changes("tags")) await updateTags(id, old.tags, inputs.tags, context);
  },

  async delete(id, _state, context) {
    const batch = context.client(BatchClient);
    const what = `job queue ${id}`;
    await untilSettled(what, () => describe(id, context), context);
    const found = await describe(id, context);
    if (!found || found.status === "DELETED") return;
    if (found.status !== "DELETING") {
      if (found.state !== "DISABLED") {
        await batch.send(new UpdateJobQueueCommand({ jobQueue: id, state: "DISABLED" }));
        await untilSettled(what, () => describe(id, context), context);
      }
      await batch.send(new DeleteJobQueueCommand({ jobQueue: id }));
    }
    await untilGone(what, () => describe(id, context), context);
  },
});

async function describe(nameOrArn: string, context: Context): Promise<JobQueueDetail | undefined> {
  const found = await context.client(BatchClient).send(new DescribeJobQueuesCommand({ jobQueues: [nameOrArn] }));
  return found.jobQueues?.[0];
}
