import assert from "node:assert/strict";
import { IAMClient, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import { ListExecutionsCommand, ListMapRunsCommand, RedriveExecutionCommand } from "@aws-sdk/client-sfn";
import { REGION, type Statement, type StatesAccount, statesAccount } from "./fixture.js";

describe("Step Functions: what a Distributed Map's role has to allow", () => {
  let states: StatesAccount;
  let iam: IAMClient;
  before(async () => {
    states = await statesAccount();
    iam = new IAMClient(states.config());
  });

  const allow = (RoleName: string, ...statements: Statement[]) =>
    iam.send(
      new PutRolePolicyCommand({
        RoleName,
        PolicyName: "inline",
        PolicyDocument: JSON.stringify({
          Version: "2012-10-17",
          Statement: statements.map((statement) => ({ Effect: "Allow", ...statement })),
        }),
      }),
    );
  const machine = (name: string, roleArn: string, processor: object) =>
    states.create(
      {
        StartAt: "Each",
        States: {
          Each: {
            Type: "Map",
            Label: "Each",
            ItemProcessor: { ProcessorConfig: { Mode: "DISTRIBUTED", ExecutionType: "STANDARD" }, ...processor },
            End: true,
          },
        },
      },
      { name, roleArn },
    );
  const PASS = { StartAt: "Item", States: { Item: { Type: "Pass", End: true } } };
  const FAIL = { StartAt: "Item", States: { Item: { Type: "Fail", Error: "Mine" } } };
  const childrenOf = async (executionArn: string) => {
    const { mapRuns } = await states.sfn.send(new ListMapRunsCommand({ executionArn }));
    const { mapRunArn } = mapRuns?.[0] ?? {};
    return (await states.sfn.send(new ListExecutionsCommand({ mapRunArn }))).executions;
  };

  it("is to start executions of its own machine", async () => {
    const roleArn = await states.role("own", "states.amazonaws.com");
    const [own, other] = [await machine("own", roleArn, PASS), await machine("other", roleArn, PASS)];
    const refused = await states.start(own, [1]);
    const execution = await states.ended(refused);
    assert.deepEqual([execution.status, execution.error], ["FAILED", "States.Permissions"]);
    assert.equal(
      execution.cause,
      `User: arn:aws:sts::${states.account}:assumed-role/own/own is not authorized to perform: states:StartExecution on resource: ${own} because no identity-based policy allows the states:StartExecution action`,
    );
    assert.deepEqual(await childrenOf(refused), []);
    await allow("own", { Action: "states:StartExecution", Resource: own });
    assert.equal((await states.ended(await states.start(own, [1]))).output, "[1]");
    const elsewhere = await states.ended(await states.start(other, [1]));
    assert.equal(elsewhere.error, "States.Permissions");
  });

  it("is not needed where the Map runs within its execution", async () => {
    const inline = { StartAt: "Each", States: { Each: { Type: "Map", ItemProcessor: PASS, End: true } } };
    const arn = await states.create(inline, { name: "inline" });
    assert.equal((await states.ended(await states.start(arn, [1]))).output, "[1]");
  });

  it("is to redrive the run's executions where they are redriven", async () => {
    const roleArn = await states.role("redriven", "states.amazonaws.com");
    const arn = await machine("redriven", roleArn, FAIL);
    const start = { Action: "states:StartExecution", Resource: arn };
    await allow("redriven", start);
    const executionArn = await states.start(arn, [1]);
    assert.equal((await states.ended(executionArn)).error, "States.ExceedToleratedFailureThreshold");
    await states.sfn.send(new RedriveExecutionCommand({ executionArn }));
    const refused = await states.ended(executionArn);
    assert.equal(refused.error, "States.Permissions");
    assert.match(refused.cause ?? "", /not authorized to perform: states:RedriveExecution on resource: \S+:execution:/);
    const children = `arn:aws:states:${REGION}:${states.account}:execution:redriven/Each:*`;
    await allow("redriven", start, { Action: "states:RedriveExecution", Resource: children });
    await states.sfn.send(new RedriveExecutionCommand({ executionArn }));
    assert.equal((await states.ended(executionArn)).error, "States.ExceedToleratedFailureThreshold");
  });
});
