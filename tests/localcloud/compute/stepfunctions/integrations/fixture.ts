// The integrations on a real cloud: ministack with the bridge, Batch and Step Functions of the compute plane in this process, so that containers are the test's.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import { CreateFunctionCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { createBatchService } from "../../../../../localcloud/compute/batch/service.js";
import { computeContext } from "../../../../../localcloud/compute/context.js";
import { EventTap } from "../../../../../localcloud/compute/eventTap.js";
import { ProcessExecutor } from "../../../../../localcloud/compute/executors/process.js";
import { FunctionHost } from "../../../../../localcloud/compute/lambda/host.js";
import { openComputePlane } from "../../../../../localcloud/compute/plane.js";
import { createStepFunctionsService } from "../../../../../localcloud/compute/stepfunctions/create.js";
import { createTaskRunner } from "../../../../../localcloud/compute/stepfunctions/integrations/runner.js";
import type { Reply } from "../../../../../localcloud/compute/stepfunctions/interpreter/effects.js";
import type { Json } from "../../../../../localcloud/compute/stepfunctions/language/json.js";
import { zip } from "../../../../../localcloud/provider/zip.js";
import { launchMinistack } from "../../../../../localcloud/server/ministack.js";
import { projectPython } from "../../../../../localcloud/server/paths.js";
import { freshAccount } from "../../../../support/cloud.js";
import { FakeExecutor } from "../../batch/fakes.js";

export const REGION = "eu-central-1";

export interface Statement {
  Action: string | string[];
  Resource: string | string[];
}

/** A task that has begun. */
export interface StartedTask {
  readonly replies: Reply[];
  /** Resolves with the next reply that is of this kind. */
  reply<Kind extends Reply["kind"]>(kind: Kind): Promise<Extract<Reply, { kind: Kind }>>;
  /** What the state machine does when it no longer wants the task. */
  stop(): void;
}

export interface IntegrationCloud {
  readonly account: string;
  readonly executor: FakeExecutor;
  readonly tap: EventTap;
  /** Lines of the cloud's log. */
  readonly lines: string[];
  /** SDK configuration of the account's root. */
  config(): { endpoint: string; region: string; credentials: { accessKeyId: string; secretAccessKey: string } };
  /** A role that Step Functions, Lambda and Batch may assume. */
  role(name: string, ...allow: Statement[]): Promise<string>;
  /** Creates a function of one file. Returns its ARN. */
  function(name: string, runtime: "python3.12" | "nodejs20.x", code: string, timeoutSeconds?: number): Promise<string>;
  /** Begins a task as a session of the role. */
  start(resource: string, parameters: Json, options?: { roleArn?: string; taskToken?: string }): StartedTask;
  /** Runs a task to its end. */
  run(
    resource: string,
    parameters: Json,
    roleArn?: string,
  ): Promise<{ output?: Json; error?: string; cause?: string; text?: string }>;
  stop(): Promise<void>;
}

export const EXECUTION = "arn:aws:states:eu-central-1:000000000000:execution:machine:one";
export const MACHINE = "arn:aws:states:eu-central-1:000000000000:stateMachine:machine";

