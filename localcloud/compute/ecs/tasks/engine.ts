// Runs tasks: keeps what is under way, tells the bus and whoever listens what becomes of them.

import type { EventQueue } from "../../eventQueue.js";
import type { StopCode, Task } from "../model.js";
import { type TaskInput, TaskRun, type TaskWorld } from "../run/task.js";
import { type EcsRegion, forgetStopped } from "../store.js";
import { taskDetail } from "./view.js";

/** Grace for containers when the whole cloud ends, seconds: nobody waits for their answer any more. */
const CLOSING_GRACE_SECONDS = 2;

/** Told of every change of a task, its containers' health included. */
export type TaskListener = (region: EcsRegion, task: Task) => void;

export class TaskEngine {
  readonly #runs = new Map<Task, TaskRun>();
  readonly #listeners: TaskListener[] = [];

  constructor(
    private readonly world: TaskWorld,
    private readonly events: EventQueue,
  ) {}

  onChange(listener: TaskListener): void {
    this.#listeners.push(listener);
  }

  start(region: EcsRegion, task: Task, credentials: TaskInput["credentials"]): void {
    forgetStopped(region, this.world.clock.now());
    region.tasks.set(task.arn, task);
    this.#publish(task);
    const tell = () => {
      for (const listener of this.#listeners) listener(region, task);
    };
    const run = new TaskRun(this.world, {
      task,
      credentials,
      onChange: () => {
        this.#publish(task);
        tell();
      },
      onHealth: tell,
    });
    this.#runs.set(task, run);
    void run.done.then(() => this.#runs.delete(task));
  }

  /** Ends a task; one that has ended stays as it is. */
  stop(task: Task, code: StopCode, reason: string): void {
    this.#runs.get(task)?.stop(code, reason);
  }

  /** Stops every task; resolves when all are gone and all events were handed over. */
  async close(): Promise<void> {
    const runs = [...this.#runs.values()];
    for (const run of runs) run.stop("UserInitiated", "The cloud is closing", CLOSING_GRACE_SECONDS);
    await Promise.all(runs.map(({ done }) => done));
    await this.events.drained();
  }

  #publish(task: Task): void {
    const event = {
      source: "aws.ecs",
      detailType: "ECS Task State Change",
      detail: taskDetail(task, new Date(this.world.clock.now())),
      resources: [task.arn],
    };
    this.events.put(task, task.arn, event, `ecs: the ${task.lastStatus} event of task ${task.id}`);
  }
}
