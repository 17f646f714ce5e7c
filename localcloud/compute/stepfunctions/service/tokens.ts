// Task tokens and the queues of activities: tasks that someone outside completes.
import type { Reply } from "../interpreter/effects.js";
import { ApiError } from "./errors.js";

interface OpenTask {
  reply(reply: Reply): void;
}

interface Scheduled {
  token: string;
  input: string;
}

interface Poller {
  take(task: Scheduled | undefined): void;
  workerName: string | undefined;
}

/** So many tokens are known to have been closed; older ones are as unknown as those never given. */
const MOST_CLOSED = 10_000;

/** Tasks that wait for SendTaskSuccess or SendTaskFailure, and activities' tasks that wait for a worker. */
export class Tokens {
  private readonly open = new Map<string, OpenTask>();
  /** Tokens of tasks that have ended, by their holder or without; they answer TaskTimedOut. Source: SendTaskSuccess, API Reference. */
  private readonly closed = new Set<string>();
  private readonly queues = new Map<string, Scheduled[]>();
  private readonly pollers = new Map<string, Poller[]>();

  add(token: string, reply: (reply: Reply) => void): void {
    this.open.set(token, { reply });
  }

  /** The task has ended by itself: timed out, stopped, or given up. */
  expire(token: string): void {
    if (!this.close(token)) return;
    for (const queue of this.queues.values()) {
      const index = queue.findIndex((scheduled) => scheduled.token === token);
      if (index >= 0) queue.splice(index, 1);
    }
  }

  private close(token: string): boolean {
    if (!this.open.delete(token)) return false;
    this.closed.add(token);
    if (this.closed.size > MOST_CLOSED) this.closed.delete(this.closed.values().next().value as string);
    return true;
  }

  /** Completes a task. @throws ApiError InvalidToken, TaskDoesNotExist, TaskTimedOut */
  complete(token: string, reply: Reply): void {
    const task = this.find(token);
    this.close(token);
    task.reply(reply);
  }

  heartbeat(token: string): void {
    this.find(token).reply({ kind: "heartbeat" });
  }

  private find(token: string): OpenTask {
    const task = this.open.get(token);
    if (task) return task;
    if (this.closed.has(token))
      throw new ApiError("TaskTimedOut", "Task Timed Out: 'Provided task does not exist anymore'");
    throw new ApiError("InvalidToken", "Invalid Token: 'Invalid token'");
  }

  /** Offers an activity's task to the workers. */
  schedule(activityArn: string, task: Scheduled): void {
    const poller = this.pollers.get(activityArn)?.shift();
    if (poller) this.hand(task, poller);
    else this.queues.set(activityArn, [...(this.queues.get(activityArn) ?? []), task]);
  }

  private hand(task: Scheduled, poller: Poller): void {
    this.open.get(task.token)?.reply({
      kind: "started",
      ...(poller.workerName === undefined ? {} : { workerName: poller.workerName }),
    });
    poller.take(task);
  }

  /** The next task of an activity; undefined when none comes before `expire` is called. */
  poll(
    activityArn: string,
    workerName: string | undefined,
    onExpiry: (expire: () => void) => void,
  ): Promise<Scheduled | undefined> {
    return new Promise((take) => {
      const poller: Poller = { take, workerName };
      const task = this.queues.get(activityArn)?.shift();
      if (task) return this.hand(task, poller);
      const pollers = this.pollers.get(activityArn) ?? [];
      this.pollers.set(activityArn, pollers);
      pollers.push(poller);
      onExpiry(() => {
        const index = pollers.indexOf(poller);
        if (index < 0) return;
        pollers.splice(index, 1);
        take(undefined);
      });
    });
  }
}
