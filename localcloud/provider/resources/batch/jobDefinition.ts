// aws:batch/jobDefinition:JobDefinition. AWS never changes a revision: a change registers the next one, which is what the resource is
// from then on, and by default deregisters the one before. Pulumi's id stays that of the first revision until a refresh.
import {
  BatchClient,
  DeregisterJobDefinitionCommand,
  DescribeJobDefinitionsCommand,
  type JobDefinition,
  type JobDefinitionType,
  type PlatformCapability,
  RegisterJobDefinitionCommand,
  type RetryAction,
} from "@aws-sdk/client-batch";
import { type Context, resource } from "../../descriptor.js";
import { flag, type Inputs, json, list, map, number, object, output, set, tagged, text } from "../../properties.js";
import { tagState } from "../../tags.js";
import { isSameProperties } from "./properties.js";
import { updateTags } from "./tags.js";

/** What makes a revision; a change of any of it makes the next. */
const content = {
  type: text({ required: true, replace: true, values: ["container", "multinode"] }),
  containerProperties: json({ equals: isSameProperties }),
  ecsProperties: json({ equals: isSameProperties }),
  nodeProperties: json({ equals: isSameProperties }),
  parameters: map(text()),
  platformCapabilities: set(text({ values: ["EC2", "FARGATE"] }), { computed: true }),
  propagateTags: flag({ default: false }),
  retryStrategy: object({
    attempts: number({ computed: true, min: 1, max: 10 }),
    evaluateOnExits: list(
      object({
        action: text({ required: true, equals: (left, right) => left.toUpperCase() === right.toUpperCase() }),
        onExitCode: text(),
        onReason: text(),
        onStatusReason: text(),
      }),
      { max: 5 },
    ),
  }),
  schedulingPriority: number({ min: 0, max: 9999 }),
  timeout: object({ attemptDurationSeconds: number({ min: 60 }) }),
};
const CONTENT = Object.keys(content) as (keyof typeof content)[];

const properties = {
  name: text({
    computed: true,
    replace: true,
    check: (name) =>
      /^[0-9a-zA-Z][0-9a-zA-Z_-]{0,127}$/.test(name)
        ? undefined
        : "a job definition's name has letters, digits, hyphens and underscores, begins with a letter or digit and has at most 128 characters",
    autoName: { max: 128 },
  }),
  ...content,
  deregisterOnNewRevision: flag({ default: true, unread: true }),
  ...tagged,
  arn: output(text(), { volatile: true }),
  arnPrefix: output(text()),
  revision: output(number(), { volatile: true }),
};

export const jobDefinition = resource({
  type: "aws:batch/jobDefinition:JobDefinition",
  properties,

  create: (inputs, context) => register(inputs, context),

  async read(id, context, known) {
    const found = known.name ? await latest(known.name, context) : await byArn(id, context);
    if (!found || found.status === "INACTIVE") return undefined;
    const arn = found.jobDefinitionArn ?? "";
    return {
      id: arn,
      name: found.jobDefinitionName,
      type: found.type,
      containerProperties: found.containerProperties && JSON.stringify(found.containerProperties),
      ecsProperties: found.ecsProperties && JSON.stringify(found.ecsProperties),
      nodeProperties: found.nodeProperties && JSON.stringify(found.nodeProperties),
      parameters: found.parameters,
      platformCapabilities: found.platformCapabilities,
      propagateTags: found.propagateTags ?? false,
      retryStrategy: found.retryStrategy && {
        attempts: found.retryStrategy.attempts,
        evaluateOnExits: found.retryStrategy.evaluateOnExit?.map(({ action, ...rest }) => ({
          action: action ?? "",
          ...rest,
        })),
      },
      schedulingPriority: found.schedulingPriority,
      timeout: found.timeout && { attemptDurationSeconds: found.timeout.attemptDurationSeconds },
      ...tagState(found.tags),
      arn,
      arnPrefix: arn.replace(/:\d+$/, ""),
      revision: found.revision,
    };
  },

  async update({ old, inputs, changes }, context) {
    const current = old.arn ?? "";
    if (changes(...CONTENT)) {
      await register(inputs, context);
      if (inputs.deregisterOnNewRevision) await deregister(current, context);
    } else if (changes("tags")) await updateTags(current, old.tags, inputs.tags, context);
  },

  async delete(id, state, context) {
    const name = state.name ?? nameOf(id);
    for (const revision of await activeRevisions(name, context))
      await deregister(revision.jobDefinitionArn ?? "", context);
  },
});

async function register(inputs: Inputs<typeof properties>, context: Context): Promise<string> {
  const parse = (given: string | undefined) => (given === undefined ? undefined : JSON.parse(given));
  const retry = inputs.retryStrategy;
  const made = await context.client(BatchClient).send(
    new RegisterJobDefinitionCommand({
      jobDefinitionName: inputs.name,
      type: inputs.type as JobDefinitionType,
      containerProperties: parse(inputs.containerProperties),
      ecsProperties: parse(inputs.ecsProperties),
      nodeProperties: parse(inputs.nodeProperties),
      parameters: inputs.parameters,
      platformCapabilities: inputs.platformCapabilities as PlatformCapability[] | undefined,
      propagateTags: inputs.propagateTags,
      retryStrategy: retry && {
        attempts: retry.attempts,
        evaluateOnExit: retry.evaluateOnExits?.map((each) => ({ ...each, action: each.action as RetryAction })),
      },
      schedulingPriority: inputs.schedulingPriority,
      timeout: inputs.timeout,
      tags: inputs.tags,
    }),
  );
  return made.jobDefinitionArn as string;
}

async function deregister(arn: string, context: Context): Promise<void> {
  await context.client(BatchClient).send(new DeregisterJobDefinitionCommand({ jobDefinition: arn }));
}

async function byArn(arn: string, context: Context): Promise<JobDefinition | undefined> {
  const found = await context.client(BatchClient).send(new DescribeJobDefinitionsCommand({ jobDefinitions: [arn] }));
  return found.jobDefinitions?.[0];
}

async function activeRevisions(name: string, context: Context): Promise<JobDefinition[]> {
  const revisions: JobDefinition[] = [];
  let nextToken: string | undefined;
  do {
    const page = await context
      .client(BatchClient)
      .send(new DescribeJobDefinitionsCommand({ jobDefinitionName: name, status: "ACTIVE", nextToken }));
    revisions.push(...(page.jobDefinitions ?? []));
    nextToken = page.nextToken;
  } while (nextToken);
  return revisions;
}

async function latest(name: string, context: Context): Promise<JobDefinition | undefined> {
  const revisions = await activeRevisions(name, context);
  return revisions.sort((left, right) => (right.revision ?? 0) - (left.revision ?? 0))[0];
}

/** `arn:…:job-definition/features:3` → `features`. */
function nameOf(arn: string): string {
  return arn.replace(/^.*job-definition\//, "").replace(/:\d+$/, "");
}
