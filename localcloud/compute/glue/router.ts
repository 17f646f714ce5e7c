// The HTTP face of AWS Glue: awsJson1.1, the operation in X-Amz-Target. The Data Catalog's operations do not come here.
import { z } from "zod";
import { awsJsonAnswer, bodyOf, operationOf } from "../awsJson.js";
import type { ServiceRequest, ServiceResponse } from "../service.js";
import { GlueError, notSupported } from "./errors.js";
import * as crawlers from "./operations/crawlers.js";
import * as crawls from "./operations/crawls.js";
import * as jobs from "./operations/jobs.js";
import type { Operation, OperationWorld } from "./operations/operation.js";
import * as runs from "./operations/runs.js";
import * as triggers from "./operations/triggers.js";
import * as workflowRuns from "./operations/workflowRuns.js";
import * as workflows from "./operations/workflows.js";
import type { GlueStore } from "./store.js";

const OPERATIONS: Readonly<Record<string, Operation>> = {
  ...jobs.operations,
  ...runs.operations,
  ...crawlers.operations,
  ...crawls.operations,
  ...triggers.operations,
  ...workflows.operations,
  ...workflowRuns.operations,
};

/** Answers requests of the AWS Glue API. */
export class GlueRouter {
  constructor(
    private readonly store: GlueStore,
    private readonly world: OperationWorld,
  ) {}

  async handle(request: ServiceRequest): Promise<ServiceResponse> {
    try {
      const name = operationOf(request);
      const operation = OPERATIONS[name];
      if (!operation) throw notSupported(`The operation ${name}`, "see localcloud/compute/glue/README.md");
      const body = bodyOf(request);
      return awsJsonAnswer(200, await operation({ region: this.store.region(request), body, world: this.world }));
    } catch (error) {
      const { code, status, message } = asGlueError(error);
      return awsJsonAnswer(status, { __type: code, Message: message });
    }
  }
}

function asGlueError(error: unknown): GlueError {
  if (error instanceof GlueError) return error;
  if (error instanceof SyntaxError) return new GlueError("SerializationException", error.message);
  if (error instanceof z.ZodError) {
    const said = error.issues.map(({ path, message }) => `${path.join(".") || "request"}: ${message}`);
    return new GlueError("ValidationException", `${said.length} validation error(s) detected: ${said.join("; ")}`);
  }
  return new GlueError("InternalServiceException", (error as Error).message, 500);
}
