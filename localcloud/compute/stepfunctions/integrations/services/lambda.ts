// `lambda:invoke`. Source: "Invoke an AWS Lambda function with Step Functions".
import type { Integrations } from "../descriptor.js";
import { functionError, LAMBDA, payloadText, readPayload } from "../function.js";

export const lambda: Integrations = {
  names: LAMBDA,
  actions: {
    invoke: {
      operation: "Invoke",
      takesToken: true,
      request: ({ Payload = null, ...parameters }) => ({
        ...parameters,
        ...(Payload === null ? {} : { Payload: JSON.stringify(Payload) }),
      }),
      response({ FunctionError, ...result }, { output }) {
        const payload = readPayload(payloadText(output));
        if (FunctionError !== undefined) throw functionError(payload, JSON.stringify(payload));
        return { ...result, Payload: payload };
      },
    },
  },
};
