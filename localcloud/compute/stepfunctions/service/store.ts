// State machines, executions and activities by account and region.
import { invalidArn, labelledArn, noExecution, noStateMachine } from "./errors.js";
import type { Activity, Alias, Execution, MapRun, StateMachine, Version } from "./model.js";

/** One account in one region. */
export class Region {
  readonly machines = new Map<string, StateMachine>();
  readonly executions = new Map<string, Execution>();
  readonly mapRuns = new Map<string, MapRun>();
  readonly activities = new Map<string, Activity>();

  constructor(
    readonly account: string,
    readonly region: string,
  ) {}

  arn(...parts: string[]): string {
    return ["arn:aws:states", this.region, this.account, ...parts].join(":");
  }

  machine(arn: string): StateMachine {
    checkArn(arn, "stateMachine");
    const machine = this.machines.get(arn);
    if (!machine) throw noStateMachine(arn);
    return machine;
  }

  execution(arn: string): Execution {
    checkArn(arn, "execution", "express");
    const execution = this.executions.get(arn);
    if (!execution) throw noExecution(arn);
    return execution;
  }

  /** The machine, version or alias that an ARN names. @throws ApiError StateMachineDoesNotExist, InvalidArn */
  resolve(arn: string): { machine: StateMachine; version?: Version; alias?: Alias } {
    checkArn(arn, "stateMachine");
    const parts = arn.split(":");
    const machine = this.machines.get(parts.slice(0, 7).join(":"));
    if (!machine) throw noStateMachine(arn);
    const qualifier = parts[7];
    if (qualifier === undefined) return { machine };
    const version = /^\d+$/.test(qualifier) ? machine.versions.get(Number(qualifier)) : undefined;
    const alias = version ? undefined : machine.aliases.get(qualifier);
    if (!version && !alias) throw noStateMachine(arn);
    return { machine, ...(version ? { version } : {}), ...(alias ? { alias } : {}) };
  }
}

export class Store {
  private readonly regions = new Map<string, Region>();

  region(account: string, region: string): Region {
    const key = `${account}/${region}`;
    let found = this.regions.get(key);
    if (!found) {
      found = new Region(account, region);
      this.regions.set(key, found);
    }
    return found;
  }
}

/** @throws ApiError InvalidArn; ValidationException for the ARN of a Distributed Map in a state machine */
export function checkArn(arn: unknown, ...kinds: string[]): asserts arn is string {
  const parts = typeof arn === "string" ? arn.split(":") : [];
  const isRight =
    parts[0] === "arn" && parts[2] === "states" && kinds.includes(parts[5] ?? "") && (parts[6] ?? "") !== "";
  if (!isRight) throw invalidArn(String(arn));
  if (parts[5] === "stateMachine" && parts[6]?.includes("/")) throw labelledArn(String(arn));
}
