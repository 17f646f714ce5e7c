import assert from "node:assert/strict";
import {
  CreateStateMachineAliasCommand,
  CreateStateMachineCommand,
  DescribeExecutionCommand,
  ListStateMachinesCommand,
  PublishStateMachineVersionCommand,
  StartExecutionCommand,
  StopExecutionCommand,
  UpdateStateMachineCommand,
} from "@aws-sdk/client-sfn";
import { CreateQueueCommand, SQSClient } from "@aws-sdk/client-sqs";
import { PASS, REGION, type StatesAccount, statesAccount } from "./fixture.js";

describe("Step Functions: permissions", () => {
  let states: StatesAccount;
  let machine: string;
  before(async () => {
    states = await statesAccount();
    machine = await states.create(PASS, { name: "allowed" });
  });

  it("a caller starts only the machines that its policy names", async () => {
    const other = await states.create(PASS, { name: "other" });
    const sfn = await states.as("starter", [{ Action: "states:StartExecution", Resource: machine }]);
    const { executionArn } = await sfn.send(new StartExecutionCommand({ stateMachineArn: machine }));
    assert.match(executionArn ?? "", /:execution:allowed:/);
    await assert.rejects(sfn.send(new StartExecutionCommand({ stateMachineArn: other })), {
      name: "AccessDeniedException",
      message: `User: arn:aws:sts::${states.account}:assumed-role/starter/starter is not authorized to perform: states:StartExecution on resource: ${other} because no identity-based policy allows the states:StartExecution action`,
    });
    await assert.rejects(sfn.send(new DescribeExecutionCommand({ executionArn })), { name: "AccessDeniedException" });
    await assert.rejects(sfn.send(new ListStateMachinesCommand({})), { name: "AccessDeniedException" });
  });

  it("executions are resources of their own", async () => {
    const executionArn = await states.start(machine);
    const sfn = await states.as("reader", [
      {
        Action: "states:DescribeExecution",
        Resource: `arn:aws:states:${REGION}:${states.account}:execution:allowed:*`,
      },
    ]);
    assert.equal((await sfn.send(new DescribeExecutionCommand({ executionArn }))).name, executionArn.split(":")[7]);
    await assert.rejects(sfn.send(new StopExecutionCommand({ executionArn })), { name: "AccessDeniedException" });
  });

  it("versions and aliases are authorized on the machine, and can be told apart by their qualifier", async () => {
    const { stateMachineVersionArn = "" } = await states.sfn.send(
      new PublishStateMachineVersionCommand({ stateMachineArn: machine }),
    );
    const { stateMachineAliasArn = "" } = await states.sfn.send(
      new CreateStateMachineAliasCommand({
        name: "PROD",
        routingConfiguration: [{ stateMachineVersionArn, weight: 100 }],
      }),
    );
    const sfn = await states.as("qualified", [
      { Action: "states:StartExecution", Resource: machine },
      {
        Effect: "Deny",
        Action: "states:StartExecution",
        Resource: machine,
        Condition: { StringEquals: { "states:StateMachineQualifier": "PROD" } },
      },
    ]);
    await sfn.send(new StartExecutionCommand({ stateMachineArn: stateMachineVersionArn }));
    await assert.rejects(sfn.send(new StartExecutionCommand({ stateMachineArn: stateMachineAliasArn })), {
      name: "AccessDeniedException",
      message: /with an explicit deny in an identity-based policy/,
    });
  });

  it("whoever creates or updates a machine has to be allowed to pass its role, and to publish what it publishes", async () => {
    const allow = { Action: ["states:CreateStateMachine", "states:UpdateStateMachine"], Resource: "*" };
    const create = { name: "created", definition: JSON.stringify(PASS), roleArn: states.roleArn };
    const without = await states.as("no-pass", [allow]);
    await assert.rejects(without.send(new CreateStateMachineCommand(create)), {
      name: "AccessDeniedException",
      message: new RegExp(`iam:PassRole on resource: ${states.roleArn} `),
    });
    const toLambda = await states.as("pass-to-lambda", [
      allow,
      {
        Action: "iam:PassRole",
        Resource: states.roleArn,
        Condition: { StringEquals: { "iam:PassedToService": "lambda.amazonaws.com" } },
      },
    ]);
    await assert.rejects(toLambda.send(new CreateStateMachineCommand(create)), { name: "AccessDeniedException" });
    const sfn = await states.as("pass", [
      allow,
      {
        Action: "iam:PassRole",
        Resource: states.roleArn,
        Condition: { StringEquals: { "iam:PassedToService": "states.amazonaws.com" } },
      },
    ]);
    const { stateMachineArn } = await sfn.send(new CreateStateMachineCommand(create));
    await assert.rejects(
      sfn.send(new UpdateStateMachineCommand({ stateMachineArn, definition: JSON.stringify(PASS), publish: true })),
      { name: "AccessDeniedException", message: /states:PublishStateMachineVersion/ },
    );
  });

  it("a machine's role has to allow what its tasks do, and is assumed for that machine", async () => {
    const sqs = new SQSClient(states.config());
    const [{ QueueUrl: open }, { QueueUrl: closed }] = await Promise.all([
      sqs.send(new CreateQueueCommand({ QueueName: "open" })),
      sqs.send(new CreateQueueCommand({ QueueName: "closed" })),
    ]);
    const roleArn = await states.role("one-queue", "states.amazonaws.com", [
      { Action: "sqs:SendMessage", Resource: `arn:aws:sqs:${REGION}:${states.account}:open` },
    ]);
    const arn = await states.create(
      {
        StartAt: "Send",
        States: {
          Send: {
            Type: "Task",
            Resource: "arn:aws:states:::sqs:sendMessage",
            Parameters: { "QueueUrl.$": "$.queue", MessageBody: "hello" },
            End: true,
          },
        },
      },
      { name: "sender", roleArn },
    );
    assert.equal((await states.ended(await states.start(arn, { queue: open }))).status, "SUCCEEDED");
    const execution = await states.ended(await states.start(arn, { queue: closed }));
    assert.deepEqual([execution.status, execution.error], ["FAILED", "SQS.AmazonSQSException"]);
    assert.match(
      execution.cause ?? "",
      new RegExp(
        `^User: arn:aws:sts::${states.account}:assumed-role/one-queue/\\S+ is not authorized to perform: sqs:sendmessage`,
        "i",
      ),
    );
  });

  it("a task's own role is assumed by the machine's role", async () => {
    const target = await states.role("target", "states.amazonaws.com");
    const task = {
      Type: "Task",
      Resource: "arn:aws:states:::aws-sdk:sts:getCallerIdentity",
      Credentials: { RoleArn: target },
      End: true,
    };
    const execution = await states.run({ StartAt: "Who", States: { Who: task } });
    assert.equal(execution.status, "FAILED", "the machine's role may not assume it");
    assert.equal(
      execution.cause,
      `The role ${states.roleArn} is not authorized to assume the task state's role, ${target}.`,
    );
  });
});
