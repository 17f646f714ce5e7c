// In which order a task's containers start and stop: "Container dependency", Amazon ECS Developer Guide.
import type { ContainerDependency } from "@aws-sdk/client-ecs";
import type { TaskContainer } from "../model.js";

/** Whether a container may start now; `unmet` when what it waits for cannot come any more, with the agent's words. */
export type Readiness = "ready" | "waiting" | { readonly unmet: string };

/** @param now milliseconds of the epoch, for dependencies with a startTimeout */
export function readiness({ definition }: TaskContainer, containers: readonly TaskContainer[], now: number): Readiness {
  const each = (definition.dependsOn ?? []).map((dependency) => {
    const needed = containers.find((container) => container.definition.name === dependency.containerName);
    return needed ? met(dependency, needed, definition.name, now) : "ready";
  });
  return each.find((one) => typeof one === "object") ?? (each.includes("waiting") ? "waiting" : "ready");
}

function met({ condition }: ContainerDependency, needed: TaskContainer, target: string, now: number): Readiness {
  const name = needed.definition.name;
  const failed = (why: string): Readiness => ({
    unmet: `CannotStartContainerError: dependency graph: ${why}`,
  });
  const unresolved = (why: string) =>
    failed(`failed to resolve container ordering dependency [${name}] for target [${target}] as dependency ${why}`);
  const isStopped = needed.lastStatus === "STOPPED";
  switch (condition) {
    case "START":
      if (needed.startedAt) return "ready";
      return isStopped ? unresolved("did not start.") : "waiting";
    case "COMPLETE":
      if (isStopped) return "ready";
      break;
    case "SUCCESS":
      if (isStopped) return needed.exitCode === 0 ? "ready" : unresolved("did not exit successfully.");
      break;
    default:
      if (isStopped) return unresolved("has exited.");
      if (needed.healthStatus === "HEALTHY") return "ready";
  }
  const { startTimeout } = needed.definition;
  const since = needed.startedAt?.getTime();
  if (startTimeout && since !== undefined && now - since >= startTimeout * 1000)
    return failed(`container ordering dependency [${name}] for target [${target}] has timed out.`);
  return "waiting";
}

/** Containers in the order in which they are stopped: those that others depend on after these; what is in one group stops at once. */
export function stopOrder(containers: readonly TaskContainer[]): TaskContainer[][] {
  const waves: TaskContainer[][] = [];
  let left = [...containers];
  while (left.length > 0) {
    const needed = new Set(left.flatMap(({ definition }) => definition.dependsOn?.map((each) => each.containerName)));
    const wave = left.filter(({ definition }) => !needed.has(definition.name));
    // The definition's dependencies have no cycle, so somebody is needed by nobody.
    if (wave.length === 0) return [...waves, left];
    waves.push(wave);
    left = left.filter((container) => !wave.includes(container));
  }
  return waves;
}
