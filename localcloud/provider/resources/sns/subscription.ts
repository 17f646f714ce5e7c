// aws:sns/topicSubscription:TopicSubscription. Its id is its ARN.
import {
  GetSubscriptionAttributesCommand,
  SetSubscriptionAttributesCommand,
  SNSClient,
  SubscribeCommand,
  UnsubscribeCommand,
} from "@aws-sdk/client-sns";
import { resource } from "../../descriptor.js";
import { hasCode } from "../../errors.js";
import { flag, json, number, output, type State, text } from "../../properties.js";
import { type AttributeNames, givenAttributes, stateOf, toAttribute } from "./attributes.js";

const properties = {
  topic: text({ required: true, replace: true }),
  protocol: text({
    required: true,
    replace: true,
    values: ["http", "https", "email", "email-json", "sms", "sqs", "application", "lambda", "firehose"],
  }),
  endpoint: text({ required: true, replace: true }),
  confirmationTimeoutInMinutes: number({ default: 1, unread: true, min: 1 }),
  endpointAutoConfirms: flag({ default: false, unread: true }),
  deliveryPolicy: json(),
  filterPolicy: json(),
  filterPolicyScope: text({ computed: true, values: ["MessageAttributes", "MessageBody"] }),
  rawMessageDelivery: flag({ default: false }),
  redrivePolicy: json(),
  replayPolicy: json(),
  subscriptionRoleArn: text(),
  arn: output(text()),
  confirmationWasAuthenticated: output(flag()),
  ownerId: output(text()),
  pendingConfirmation: output(flag()),
};

const ATTRIBUTES: AttributeNames = {
  deliveryPolicy: "DeliveryPolicy",
  // The scope says how the filter is read, so it goes first.
  filterPolicyScope: "FilterPolicyScope",
  filterPolicy: "FilterPolicy",
  rawMessageDelivery: "RawMessageDelivery",
  redrivePolicy: "RedrivePolicy",
  replayPolicy: "ReplayPolicy",
  subscriptionRoleArn: "SubscriptionRoleArn",
};

export const topicSubscription = resource({
  type: "aws:sns/topicSubscription:TopicSubscription",
  properties,
  identity: ["topic", "protocol", "endpoint"],

  async create(inputs, context) {
    const { SubscriptionArn: arn } = await context.client(SNSClient).send(
      new SubscribeCommand({
        TopicArn: inputs.topic,
        Protocol: inputs.protocol,
        Endpoint: inputs.endpoint,
        Attributes: givenAttributes(ATTRIBUTES, inputs),
        ReturnSubscriptionArn: true,
      }),
    );
    const id = arn as string;
    context.created(id);
    if (inputs.endpointAutoConfirms)
      await context.waitFor(
        `${inputs.endpoint} to confirm its subscription`,
        async () => {
          const { Attributes } = await context
            .client(SNSClient)
            .send(new GetSubscriptionAttributesCommand({ SubscriptionArn: id }));
          return Attributes?.PendingConfirmation === "true" ? undefined : true;
        },
        inputs.confirmationTimeoutInMinutes * 60,
      );
    return id;
  },

  async read(id, context) {
    const found = await context.client(SNSClient).send(new GetSubscriptionAttributesCommand({ SubscriptionArn: id }));
    const attributes = found.Attributes ?? {};
    return {
      ...(stateOf(ATTRIBUTES, properties, attributes) as State<typeof properties>),
      topic: attributes.TopicArn,
      protocol: attributes.Protocol,
      endpoint: attributes.Endpoint,
      arn: id,
      confirmationWasAuthenticated: attributes.ConfirmationWasAuthenticated === "true",
      ownerId: attributes.Owner,
      pendingConfirmation: attributes.PendingConfirmation === "true",
    };
  },

  async update({ id, inputs, changes }, context) {
    const values: Record<string, unknown> = inputs;
    for (const [name, AttributeName] of Object.entries(ATTRIBUTES)) {
      if (!changes(name as keyof typeof properties)) continue;
      // A filter is taken away by an empty document, a policy by nothing.
      const AttributeValue = toAttribute(values[name] ?? (name === "filterPolicy" ? "{}" : undefined));
      await context
        .client(SNSClient)
        .send(new SetSubscriptionAttributesCommand({ SubscriptionArn: id, AttributeName, AttributeValue }));
    }
  },

  async delete(id, _, context) {
    try {
      await context.client(SNSClient).send(new UnsubscribeCommand({ SubscriptionArn: id }));
    } catch (error) {
      // "Pending subscriptions cannot be deleted": SNS forgets them after 48 hours, or with their topic.
      if (!hasCode(error, ["InvalidParameterException", "InvalidParameter"], /pending confirmation/i)) throw error;
    }
  },
});
