// Integrations through the front door: a state machine of the real local cloud, whose role decides what its tasks may do.
import assert from "node:assert/strict";
import { CreateTableCommand, DynamoDBClient, GetItemCommand } from "@aws-sdk/client-dynamodb";
import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import { CreateFunctionCommand, LambdaClient } from "@aws-sdk/client-lambda";
import {
  CreateStateMachineCommand,
  DescribeExecutionCommand,
  GetExecutionHistoryCommand,
  SendTaskSuccessCommand,
  SFNClient,
  StartExecutionCommand,
} from "@aws-sdk/client-sfn";
import { CreateQueueCommand, ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import type { Definition } from "../../../../../localcloud/compute/stepfunctions/definition/types.js";
import { zip } from "../../../../../localcloud/provider/zip.js";
import { clientConfig, freshAccount, testCloud } from "../../../../support/cloud.js";
import { until } from "../../../../support/until.js";

const PYTHON = `
class OutOfStock(Exception):
    pass

def handler(event, context):
    if event["count"] < 1:
        raise OutOfStock("none left")
    return event["count"] - 1
`;

describe("a state machine with tasks of many services", () => {
  let states: SFNClient;
  let config: ReturnType<typeof clientConfig>;
  let queue: string;
  const policy = (...Statement: object[]) => JSON.stringify({ Version: "2012-10-17", Statement });
  const allow = (...Action: string[]) => policy({ Effect: "Allow", Action, Resource: "*" });

  async function role(
    RoleName: string,
    PolicyDocument: string,
    Principal: object = { Service: ["states.amazonaws.com", "lambda.amazonaws.com"] },
  ): Promise<string> {
    const iam = new IAMClient(config);
    const AssumeRolePolicyDocument = policy({
      Effect: "Allow",
      Principal,
      Action: "sts:AssumeRole",
    });
    const { Role } = await iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument }));
    await iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: "inline", PolicyDocument }));
    return Role?.Arn ?? "";
  }

  before(async function () {
    this.timeout(60_000);
    config = clientConfig(await testCloud(), freshAccount());
    states = new SFNClient(config);
    const { QueueUrl } = await new SQSClient(config).send(new CreateQueueCommand({ QueueName: "approvals" }));
    queue = QueueUrl ?? "";
    await new DynamoDBClient(config).send(
      new CreateTableCommand({
        TableName: "orders",
        BillingMode: "PAY_PER_REQUEST",
        AttributeDefinitions: [{ AttributeName: "id", AttributeType: "S" }],
        KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
      }),
    );
    await new LambdaClient(config).send(
      new CreateFunctionCommand({
        FunctionName: "stock",
        Runtime: "python3.12",
        Handler: "handler.handler",
        Role: await role("function", allow("logs:*")),
        Code: { ZipFile: zip([{ path: "handler.py", content: Buffer.from(PYTHON) }]) },
      }),
    );
  });

  const definition = (): Definition => ({
    StartAt: "Stock",
    States: {
      Stock: {
        Type: "Task",
        Resource: "arn:aws:states:::lambda:invoke",
        Parameters: { FunctionName: "stock", "Payload.$": "$" },
        ResultSelector: { "left.$": "$.Payload" },
        Catch: [{ ErrorEquals: ["OutOfStock"], ResultPath: "$.error", Next: "Refused" }],
        Next: "Approval",
      },
      Approval: {
        Type: "Task",
        Resource: "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
        Parameters: { QueueUrl: queue, MessageBody: { "token.$": "$$.Task.Token", "left.$": "$.left" } },
        TimeoutSeconds: 60,
        Next: "Store",
      },
      Store: {
        Type: "Task",
        Resource: "arn:aws:states:::dynamodb:putItem",
        Parameters: { TableName: "orders", Item: { id: { "S.$": "$.by" } } },
        ResultPath: null,
        End: true,
      },
      Refused: { Type: "Fail", ErrorPath: "$.error.Error", CausePath: "$.error.Cause" },
    },
  });
  const start = async (name: string, roleArn: string, input: object, machine = definition()) => {
    const text = JSON.stringify(machine);
    const { stateMachineArn } = await states.send(new CreateStateMachineCommand({ name, roleArn, definition: text }));
    const { executionArn } = await states.send(
      new StartExecutionCommand({ stateMachineArn, input: JSON.stringify(input) }),
    );
    return executionArn ?? "";
  };
  const ended = (executionArn: string) =>
    until("the execution's end", async () => {
      const execution = await states.send(new DescribeExecutionCommand({ executionArn }));
      return execution.status === "RUNNING" ? undefined : execution;
    });

  it("goes from a function by a token to a table", async () => {
    const roleArn = await role("orders", allow("lambda:InvokeFunction", "sqs:SendMessage", "dynamodb:PutItem"));
    const executionArn = await start("orders", roleArn, { count: 3 });
    const { Messages } = await new SQSClient(config).send(
      new ReceiveMessageCommand({ QueueUrl: queue, WaitTimeSeconds: 20 }),
    );
    const { token, left } = JSON.parse(Messages?.[0]?.Body ?? "");
    assert.equal(left, 2);
    await states.send(new SendTaskSuccessCommand({ taskToken: token, output: '{"by":"me"}' }));
    const { status, output } = await ended(executionArn);
    assert.deepEqual([status, output], ["SUCCEEDED", '{"by":"me"}']);
    const Key = { id: { S: "me" } };
    const { Item } = await new DynamoDBClient(config).send(new GetItemCommand({ TableName: "orders", Key }));
    assert.deepEqual(Item, Key);
    const { events } = await states.send(new GetExecutionHistoryCommand({ executionArn }));
    assert.deepEqual(
      events?.map(({ type }) => type).filter((type) => type?.startsWith("Task")),
      [
        ["TaskStateEntered", "TaskScheduled", "TaskStarted", "TaskSucceeded", "TaskStateExited"],
        ["TaskStateEntered", "TaskScheduled", "TaskStarted", "TaskSubmitted", "TaskSucceeded", "TaskStateExited"],
        ["TaskStateEntered", "TaskScheduled", "TaskStarted", "TaskSucceeded", "TaskStateExited"],
      ].flat(),
    );
  });

  it("catches a function's error by the class that was raised", async () => {
    const roleArn = await role("empty", allow("lambda:InvokeFunction"));
    const { status, error, cause } = await ended(await start("empty", roleArn, { count: 0 }));
    assert.deepEqual([status, error], ["FAILED", "OutOfStock"]);
    assert.equal(JSON.parse(cause ?? "").errorMessage, "none left");
  });

  it("fails with AWS's error when its role may not do what a task does", async () => {
    const roleArn = await role("silent", allow("lambda:InvokeFunction"));
    const { status, error, cause } = await ended(await start("silent", roleArn, { count: 1 }));
    assert.deepEqual([status, error], ["FAILED", "SQS.AmazonSQSException"]);
    assert.match(cause ?? "", /^User: .*:assumed-role\/silent\/.* is not authorized to perform: sqs:SendMessage/);
  });

  it("runs a task as the role in its Credentials, where that role trusts the state machine's", async () => {
    const roleArn = await role("machine", allow("sts:AssumeRole"));
    const task = (RoleArn: string): Definition => ({
      StartAt: "Who",
      States: {
        Who: {
          Type: "Task",
          Resource: "arn:aws:states:::aws-sdk:sts:getCallerIdentity",
          Credentials: { RoleArn },
          End: true,
        },
      },
    });
    const trusting = await role("trusting", allow("sts:GetCallerIdentity"), { AWS: roleArn });
    const { output } = await ended(await start("who", roleArn, {}, task(trusting)));
    assert.match(JSON.parse(output ?? "{}").Arn, /:assumed-role\/trusting\//);
    const other = await role("distrusting", allow("sts:GetCallerIdentity"));
    const { status, error, cause } = await ended(await start("refused", roleArn, {}, task(other)));
    assert.deepEqual(
      [status, error, cause],
      [
        "FAILED",
        "States.TaskFailed",
        `The role ${roleArn} is not authorized to assume the task state's role, ${other}.`,
      ],
    );
  });

  it("is not created with a task whose resource does not exist", async () => {
    const roleArn = await role("none", allow("lambda:InvokeFunction"));
    const Task = { Type: "Task", Resource: "arn:aws:states:::aws-sdk:s3:fetchObject", End: true };
    await assert.rejects(
      states.send(
        new CreateStateMachineCommand({
          name: "none",
          roleArn,
          definition: JSON.stringify({ StartAt: "Task", States: { Task } }),
        }),
      ),
      {
        name: "InvalidDefinition",
        message:
          "Invalid State Machine Definition: 'SCHEMA_VALIDATION_FAILED: The resource provided arn:aws:states:::aws-sdk:s3:fetchObject is not recognized. The value is not a valid resource ARN, or the resource is not available in this region. Did you mean arn:aws:states:::aws-sdk:s3:getObject? at /States/Task/Resource'",
      },
    );
  });
});
