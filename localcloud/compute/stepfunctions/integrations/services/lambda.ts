// `lambda:invoke`. Source: "Invoke an AWS Lambda function with Step Functions".
import type { Integrations } from "../descriptor.js";
import { functionError, LAMBDA, payload, payloadText, readPayload } from "../function.js";

export const lambda: Integrations = {
  names: LAMBDA,
  actions: {
    invoke: {
      operation: "Invoke",
      takesToken: true,
      request: ({ Payload = null, ...parameters }) => ({
        ...parameters,
        ...(Payload === null ? {} : { Payload: payload(Payload) }),
      }),
      response({ FunctionError, ...result }, { output }) {
        const returned = readPayload(payloadText(output));
        if (FunctionError !== undefined) throw functionError(returned, JSON.stringify(returned));
        return { ...result, Payload: returned };
      },
    },
  },
};
