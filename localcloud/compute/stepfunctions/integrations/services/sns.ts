// `sns:publish`. Source: "Publish messages to Amazon SNS topic with Step Functions".
import type { Integrations } from "../descriptor.js";
import { asText } from "../texts.js";

export const sns: Integrations = {
  names: { sdk: "sns", prefix: "SNS", label: "AmazonSNS", exception: "AmazonSNSException" },
  actions: {
    publish: { operation: "Publish", takesToken: true, request: (parameters) => asText(parameters, "Message") },
  },
};
