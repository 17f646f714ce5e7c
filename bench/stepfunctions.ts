// Step Functions: how fast states follow each other, how soon an execution begins, what waiting costs.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CreateRoleCommand, IAMClient } from "@aws-sdk/client-iam";
import {
  CreateStateMachineCommand,
  DescribeExecutionCommand,
  GetExecutionHistoryCommand,
  SFNClient,
  StartExecutionCommand,
} from "@aws-sdk/client-sfn";
import type { Definition } from "../localcloud/compute/stepfunctions/definition/types.js";
import { Payload } from "../localcloud/compute/stepfunctions/interpreter/payload.js";
import { Run } from "../localcloud/compute/stepfunctions/interpreter/run.js";
import { startCloud } from "../localcloud/server/cloud.js";
import { processTree } from "../tests/localcloud/server/process-tree.js";
import { cpuSeconds, residentMiB } from "./processes.js";
import { median, timed } from "./statistics.js";

export interface StepFunctionsFigures {
  /** State transitions a second of the interpreter on one core: Pass with a template, Choice, Pass with a ResultPath, in turn. */
  transitionsPerSecond: number;
  /** State transitions a second of one execution in the cloud, with its history kept. */
  servedPerSecond: number;
  /** StartExecution as a client sees it, one after the other; median. */
  startMs: number;
  /** From an execution's start to the entry of its first state, as its history has them; median. */
  firstStateMs: number;
  /** Executions that wait at once. */
  waiting: number;
  /** What they add to the resident memory of the cloud's processes. */
  waitingMiB: number;
  /** CPU time of the cloud while they wait, per cent of one core. */
  idleCpuPercent: number;
}

const STARTS = 200;
const WAITING = 1000;
/** States of an execution that stays below 25,000 events. */
const SERVED_STATES = 12_000;

export async function stepFunctionsFigures(idleSeconds = 20): Promise<StepFunctionsFigures> {
  const transitionsPerSecond = await interpreted();
  const folder = mkdtempSync(join(tmpdir(), "crucible-bench-"));
  const cloud = await startCloud({ dataDir: folder, lifetime: "parent" });
  try {
    const config = {
      endpoint: cloud.endpoint,
      region: "eu-central-1",
      credentials: { accessKeyId: "123456789012", secretAccessKey: "bench" },
    };
    const sfn = new SFNClient(config);
    const trust = { Effect: "Allow", Principal: { Service: "states.amazonaws.com" }, Action: "sts:AssumeRole" };
    const { Role } = await new IAMClient(config).send(
      new CreateRoleCommand({ RoleName: "bench", AssumeRolePolicyDocument: JSON.stringify({ Statement: [trust] }) }),
    );
    const create = async (name: string, definition: object) => {
      const request = { name, roleArn: Role?.Arn, definition: JSON.stringify(definition) };
      return (await sfn.send(new CreateStateMachineCommand(request))).stateMachineArn;
    };
    const start = async (stateMachineArn: string | undefined) =>
      (await sfn.send(new StartExecutionCommand({ stateMachineArn }))).executionArn;

    const long = await create("long", chain(1000, SERVED_STATES / 1000));
    const served = await ended(sfn, await start(long));

    const short = await create("short", { StartAt: "A", States: { A: { Type: "Pass", End: true } } });
    const starts: number[] = [];
    const firsts: number[] = [];
    for (let count = 0; count < STARTS; count += 1) {
      let executionArn: string | undefined;
      starts.push(
        await timed(async () => {
          executionArn = await start(short);
        }),
      );
      const { startDate } = await ended(sfn, executionArn).then(({ execution }) => execution);
      const { events } = await sfn.send(new GetExecutionHistoryCommand({ executionArn }));
      firsts.push((events?.[1]?.timestamp?.getTime() ?? Number.NaN) - (startDate?.getTime() ?? Number.NaN));
    }

    const wait = await create("wait", { StartAt: "W", States: { W: { Type: "Wait", Seconds: 86_400, End: true } } });
    await start(wait);
    await settled();
    const before = residentMiB(processTree(cloud.pid));
    for (let count = 0; count < WAITING; count += 20) await Promise.all(Array.from({ length: 20 }, () => start(wait)));
    await settled();
    const waitingMiB = residentMiB(processTree(cloud.pid)) - before;
    const used = cpuSeconds(processTree(cloud.pid));
    await new Promise((resolve) => setTimeout(resolve, idleSeconds * 1000));
    const idleCpuPercent = ((cpuSeconds(processTree(cloud.pid)) - used) / idleSeconds) * 100;
    return {
      transitionsPerSecond,
      servedPerSecond: SERVED_STATES / (served.milliseconds / 1000),
      startMs: median(starts),
      firstStateMs: median(firsts),
      waiting: WAITING,
      waitingMiB,
      idleCpuPercent,
    };
  } finally {
    await cloud.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What is told of executions has been delivered by then, and modules have been loaded. */
const settled = () => new Promise((resolve) => setTimeout(resolve, 3000));

async function ended(sfn: SFNClient, executionArn: string | undefined) {
  for (;;) {
    const execution = await sfn.send(new DescribeExecutionCommand({ executionArn }));
    const { status, cause, startDate, stopDate } = execution;
    if (status === "SUCCEEDED")
      return { execution, milliseconds: (stopDate?.getTime() ?? 0) - (startDate?.getTime() ?? 0) };
    if (status !== "RUNNING") throw new Error(`${executionArn} ended with ${status}: ${cause}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** `states` Pass states, gone through `rounds` times. */
function chain(states: number, rounds: number): object {
  const pass = (index: number) => ({ Type: "Pass", Next: index < states ? `S${index + 1}` : "Again" });
  return {
    QueryLanguage: "JSONata",
    StartAt: "S1",
    States: {
      ...Object.fromEntries(Array.from({ length: states }, (_, index) => [`S${index + 1}`, pass(index + 1)])),
      S1: { Type: "Pass", Assign: { turn: "{% $exists($turn) ? $turn + 1 : 1 %}" }, Next: "S2" },
      Again: { Type: "Choice", Choices: [{ Condition: `{% $turn < ${rounds} %}`, Next: "S1" }], Default: "End" },
      End: { Type: "Succeed" },
    },
  };
}

/** The interpreter by itself, for three seconds. */
async function interpreted(): Promise<number> {
  const States: Record<string, object> = {};
  const length = 900;
  for (let index = 0; index < length; index += 3) {
    const template = { "x.$": "$.a", y: { "z.$": "States.Format('{}-{}', $.a, 3)" } };
    States[`S${index}`] = { Type: "Pass", Parameters: template, ResultPath: "$.r", Next: `S${index + 1}` };
    const Choices = [{ Variable: "$.a", NumericEquals: 1, Next: `S${index + 2}` }];
    States[`S${index + 1}`] = { Type: "Choice", Choices, Default: `S${index + 2}` };
    const last = index + 3 >= length ? { End: true } : { Next: `S${index + 3}` };
    States[`S${index + 2}`] = { Type: "Pass", Result: { b: 1 }, ResultPath: "$.q", ...last };
  }
  const definition = { StartAt: "S0", States } as unknown as Definition;
  const begin = performance.now();
  let transitions = 0;
  while (performance.now() - begin < 3000) {
    const run = new Run({
      definition,
      input: Payload.of({ a: 1 }),
      context: { Execution: {}, StateMachine: {} },
      region: "eu-central-1",
      roleArn: "",
      chance: { random: Math.random, uuid: () => "" },
      newMapRunArn: () => "",
    });
    await run.begin(0);
    transitions += length;
  }
  return transitions / ((performance.now() - begin) / 1000);
}
