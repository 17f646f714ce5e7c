// Step Functions of the local cloud, put together: store, executions under way, API, target of rules and schedules.
import type { ComputeService } from "../../service.js";
import type { JsonObject } from "../language/json.js";
import { Conductor } from "./conductor.js";
import { effectHandler, exportResults } from "./effects.js";
import type { Starter } from "./executions.js";
import type { Execution, MapRun } from "./model.js";
import { Router } from "./router.js";
import { type Region, Store } from "./store.js";
import { Tokens } from "./tokens.js";
import type { ServiceWorld } from "./world.js";

export interface StepFunctions extends ComputeService {
  readonly name: "states";
}

/** Step Functions for all accounts and regions. */
export function createStepFunctions(world: ServiceWorld): StepFunctions {
  const store = new Store();
  const tokens = new Tokens();
  const conductors = new Map<Execution, Conductor>();
  const exports = new Set<Promise<void>>();
  let isClosing = false;

  const starter: Starter = {
    now: () => new Date(world.clock.now()),
    random: () => world.chance.random(),
    start: (region, execution) => conduct(region, execution),
    stop: (execution, error, cause) => conductors.get(execution)?.stop(error, cause),
    redrive(region, execution, mapContext) {
      execution.redriveCount += 1;
      execution.redrivenAt = starter.now();
      execution.status = "RUNNING";
      delete execution.error;
      delete execution.cause;
      delete execution.stoppedAt;
      execution.ended = new Promise((resolve) => {
        execution.end = resolve;
      });
      conduct(region, execution, mapContext);
    },
    updateMapRun: (region, run, changes) =>
      conductors.get(region.execution(run.executionArn))?.updateMapRun(run.arn, changes),
  };

  function conduct(region: Region, execution: Execution, mapContext?: JsonObject): void {
    const begin = effectHandler({ region, execution, world, tokens, starter, conduct });
    const conductor = new Conductor(
      execution,
      region.region,
      {
        clock: world.clock,
        chance: world.chance,
        begin,
        newMapRunArn: (label) => region.arn("mapRun", `${execution.machine.name}/${label}`, world.chance.uuid()),
        onEvents: (from) => world.observer.recorded(execution, region, from),
        onEnd: () => end(region, execution),
        log: world.log,
      },
      mapContext,
    );
    conductors.set(execution, conductor);
    world.observer.executionChanged(execution, region);
    conductor.start();
  }

  function end(region: Region, execution: Execution): void {
    conductors.delete(execution);
    for (const run of execution.mapRuns)
      if (run.status === "RUNNING") {
        run.status = "ABORTED";
        run.stoppedAt = starter.now();
        if (!isClosing) world.observer.mapRunsChanged(region);
        if (run.writer?.resource !== undefined && !isClosing) exportAborted(region, execution, run);
      }
    // Nothing but a Map Run shows an Express execution that has ended.
    if (execution.machine.type === "EXPRESS" && execution.mapRunArn === undefined)
      region.executions.delete(execution.arn);
    if (!isClosing) world.observer.executionChanged(execution, region);
    execution.end();
  }

  /** A Map Run that ends with its execution still exports what became of its children. */
  function exportAborted(region: Region, execution: Execution, run: MapRun): void {
    const written = exportResults({ region, execution, world, starter }, run).then(
      () => undefined,
      (error: Error) => world.log(`states: the results of ${run.arn} were not written: ${error.message}`),
    );
    exports.add(written);
    void written.then(() => exports.delete(written));
  }

  const router = new Router(store, { starter, tokens, world });

  return {
    name: "states",
    handle: (request) => router.handle(request),
    invokeTarget: (invocation) => world.startAsTarget(invocation),
    async close() {
      isClosing = true;
      const running = [...conductors.keys()];
      for (const execution of running) starter.stop(execution, "States.Runtime", "The local cloud was stopped.");
      await Promise.all(running.map(({ ended }) => ended));
      await Promise.all(exports);
      await world.observer.drained();
    },
  };
}
