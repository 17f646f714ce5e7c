// aws:cloudwatch/eventBus:EventBus
import {
  CreateEventBusCommand,
  DeleteEventBusCommand,
  DescribeEventBusCommand,
  EventBridgeClient,
  type LogConfig,
  UpdateEventBusCommand,
} from "@aws-sdk/client-eventbridge";
import { resource } from "../../descriptor.js";
import { type Inputs, object, output, tagged, text } from "../../properties.js";
import { tagList } from "../../tags.js";
import { readTags, updateTags } from "./tags.js";

const properties = {
  name: text({
    computed: true,
    replace: true,
    max: 256,
    check: (name) => (name === "default" ? "the default bus is AWS's own" : undefined),
    autoName: { max: 256 },
  }),
  eventSourceName: text({ replace: true, unread: true }),
  description: text({ max: 512 }),
  kmsKeyIdentifier: text(),
  deadLetterConfig: object({ arn: text() }),
  logConfig: object({
    includeDetail: text({ values: ["NONE", "FULL"] }),
    level: text({ values: ["OFF", "ERROR", "INFO", "TRACE"] }),
  }),
  ...tagged,
  arn: output(text()),
};

export const eventBus = resource({
  type: "aws:cloudwatch/eventBus:EventBus",
  properties,

  async create(inputs, context) {
    const name = inputs.name as string;
    await context.client(EventBridgeClient).send(
      new CreateEventBusCommand({
        Name: name,
        EventSourceName: inputs.eventSourceName,
        ...settings(inputs),
        Tags: inputs.tags ? tagList(inputs.tags) : undefined,
      }),
    );
    return name;
  },

  async read(id, context) {
    const found = await context.client(EventBridgeClient).send(new DescribeEventBusCommand({ Name: id }));
    return {
      name: found.Name,
      description: found.Description,
      kmsKeyIdentifier: found.KmsKeyIdentifier,
      deadLetterConfig: found.DeadLetterConfig && { arn: found.DeadLetterConfig.Arn },
      logConfig: found.LogConfig && { includeDetail: found.LogConfig.IncludeDetail, level: found.LogConfig.Level },
      ...(await readTags(found.Arn ?? "", context)),
      arn: found.Arn,
    };
  },

  async update({ id, old, inputs, changes }, context) {
    if (changes("description", "kmsKeyIdentifier", "deadLetterConfig", "logConfig"))
      await context.client(EventBridgeClient).send(new UpdateEventBusCommand({ Name: id, ...settings(inputs) }));
    if (changes("tags")) await updateTags(old.arn ?? "", old.tags, inputs.tags, context);
  },

  async delete(id, _state, context) {
    await context.client(EventBridgeClient).send(new DeleteEventBusCommand({ Name: id }));
  },
});

function settings(inputs: Inputs<typeof properties>) {
  const log = inputs.logConfig;
  return {
    Description: inputs.description,
    KmsKeyIdentifier: inputs.kmsKeyIdentifier,
    DeadLetterConfig: inputs.deadLetterConfig && { Arn: inputs.deadLetterConfig.arn },
    LogConfig: log && ({ IncludeDetail: log.includeDetail, Level: log.level } as LogConfig),
  };
}