/** Tasks run as a role that may do everything, unless a test says otherwise. */
export async function integrationCloud(): Promise<IntegrationCloud> {
  const token = "fixture-token";
  const account = freshAccount();
  const dataDir = mkdtempSync(join(tmpdir(), "crucible-integrations-"));
  const plane = await openComputePlane(token);
  const ministack = launchMinistack(projectPython(), 0, dataDir);
  const port = await ministack.configure({ services: ["batch", "states"], computeUrl: plane.url, token });
  const lines: string[] = [];
  const tap = new EventTap();
  const endpoint = `http://127.0.0.1:${port}`;
  const base = computeContext({ endpoint, computeUrl: plane.url, token, dataDir }, (line) => lines.push(line));
  const context = tap.tapped(base);
  const runner = createTaskRunner({ endpoint, events: tap, log: context.log });
  const executor = new FakeExecutor();
  const batch = createBatchService(context, executor, { checkEnvironment: async () => undefined });
  const states = createStepFunctionsService(context, { tasks: runner });
  const python = projectPython();
  const processes = { register() {}, unregister() {} };
  const functions = new FunctionHost(context, {
    executor,
    python,
    processes: (images, workFolder) => new ProcessExecutor({ images, workFolder, processes, runtime: { python } }),
  });
  plane.attach({ services: [batch, states], credentials: base.credentials, functions, putEvent: context.putEvent });

  const config = () => context.clientConfig(account, REGION);
  const iam = new IAMClient(config());
  const role: IntegrationCloud["role"] = async (RoleName, ...allow) => {
    const trust = {
      Effect: "Allow",
      Principal: { Service: ["states.amazonaws.com", "lambda.amazonaws.com", "ecs-tasks.amazonaws.com"] },
      Action: "sts:AssumeRole",
    };
    const { Role } = await iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: policy([trust]) }));
    const statements = allow.map((statement) => ({ Effect: "Allow", ...statement }));
    if (allow.length > 0)
      await iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: "inline", PolicyDocument: policy(statements) }));
    return Role?.Arn ?? "";
  };
  const everything = await role("everything", { Action: "*", Resource: "*" });

  const start: IntegrationCloud["start"] = (resource, parameters, { roleArn = everything, taskToken } = {}) => {
    const abort = new AbortController();
    const replies: Reply[] = [];
    const awaited = new Set<() => void>();
    runner.start({
      account,
      region: REGION,
      executionArn: EXECUTION,
      stateMachineArn: MACHINE,
      effect: { kind: "task", id: "1", state: "Task", resource, parameters, ...(taskToken ? { taskToken } : {}) },
      credentials: () =>
        context.assumeRole({ account, region: REGION, roleArn, sessionName: "test", service: "states.amazonaws.com" }),
      signal: abort.signal,
      reply(reply) {
        replies.push(reply);
        for (const look of awaited) look();
      },
    });
    return {
      replies,
      reply: <Kind extends Reply["kind"]>(kind: Kind) =>
        new Promise<Extract<Reply, { kind: Kind }>>((resolve) => {
          const look = () => {
            const found = replies.find((reply) => reply.kind === kind);
            if (found) {
              awaited.delete(look);
              resolve(found as Extract<Reply, { kind: Kind }>);
            }
          };
          awaited.add(look);
          look();
        }),
      stop: () => abort.abort(),
    };
  };
  return {
    account,
    executor,
    tap,
    lines,
    config,
    role,
    start,
    async function(FunctionName, Runtime, code, Timeout = 30) {
      const path = Runtime === "python3.12" ? "handler.py" : "handler.mjs";
      const { FunctionArn } = await new LambdaClient(config()).send(
        new CreateFunctionCommand({
          FunctionName,
          Runtime,
          Handler: "handler.handler",
          Role: everything,
          Timeout,
          Code: { ZipFile: zip([{ path, content: Buffer.from(code) }]) },
        }),
      );
      return FunctionArn ?? "";
    },
    async run(resource, parameters, roleArn) {
      const task = start(resource, parameters, roleArn === undefined ? {} : { roleArn });
      const ending = await Promise.race([task.reply("succeeded"), task.reply("failed")]);
      const { kind: _, ...rest } = ending;
      return rest;
    },
    async stop() {
      await Promise.allSettled([batch.close(), states.close(), functions.close()]);
      runner.close();
      await ministack.stop();
      plane.close();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

const policy = (statements: object[]): string => JSON.stringify({ Version: "2012-10-17", Statement: statements });

/** Members of a task's output that AWS adds to every response. */
export const withoutMetadata = (output: Json | undefined): Json => {
  const { SdkHttpMetadata: _, SdkResponseMetadata: __, ...rest } = output as { [key: string]: Json };
  return rest;
};
