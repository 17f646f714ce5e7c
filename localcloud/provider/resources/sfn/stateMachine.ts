// aws:sfn/stateMachine:StateMachine
import {
  CreateStateMachineCommand,
  DeleteStateMachineCommand,
  DescribeStateMachineCommand,
  type DescribeStateMachineCommandOutput,
  type EncryptionConfiguration,
  ListStateMachineVersionsCommand,
  type LoggingConfiguration,
  SFNClient,
  type StateMachineType,
  UpdateStateMachineCommand,
} from "@aws-sdk/client-sfn";
import { type Context, resource } from "../../descriptor.js";
import { hasCode, orAbsent } from "../../errors.js";
import { flag, type Inputs, json, number, object, output, tagged, text } from "../../properties.js";
import { readTags, tagRequest, updateTags } from "./tags.js";

const properties = {
  name: text({
    computed: true,
    replace: true,
    max: 80,
    check: (name) =>
      /^[0-9A-Za-z_-]+$/.test(name)
        ? undefined
        : "a state machine's name has letters, digits, hyphens and underscores only",
    autoName: { max: 80, prefixFrom: "namePrefix" },
  }),
  namePrefix: text({ replace: true, unread: true, max: 54 }),
  definition: json({ required: true, max: 1024 * 1024 }),
  roleArn: text({ required: true }),
  type: text({ default: "STANDARD", replace: true, values: ["STANDARD", "EXPRESS"] }),
  loggingConfiguration: object({
    includeExecutionData: flag({ default: false }),
    level: text({ default: "OFF", values: ["ALL", "ERROR", "FATAL", "OFF"] }),
    logDestination: text({ equals: (left, right) => withStar(left) === withStar(right) }),
  }),
  tracingConfiguration: object({ enabled: flag({ default: false }) }),
  encryptionConfiguration: object(
    {
      kmsKeyId: text(),
      kmsDataKeyReusePeriodSeconds: number({ min: 60, max: 900 }),
      type: text({ default: "AWS_OWNED_KEY", values: ["AWS_OWNED_KEY", "CUSTOMER_MANAGED_KMS_KEY"] }),
    },
    { computed: true },
  ),
  publish: flag({ default: false, unread: true }),
  ...tagged,
  arn: output(text()),
  creationDate: output(text()),
  description: output(text(), { volatile: true }),
  revisionId: output(text(), { volatile: true }),
  stateMachineVersionArn: output(text(), { volatile: true }),
  status: output(text()),
  versionDescription: output(text()),
};

/** A role made a moment ago cannot be assumed, or use a log group, everywhere yet; a machine of that name may be on its way out. */
const isTransient = (error: Error) =>
  hasCode(error, ["StateMachineDeleting"]) ||
  hasCode(error, ["AccessDeniedException"], /trust|assume|log destination|is not authorized to/i);

export const stateMachine = resource({
  type: "aws:sfn/stateMachine:StateMachine",
  properties,

  async create(inputs, context) {
    const made = await context.retry(
      () =>
        context.client(SFNClient).send(
          new CreateStateMachineCommand({
            name: inputs.name,
            ...settings(inputs),
            type: inputs.type as StateMachineType,
            publish: inputs.publish,
            tags: tagRequest(inputs.tags),
          }),
        ),
      isTransient,
    );
    return made.stateMachineArn as string;
  },

  async read(id, context, known) {
    const found = await describe(id, context);
    if (found.status === "DELETING") return undefined;
    const [tags, versions] = await Promise.all([
      readTags(id, context),
      known.publish
        ? context.client(SFNClient).send(new ListStateMachineVersionsCommand({ stateMachineArn: id, maxResults: 1 }))
        : undefined,
    ]);
    const logging = found.loggingConfiguration;
    const encryption = found.encryptionConfiguration;
    return {
      name: found.name,
      definition: found.definition,
      roleArn: found.roleArn,
      type: found.type,
      loggingConfiguration: {
        includeExecutionData: logging?.includeExecutionData ?? false,
        level: logging?.level ?? "OFF",
        logDestination: logging?.destinations?.[0]?.cloudWatchLogsLogGroup?.logGroupArn,
      },
      // AWS always tells; where a cloud does not, what was asked for holds.
      tracingConfiguration: found.tracingConfiguration
        ? { enabled: found.tracingConfiguration.enabled ?? false }
        : known.tracingConfiguration,
      encryptionConfiguration: encryption && {
        kmsKeyId: encryption.kmsKeyId,
        kmsDataKeyReusePeriodSeconds: encryption.kmsDataKeyReusePeriodSeconds,
        type: encryption.type ?? "AWS_OWNED_KEY",
      },
      ...tags,
      arn: found.stateMachineArn,
      creationDate: found.creationDate?.toISOString(),
      description: found.description ?? "",
      revisionId: found.revisionId ?? "",
      stateMachineVersionArn: versions?.stateMachineVersions?.[0]?.stateMachineVersionArn ?? "",
      status: found.status,
      versionDescription: "",
    };
  },

  async update({ id, old, inputs, changes }, context) {
    if (
      changes(
        "definition",
        "roleArn",
        "loggingConfiguration",
        "tracingConfiguration",
        "encryptionConfiguration",
        "publish",
      )
    ) {
      const request = new UpdateStateMachineCommand({
        stateMachineArn: id,
        ...settings(inputs),
        publish: inputs.publish,
      });
      const answer = await context.retry(() => context.client(SFNClient).send(request), isTransient);
      // "Update operations are eventually consistent".
      await context.waitFor(
        `state machine ${id} to show its change`,
        async () => {
          const found = await describe(id, context);
          const isShown = answer.revisionId
            ? found.revisionId === answer.revisionId
            : found.definition === inputs.definition && found.roleArn === inputs.roleArn;
          return isShown ? true : undefined;
        },
        120,
      );
    }
    if (changes("tags")) await updateTags(id, old.tags, inputs.tags, context);
  },

  async delete(id, _state, context) {
    await context.client(SFNClient).send(new DeleteStateMachineCommand({ stateMachineArn: id }));
    // A machine is gone when its last execution is.
    await context.waitFor(
      `state machine ${id} to be deleted`,
      async () => ((await orAbsent(describe(id, context))) ? undefined : true),
      600,
    );
  },
});

function describe(arn: string, context: Context): Promise<DescribeStateMachineCommandOutput> {
  return context.client(SFNClient).send(new DescribeStateMachineCommand({ stateMachineArn: arn }));
}

/** What a creation and an update say alike. */
function settings(inputs: Inputs<typeof properties>) {
  const logging = inputs.loggingConfiguration;
  const loggingConfiguration: LoggingConfiguration | undefined = logging && {
    level: logging.level as LoggingConfiguration["level"],
    includeExecutionData: logging.includeExecutionData,
    destinations: logging.logDestination
      ? [{ cloudWatchLogsLogGroup: { logGroupArn: withStar(logging.logDestination) } }]
      : undefined,
  };
  return {
    definition: inputs.definition,
    roleArn: inputs.roleArn,
    loggingConfiguration: loggingConfiguration ?? { level: "OFF" as const },
    tracingConfiguration: inputs.tracingConfiguration ?? { enabled: false },
    encryptionConfiguration: inputs.encryptionConfiguration as EncryptionConfiguration | undefined,
  };
}

/** AWS wants the log group's ARN with its streams, `…:*`. */
function withStar(logGroupArn: string): string {
  return logGroupArn.endsWith(":*") ? logGroupArn : `${logGroupArn}:*`;
}
