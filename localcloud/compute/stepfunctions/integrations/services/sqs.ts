// `sqs:sendMessage`. Source: "Send messages to an Amazon SQS queue with Step Functions".
import type { Integrations } from "../descriptor.js";
import { asText } from "../texts.js";

export const sqs: Integrations = {
  names: { client: "sqs", prefix: "SQS", label: "AmazonSQS", exception: "AmazonSQSException" },
  actions: {
    sendMessage: {
      operation: "SendMessage",
      takesToken: true,
      request: (parameters) => asText(parameters, "MessageBody"),
    },
  },
};
