// `ecs:runTask`. Source: "Run Amazon ECS or Fargate tasks with Step Functions".
import { StatesError } from "../../language/errors.js";
import type { Json, JsonObject } from "../../language/json.js";
import type { Begun, Ending, Integrations } from "../descriptor.js";

const startedTask = ({ submitted }: Begun): JsonObject => (submitted.Tasks as JsonObject[])[0] as JsonObject;

/** A task has succeeded when its containers ended by themselves, all with 0. */
async function stopped(begun: Begun): Promise<Ending> {
  const { TaskArn = "", ClusterArn = "" } = startedTask(begun);
  const { Tasks } = await begun.ask("DescribeTasks", { Cluster: ClusterArn, Tasks: [TaskArn] });
  const task = ((Tasks ?? []) as JsonObject[])[0] ?? startedTask(begun);
  const containers = (task.Containers ?? []) as JsonObject[];
  const isGood = task.StopCode === "EssentialContainerExited" && containers.every(({ ExitCode }) => ExitCode === 0);
  return isGood ? { succeeded: task } : { failed: task };
}

export const ecs: Integrations = {
  names: { sdk: "ecs", prefix: "ECS", label: "AmazonECS", exception: "AmazonECSException" },
  actions: {
    runTask: {
      operation: "RunTask",
      takesToken: true,
      request: (parameters) => ({ StartedBy: "AWS Step Functions", ...parameters }),
      response(result, { pattern }) {
        // A plain request succeeds whatever became of its tasks.
        if (pattern !== "requestResponse" && (result.Failures as Json[] | undefined)?.length)
          throw new StatesError("AmazonECS.Unknown", JSON.stringify(result));
        return result;
      },
      completion: {
        detailTypes: ["ECS Task State Change"],
        managedRule: "StepFunctionsGetEventsForECSTaskRule",
        ending: ({ taskArn, lastStatus }, begun) =>
          taskArn === startedTask(begun).TaskArn && lastStatus === "STOPPED" ? stopped(begun) : undefined,
        cancel(begun) {
          const { TaskArn = "", ClusterArn = "" } = startedTask(begun);
          const Reason = "Step Functions execution was stopped";
          return { operation: "StopTask", input: { Cluster: ClusterArn, Task: TaskArn, Reason } };
        },
      },
    },
  },
};
