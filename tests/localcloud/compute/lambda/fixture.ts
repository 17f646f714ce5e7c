// Functions on the real cloud: roles, packages and what one asks of them.
import { CloudWatchLogsClient, FilterLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import {
  CreateFunctionCommand,
  type CreateFunctionCommandInput,
  InvokeCommand,
  LambdaClient,
  waitUntilFunctionActiveV2,
} from "@aws-sdk/client-lambda";
import { DeleteMessageCommand, ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { zip } from "../../../../localcloud/provider/zip.js";
import type { Cloud } from "../../../../localcloud/server/cloud.js";
import { clientConfig, freshAccount, testCloud } from "../../../support/cloud.js";

export const REGION = "eu-central-1";

export interface Statement {
  Action: string | string[];
  Resource: string | string[];
}

export interface Answer {
  status: number | undefined;
  /** Parsed. */
  payload: unknown;
  error: string | undefined;
  version: string | undefined;
  /** Last lines of the log. */
  log: string;
}

export interface Functions {
  readonly cloud: Cloud;
  readonly account: string;
  readonly lambda: LambdaClient;
  config(): ReturnType<typeof clientConfig>;
  role(name: string, ...allow: Statement[]): Promise<string>;
  /** A function of the files, with a role that may do everything unless said otherwise. Returns its ARN when it is active. */
  create(name: string, files: Record<string, string>, settings?: Partial<CreateFunctionCommandInput>): Promise<string>;
  invoke(name: string, event?: unknown): Promise<Answer>;
  /** Messages of the function's log group, in order; asked again until `enough` says so. */
  messages(group: string, enough: (messages: string[]) => boolean): Promise<{ message: string; stream: string }[]>;
  /** The next message of a queue, waited for; it is deleted. */
  receive(queueUrl: string): Promise<{ body: string; attributes: Record<string, string | undefined> }>;
}

/** Asks until the answer is there; fails after `seconds`, with what it had. */
export async function eventually<T>(ask: () => Promise<T | undefined>, what: string, seconds = 30): Promise<T> {
  for (const end = Date.now() + seconds * 1000; ; ) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (Date.now() > end) throw new Error(`waited ${seconds} s in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

export const packageOf = (files: Record<string, string>): Buffer =>
  zip(Object.entries(files).map(([path, content]) => ({ path, content: Buffer.from(content) })));

export async function functions(): Promise<Functions> {
  const cloud = await testCloud();
  const account = freshAccount();
  const config = () => clientConfig(cloud, account, REGION);
  const iam = new IAMClient(config());
  const lambda = new LambdaClient({ ...config(), maxAttempts: 1 });
  const role: Functions["role"] = async (RoleName, ...allow) => {
    const trust = { Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" };
    const made = await iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: document([trust]) }));
    const PolicyDocument = document(allow.map((statement) => ({ Effect: "Allow", ...statement })));
    if (allow.length > 0) await iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: "inline", PolicyDocument }));
    return made.Role?.Arn ?? "";
  };
  let everything: Promise<string> | undefined;
  return {
    cloud,
    account,
    lambda,
    config,
    role,
    async create(FunctionName, files, settings = {}) {
      everything ??= role("everything", { Action: "*", Resource: "*" });
      const created = await lambda.send(
        new CreateFunctionCommand({
          FunctionName,
          Runtime: "nodejs20.x",
          Handler: "index.handler",
          Role: settings.Role ?? (await everything),
          Code: { ZipFile: packageOf(files) },
          ...settings,
        }),
      );
      await waitUntilFunctionActiveV2({ client: lambda, maxWaitTime: 30, minDelay: 0.1 }, { FunctionName });
      return created.FunctionArn ?? "";
    },
    async invoke(FunctionName, event = {}) {
      const Payload = Buffer.from(JSON.stringify(event));
      const answer = await lambda.send(new InvokeCommand({ FunctionName, Payload, LogType: "Tail" }));
      return {
        status: answer.StatusCode,
        payload: JSON.parse(Buffer.from(answer.Payload ?? []).toString()),
        error: answer.FunctionError,
        version: answer.ExecutedVersion,
        log: Buffer.from(answer.LogResult ?? "", "base64").toString(),
      };
    },
    messages(logGroupName, enough) {
      const logs = new CloudWatchLogsClient(config());
      return eventually(async () => {
        const found = await logs.send(new FilterLogEventsCommand({ logGroupName })).catch((error: Error) => {
          if (error.name !== "ResourceNotFoundException") throw error;
        });
        const events = (found?.events ?? []).map(({ message = "", logStreamName: stream = "" }) => ({
          message,
          stream,
        }));
        return enough(events.map(({ message }) => message)) ? events : undefined;
      }, `the log of ${logGroupName}`);
    },
    receive(QueueUrl) {
      const sqs = new SQSClient(config());
      return eventually(async () => {
        const request = { QueueUrl, WaitTimeSeconds: 5, MessageAttributeNames: ["All"] };
        const { Messages: [message] = [] } = await sqs.send(new ReceiveMessageCommand(request));
        if (!message) return undefined;
        await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: message.ReceiptHandle }));
        const attributes = Object.entries(message.MessageAttributes ?? {});
        return {
          body: message.Body ?? "",
          attributes: Object.fromEntries(attributes.map(([name, { StringValue }]) => [name, StringValue])),
        };
      }, `a message in ${QueueUrl}`);
    },
  };
}

const document = (statements: object[]): string => JSON.stringify({ Version: "2012-10-17", Statement: statements });
