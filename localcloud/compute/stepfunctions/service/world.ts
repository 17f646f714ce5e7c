// What the service takes from outside, passed in so that tests replace it.
import type { SessionCredentials, TargetInvocation } from "../../service.js";
import type { TaskRunner } from "../integrations/integration.js";
import type { Chance } from "../language/intrinsic.js";
import type { ItemFiles } from "./itemReader.js";
import type { Execution } from "./model.js";
import type { Region } from "./store.js";

/** Calls `act` once after a time; the returned function calls it off. */
export interface Timers {
  nowMs(): number;
  after(milliseconds: number, act: () => void): () => void;
}

/** Told of what happens, for events, metrics and logs. */
export interface Observer {
  executionChanged(execution: Execution, region: Region): void;
  /** The history has grown from `from` on. */
  recorded(execution: Execution, region: Region, from: number): void;
  /** Resolves when all that was told has been handed on. */
  drained(): Promise<void>;
}

export interface ServiceWorld {
  timers: Timers;
  chance: Chance;
  tasks: TaskRunner;
  /** S3 as a role's session sees it. */
  files(region: Region, credentials: () => Promise<SessionCredentials>): ItemFiles;
  /** A session of a role for `states.amazonaws.com`. Rejects when the role does not trust it. */
  assumeRole(region: Region, roleArn: string, executionArn: string): Promise<SessionCredentials>;
  /** Starts an execution for a rule or a schedule, acting as the target's role so that IAM decides. */
  startAsTarget(invocation: TargetInvocation): Promise<void>;
  observer: Observer;
  log(message: string): void;
}
