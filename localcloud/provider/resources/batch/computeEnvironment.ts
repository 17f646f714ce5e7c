// aws:batch/computeEnvironment:ComputeEnvironment
import {
  BatchClient,
  type CEState,
  type CEType,
  type ComputeEnvironmentDetail,
  CreateComputeEnvironmentCommand,
  DeleteComputeEnvironmentCommand,
  DescribeComputeEnvironmentsCommand,
  UpdateComputeEnvironmentCommand,
} from "@aws-sdk/client-batch";
import { type Context, resource } from "../../descriptor.js";
import { hasCode } from "../../errors.js";
import { flag, number, object, output, tagged, text } from "../../properties.js";
import { tagState } from "../../tags.js";
import { isKnown } from "../../wire.js";
import {
  type ComputeResourcesInputs,
  computeResources,
  isUpdatable,
  toCreate,
  toState,
  toUpdate,
} from "./computeResources.js";
import { untilGone, untilSettled, untilValid } from "./settle.js";
import { updateTags } from "./tags.js";

export const computeEnvironment = resource({
  type: "aws:batch/computeEnvironment:ComputeEnvironment",
  properties: {
    name: text({
      computed: true,
      replace: true,
      check: (name) =>
        /^[0-9a-zA-Z][0-9a-zA-Z_-]{0,127}$/.test(name)
          ? undefined
          : "a compute environment's name has letters, digits, hyphens and underscores, begins with a letter or digit and has at most 128 characters",
      autoName: { max: 128, prefixFrom: "namePrefix" },
    }),
    namePrefix: text({ replace: true, unread: true, max: 102 }),
    type: text({
      required: true,
      replace: true,
      check: (type) =>
        ["MANAGED", "UNMANAGED"].includes(type.toUpperCase()) ? undefined : "must be MANAGED or UNMANAGED",
      equals: (left, right) => left.toUpperCase() === right.toUpperCase(),
    }),
    state: text({ default: "ENABLED", values: ["ENABLED", "DISABLED"] }),
    serviceRole: text({ computed: true }),
    computeResources,
    updatePolicy: object(
      { jobExecutionTimeoutMinutes: number({ default: 30 }), terminateJobsOnUpdate: flag({ default: false }) },
      { computed: true },
    ),
    ...tagged,
    arn: output(text()),
    ecsClusterArn: output(text()),
    status: output(text()),
    statusReason: output(text()),
  },

  check(inputs) {
    const type = isKnown(inputs.type) ? inputs.type?.toUpperCase() : undefined;
    if (type === "MANAGED" && inputs.computeResources === undefined)
      return [{ property: "computeResources", reason: "is required for a MANAGED compute environment" }];
    if (type === "UNMANAGED" && inputs.computeResources !== undefined)
      return [{ property: "computeResources", reason: "cannot be given for an UNMANAGED compute environment" }];
    return [];
  },

  replaceWhen: (old, inputs) =>
    old.computeResources &&
    inputs.computeResources &&
    !isUpdatable(old.computeResources, inputs.computeResources, old.serviceRole)
      ? ["computeResources"]
      : [],

  async create(inputs, context) {
    const name = inputs.name as string;
    const request = new CreateComputeEnvironmentCommand({
      computeEnvironmentName: name,
      type: inputs.type.toUpperCase() as CEType,
      state: inputs.state as CEState,
      serviceRole: inputs.serviceRole,
      computeResources: inputs.computeResources && toCreate(inputs.computeResources as ComputeResourcesInputs),
      tags: inputs.tags,
    });
    await context.retry(
      () => context.client(BatchClient).send(request),
      // A role made a moment ago cannot be assumed everywhere yet.
      (error) => hasCode(error, ["ClientException"], /cannot be assumed|does not have permission/i),
      60,
    );
    context.created(name);
    await untilValid(`compute environment ${name}`, () => describe(name, context), context);
    if (inputs.updatePolicy) {
      await context
        .client(BatchClient)
        .send(new UpdateComputeEnvironmentCommand({ computeEnvironment: name, updatePolicy: inputs.updatePolicy }));
      await untilValid(`compute environment ${name}`, () => describe(name, context), context);
    }
    return name;
  },

  async read(id, context) {
    const found = await describe(id, context);
    if (!found || found.status === "DELETED") return undefined;
    return {
      name: found.computeEnvironmentName,
      type: found.type,
      state: found.state,
      serviceRole: found.serviceRole,
      computeResources: found.computeResources && (toState(found.computeResources) as ComputeResourcesInputs),
      updatePolicy: found.updatePolicy && {
        jobExecutionTimeoutMinutes: found.updatePolicy.jobExecutionTimeoutMinutes ?? 30,
        terminateJobsOnUpdate: found.updatePolicy.terminateJobsOnUpdate ?? false,
      },
      ...tagState(found.tags),
      arn: found.computeEnvironmentArn,
      ecsClusterArn: found.ecsClusterArn,
      status: found.status,
      statusReason: found.statusReason ?? "",
    };
  },

  async update({ id, old, inputs, changes }, context) {
    if (changes("state", "serviceRole", "computeResources", "updatePolicy")) {
      await untilSettled(`compute environment ${id}`, () => describe(id, context), context);
      await context.client(BatchClient).send(
        new UpdateComputeEnvironmentCommand({
          computeEnvironment: id,
          state: changes("state") ? (inputs.state as CEState) : undefined,
          serviceRole: changes("serviceRole") ? inputs.serviceRole : undefined,
          computeResources:
            changes("computeResources") && inputs.computeResources
              ? toUpdate(inputs.computeResources as ComputeResourcesInputs)
              : undefined,
          updatePolicy: changes("updatePolicy") ? inputs.updatePolicy : undefined,
        }),
      );
      await untilValid(`compute environment ${id}`, () => describe(id, context), context, 1800);
    }
    if (changes("tags")) await updateTags(old.arn ?? "", old.tags, inputs.tags, context);
  },

  async delete(id, _state, context) {
    const batch = context.client(BatchClient);
    const what = `compute environment ${id}`;
    await untilSettled(what, () => describe(id, context), context);
    const found = await describe(id, context);
    if (!found || found.status === "DELETED") return;
    if (found.status !== "DELETING") {
      if (found.state !== "DISABLED") {
        await batch.send(new UpdateComputeEnvironmentCommand({ computeEnvironment: id, state: "DISABLED" }));
        await untilSettled(what, () => describe(id, context), context);
      }
      await context.retry(
        () => batch.send(new DeleteComputeEnvironmentCommand({ computeEnvironment: id })),
        // A queue that is being deleted counts until it is gone.
        (error) => hasCode(error, ["ClientException"], /relationship|being modified/i),
        300,
      );
    }
    await untilGone(what, () => describe(id, context), context);
  },
});

async function describe(name: string, context: Context): Promise<ComputeEnvironmentDetail | undefined> {
  const found = await context
    .client(BatchClient)
    .send(new DescribeComputeEnvironmentsCommand({ computeEnvironments: [name] }));
  return found.computeEnvironments?.[0];
}
