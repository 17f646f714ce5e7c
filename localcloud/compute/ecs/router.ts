// The HTTP face of Amazon ECS: awsJson1.1, the operation in X-Amz-Target.
import { awsJsonAnswer, bodyOf, operationOf } from "../awsJson.js";
import type { ServiceRequest, ServiceResponse } from "../service.js";
import { EcsError, notSupported } from "./errors.js";
import * as accountSettings from "./operations/accountSettings.js";
import * as capacityProviders from "./operations/capacityProviders.js";
import * as clusters from "./operations/clusters.js";
import * as containerInstances from "./operations/containerInstances.js";
import type { Operations, OperationWorld } from "./operations/operation.js";
import * as runTask from "./operations/runTask.js";
import * as services from "./operations/services.js";
import * as tags from "./operations/tags.js";
import * as taskDefinitions from "./operations/taskDefinitions.js";
import * as tasks from "./operations/tasks.js";
import type { EcsStore } from "./store.js";

const OPERATIONS: Operations = {
  ...clusters.operations,
  ...capacityProviders.operations,
  ...taskDefinitions.operations,
  ...runTask.operations,
  ...tasks.operations,
  ...services.operations,
  ...containerInstances.operations,
  ...tags.operations,
  ...accountSettings.operations,
};

/** Answers requests of the Amazon ECS API. */
export class EcsRouter {
  constructor(
    private readonly store: EcsStore,
    private readonly world: OperationWorld,
  ) {}

  async handle(request: ServiceRequest): Promise<ServiceResponse> {
    try {
      const name = operationOf(request);
      const operation = OPERATIONS[name];
      if (!operation) throw notSupported(`The operation ${name}`, "see localcloud/compute/ecs/README.md");
      const body = bodyOf(request);
      const { principalArn } = request;
      const call = { region: this.store.region(request), principalArn, body, world: this.world };
      return awsJsonAnswer(200, await operation(call));
    } catch (error) {
      const { code, status, message } = asEcsError(error);
      return awsJsonAnswer(status, { __type: code, message });
    }
  }
}

function asEcsError(error: unknown): EcsError {
  if (error instanceof EcsError) return error;
  if (error instanceof SyntaxError) return new EcsError("SerializationException", error.message);
  return new EcsError("ServerException", (error as Error).message, 500);
}
