// `sqs:sendMessage`. Source: "Send messages to an Amazon SQS queue with Step Functions".
import { StatesError } from "../../language/errors.js";
import type { Integrations } from "../descriptor.js";
import { asText } from "../texts.js";

/** Hosts of queue URLs that lead to the local cloud: its own, and those that AWS gives queues. */
const OWN_HOSTS = /^(localhost|127(\.\d+){3}|\[::1\]|.+\.localhost(\.\w+)*|.+\.amazonaws\.com(\.cn)?)$/;

/** A queue's URL says where to connect to; from the local cloud there is nothing else to be reached. */
function checkHost(url: unknown): void {
  if (typeof url !== "string" || !URL.canParse(url)) return;
  const { hostname } = new URL(url);
  if (!OWN_HOSTS.test(hostname))
    throw new StatesError(
      "SQS.SdkClientException",
      `Unable to execute HTTP request: ${hostname}: Name or service not known`,
    );
}

export const sqs: Integrations = {
  names: { sdk: "sqs", prefix: "SQS", label: "AmazonSQS", exception: "AmazonSQSException" },
  actions: {
    sendMessage: {
      operation: "SendMessage",
      takesToken: true,
      request(parameters) {
        checkHost(parameters.QueueUrl);
        return asText(parameters, "MessageBody");
      },
    },
  },
};
