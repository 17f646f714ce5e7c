// What the tests of the service share: an account of a real local cloud with a role that state machines may use.
import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import {
  CreateStateMachineCommand,
  type CreateStateMachineCommandInput,
  DescribeExecutionCommand,
  type DescribeExecutionCommandOutput,
  type HistoryEvent,
  paginateGetExecutionHistory,
  SFNClient,
  StartExecutionCommand,
} from "@aws-sdk/client-sfn";
import type { Cloud } from "../../../../../localcloud/server/cloud.js";
import { clientConfig, freshAccount, testCloud } from "../../../../support/cloud.js";

export const REGION = "eu-central-1";

export interface Statement {
  Action: string | string[];
  Resource: string | string[];
  Effect?: "Allow" | "Deny";
  Condition?: object;
}

export interface StatesAccount {
  readonly cloud: Cloud;
  readonly account: string;
  readonly sfn: SFNClient;
  /** A role that `states.amazonaws.com` may assume and that allows nothing. */
  readonly roleArn: string;
  config(): ReturnType<typeof clientConfig>;
  /** Creates a role that the service may assume; returns its ARN. */
  role(name: string, service: string, allow?: Statement[]): Promise<string>;
  /** A Step Functions client that acts as a user's role with these permissions. */
  as(name: string, allow: Statement[]): Promise<SFNClient>;
  /** Creates a state machine and returns its ARN. */
  create(definition: object, more?: Partial<CreateStateMachineCommandInput>): Promise<string>;
  start(stateMachineArn: string, input?: unknown, name?: string): Promise<string>;
  /** The execution once it has ended. */
  ended(executionArn: string): Promise<DescribeExecutionCommandOutput>;
  history(executionArn: string): Promise<HistoryEvent[]>;
  /** Creates a machine, runs it once and returns how that ended. */
  run(definition: object, input?: unknown): Promise<DescribeExecutionCommandOutput & { machineArn: string }>;
}

/** Asks until the answer satisfies; a test's timeout ends what never does. */
export async function eventually<T>(ask: () => Promise<T | undefined>, everyMillis = 15): Promise<T> {
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    await new Promise((resolve) => setTimeout(resolve, everyMillis));
  }
}

export async function statesAccount(): Promise<StatesAccount> {
  const cloud = await testCloud();
  const account = freshAccount();
  const config = () => clientConfig(cloud, account, REGION);
  const iam = new IAMClient(config());
  // The prefix `sync-` of StartSyncExecution's host is for DNS names; this endpoint is an address.
  const sfn = new SFNClient({ ...config(), disableHostPrefix: true });
  let machines = 0;

  const role: StatesAccount["role"] = async (RoleName, Service, allow = []) => {
    const trust = [{ Effect: "Allow", Principal: { Service }, Action: "sts:AssumeRole" }];
    const { Role } = await iam.send(
      new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: JSON.stringify({ Statement: trust }) }),
    );
    const statements = allow.map((statement) => ({ Effect: "Allow", ...statement }));
    if (allow.length > 0)
      await iam.send(
        new PutRolePolicyCommand({
          RoleName,
          PolicyName: "inline",
          PolicyDocument: JSON.stringify({ Version: "2012-10-17", Statement: statements }),
        }),
      );
    return Role?.Arn ?? "";
  };
  const roleArn = await role("states", "states.amazonaws.com");
  const found: StatesAccount = {
    cloud,
    account,
    sfn,
    roleArn,
    config,
    role,
    async as(name, allow) {
      const arn = await role(name, "ecs-tasks.amazonaws.com", allow);
      const answer = await fetch(`${cloud.endpoint}/_crucible/session`, {
        method: "POST",
        headers: { "x-crucible-token": cloud.token },
        body: JSON.stringify({
          account,
          region: REGION,
          roleArn: arn,
          sessionName: name,
          service: "ecs-tasks.amazonaws.com",
        }),
      });
      const { accessKeyId, secretAccessKey, sessionToken } = (await answer.json()) as Record<string, string>;
      const credentials = { accessKeyId: accessKeyId ?? "", secretAccessKey: secretAccessKey ?? "", sessionToken };
      return new SFNClient({ ...config(), credentials, disableHostPrefix: true });
    },
    async create(definition, more = {}) {
      machines += 1;
      const { stateMachineArn = "" } = await sfn.send(
        new CreateStateMachineCommand({
          name: `machine-${machines}`,
          roleArn,
          definition: JSON.stringify(definition),
          ...more,
        }),
      );
      return stateMachineArn;
    },
    async start(stateMachineArn, input = {}, name) {
      const { executionArn = "" } = await sfn.send(
        new StartExecutionCommand({ stateMachineArn, input: JSON.stringify(input), name }),
      );
      return executionArn;
    },
    ended: (executionArn) =>
      eventually(async () => {
        const execution = await sfn.send(new DescribeExecutionCommand({ executionArn }));
        return execution.status === "RUNNING" ? undefined : execution;
      }),
    async history(executionArn) {
      const events: HistoryEvent[] = [];
      for await (const page of paginateGetExecutionHistory({ client: sfn }, { executionArn }))
        events.push(...(page.events ?? []));
      return events;
    },
    async run(definition, input) {
      const machineArn = await found.create(definition);
      const execution = await found.ended(await found.start(machineArn, input));
      return { ...execution, machineArn };
    },
  };
  return found;
}

/** A machine of one state that passes its input on. */
export const PASS = { StartAt: "Pass", States: { Pass: { Type: "Pass", End: true } } };
/** A machine that waits until it is stopped. */
export const WAIT = { StartAt: "Wait", States: { Wait: { Type: "Wait", Seconds: 86_400, End: true } } };
