// `events:putEvents`. Source: "Add EventBridge events with Step Functions".
import { StatesError } from "../../language/errors.js";
import { isObject, type Json } from "../../language/json.js";
import type { Integrations } from "../descriptor.js";
import { asText } from "../texts.js";

export const events: Integrations = {
  names: {
    sdk: "eventbridge",
    prefix: "EventBridge",
    label: "AmazonEventBridge",
    exception: "AmazonEventBridgeException",
  },
  actions: {
    putEvents: {
      operation: "PutEvents",
      takesToken: true,
      request(parameters, { call: { executionArn, stateMachineArn } }) {
        const entries = Array.isArray(parameters.Entries) ? parameters.Entries : [];
        // Every event names the execution and the state machine that it comes from.
        const entry = (given: Json): Json => {
          if (!isObject(given)) return given;
          const resources = Array.isArray(given.Resources) ? given.Resources : [];
          return { ...asText(given, "Detail"), Resources: [...resources, executionArn, stateMachineArn] };
        };
        return { ...parameters, Entries: entries.map(entry) };
      },
      response(result) {
        if (result.FailedEntryCount !== 0) throw new StatesError("EventBridge.FailedEntry", JSON.stringify(result));
        return result;
      },
    },
  },
};
