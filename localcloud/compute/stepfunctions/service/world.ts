// What the service takes from outside, passed in so that tests replace it.
import type { Clock } from "../../clock.js";
import type { SessionCredentials, TargetInvocation } from "../../service.js";
import type { TaskRunner } from "../integrations/integration.js";
import type { Chance } from "../language/intrinsic.js";
import type { ItemFiles } from "./itemReader.js";
import type { Execution, StateMachine } from "./model.js";
import type { Region } from "./store.js";

/** Told of what happens, for events, metrics and logs. */
export interface Observer {
  executionChanged(execution: Execution, region: Region): void;
  /** Map Runs of the region have begun or ended. */
  mapRunsChanged(region: Region): void;
  /** The machine has other versions or aliases. */
  machineChanged(machine: StateMachine, region: Region): void;
  /** The region has other machines or activities. */
  resourcesChanged(region: Region): void;
  /** The history has grown from `from` on. */
  recorded(execution: Execution, region: Region, from: number): void;
  /** Resolves when all that was told has been handed on. */
  drained(): Promise<void>;
}

/** Sessions of roles, shared by a state machine's executions for as long as they are good. */
export interface Sessions {
  /**
   * A session of a state machine's role, or of the role of a task's `Credentials`, assumed with the machine's own session.
   * Rejects when it cannot be assumed; for the machine's role with RoleRefused.
   */
  of(region: Region, stateMachineArn: string, roleArn: string, taskRoleArn?: string): Promise<SessionCredentials>;
  /** Whether the machine's role may do these actions on the resource. Rejects as `of` does. */
  permit(
    region: Region,
    stateMachineArn: string,
    roleArn: string,
    actions: readonly string[],
    resource: string,
  ): Promise<boolean>;
  /** The machine has changed or is gone: the next session is a new one. */
  forget(stateMachineArn: string): void;
}

/** What a role allows a Distributed Map to do with its child executions. */
export interface ChildPermissions {
  /** Rejects with AccessDeniedException when executions of the state machine may not be started. */
  mayStart(stateMachineArn: string): Promise<void>;
  /** Rejects with AccessDeniedException when the child may not be redriven. */
  mayRedrive(executionArn: string): Promise<void>;
}

export interface ServiceWorld {
  clock: Clock;
  chance: Chance;
  tasks: TaskRunner;
  /** S3 as a role's session sees it. */
  files(region: Region, credentials: () => Promise<SessionCredentials>): ItemFiles;
  /** What a role's session may do with child executions. */
  permissions(region: Region, credentials: () => Promise<SessionCredentials>): ChildPermissions;
  sessions: Sessions;
  /** Starts an execution for a rule or a schedule, acting as the target's role so that IAM decides. */
  startAsTarget(invocation: TargetInvocation): Promise<void>;
  observer: Observer;
  log(message: string): void;
}
