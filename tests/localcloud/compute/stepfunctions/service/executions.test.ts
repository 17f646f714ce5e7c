import assert from "node:assert/strict";
import {
  DescribeExecutionCommand,
  GetExecutionHistoryCommand,
  ListExecutionsCommand,
  StartExecutionCommand,
  StartSyncExecutionCommand,
  StopExecutionCommand,
} from "@aws-sdk/client-sfn";
import { eventually, PASS, REGION, type StatesAccount, statesAccount, WAIT } from "./fixture.js";

describe("Step Functions: executions", () => {
  let states: StatesAccount;
  before(async () => {
    states = await statesAccount();
  });

  it("go through Pass, Wait and Choice, and are described with input and output", async () => {
    const execution = await states.run(
      {
        StartAt: "Shape",
        States: {
          Shape: { Type: "Pass", Parameters: { "n.$": "$.n" }, ResultPath: "$.shaped", Next: "Wait" },
          Wait: { Type: "Wait", SecondsPath: "$.seconds", Next: "Choose" },
          Choose: {
            Type: "Choice",
            Choices: [{ Variable: "$.shaped.n", NumericGreaterThan: 3, Next: "Big" }],
            Default: "Small",
          },
          Big: { Type: "Succeed" },
          Small: { Type: "Fail", Error: "Small", Cause: "not more than 3" },
        },
      },
      { n: 5, seconds: 0 },
    );
    assert.equal(execution.status, "SUCCEEDED");
    assert.deepEqual(JSON.parse(execution.output ?? ""), { n: 5, seconds: 0, shaped: { n: 5 } });
    const history = await states.history(execution.executionArn ?? "");
    assert.deepEqual(
      history.filter(({ type }) => type?.endsWith("Entered")).map((event) => event.stateEnteredEventDetails?.name),
      ["Shape", "Wait", "Choose", "Big"],
    );
    assert.deepEqual(
      history.map(({ id }) => id),
      history.map((_, index) => index + 1),
    );
    const failed = await states.ended(await states.start(execution.machineArn, { n: 3, seconds: 0 }));
    assert.deepEqual([failed.status, failed.error, failed.cause], ["FAILED", "Small", "not more than 3"]);
  });

  it("are started once for a name and an input while they run", async () => {
    const arn = await states.create(WAIT);
    const first = await states.start(arn, { a: 1 }, "named");
    assert.equal(first, `arn:aws:states:${REGION}:${states.account}:execution:${arn.split(":")[6]}:named`);
    assert.equal(await states.start(arn, { a: 1 }, "named"), first);
    await assert.rejects(states.start(arn, { a: 2 }, "named"), {
      name: "ExecutionAlreadyExists",
      message: `Execution Already Exists: '${first}'`,
    });
    await states.sfn.send(new StopExecutionCommand({ executionArn: first }));
    await assert.rejects(states.start(arn, { a: 1 }, "named"), { name: "ExecutionAlreadyExists" });
  });

  it("refuse input that is no JSON, or too large, and names that are not valid", async () => {
    const stateMachineArn = await states.create(PASS);
    const start = (more: object) => states.sfn.send(new StartExecutionCommand({ stateMachineArn, ...more }));
    await assert.rejects(start({ input: "{" }), { name: "InvalidExecutionInput" });
    await assert.rejects(start({ input: JSON.stringify("x".repeat(262_143)) }), { name: "ValidationException" });
    await assert.rejects(start({ name: "a/b" }), { name: "InvalidName" });
    await assert.rejects(start({ stateMachineArn: `${stateMachineArn}-none` }), { name: "StateMachineDoesNotExist" });
    const most = JSON.stringify("x".repeat(262_142));
    const { executionArn = "" } = await start({ input: most });
    assert.equal((await states.ended(executionArn)).output, most);
  });

  it("are stopped with an error and a cause, once", async () => {
    const executionArn = await states.start(await states.create(WAIT));
    const { stopDate } = await states.sfn.send(
      new StopExecutionCommand({ executionArn, error: "Operator", cause: "no longer wanted" }),
    );
    const execution = await states.ended(executionArn);
    assert.deepEqual(
      [execution.status, execution.error, execution.cause, execution.output],
      ["ABORTED", "Operator", "no longer wanted", undefined],
    );
    assert.deepEqual(execution.stopDate, stopDate);
    assert.equal((await states.history(executionArn)).at(-1)?.type, "ExecutionAborted");
    assert.deepEqual((await states.sfn.send(new StopExecutionCommand({ executionArn }))).stopDate, stopDate);
    await assert.rejects(states.sfn.send(new StopExecutionCommand({ executionArn: `${executionArn}-none` })), {
      name: "ExecutionDoesNotExist",
    });
  });

  it("are listed with what happened last first, by status and page by page, also while more are started", async () => {
    const stateMachineArn = await states.create(WAIT);
    for (const name of ["a", "b", "c"]) await states.start(stateMachineArn, {}, name);
    await states.sfn.send(
      new StopExecutionCommand({ executionArn: `${stateMachineArn.replace("stateMachine", "execution")}:b` }),
    );
    const list = async (more: object) => {
      const { executions, nextToken } = await states.sfn.send(new ListExecutionsCommand({ stateMachineArn, ...more }));
      return { names: (executions ?? []).map(({ name }) => name), nextToken };
    };
    assert.deepEqual((await list({})).names, ["b", "c", "a"], "b was stopped after c had begun");
    assert.deepEqual((await list({ statusFilter: "RUNNING" })).names, ["c", "a"]);
    assert.deepEqual((await list({ redriveFilter: "REDRIVEN" })).names, []);
    const first = await list({ maxResults: 2 });
    await states.start(stateMachineArn, {}, "d");
    assert.deepEqual([first.names, (await list({ nextToken: first.nextToken })).names], [["b", "c"], ["a"]]);
    await assert.rejects(list({ statusFilter: "BOGUS" }), { name: "ValidationException" });
    await assert.rejects(list({ statusFilter: "PENDING_REDRIVE" }), { name: "ValidationException" });
    await assert.rejects(list({ redriveFilter: "BOGUS" }), { name: "ValidationException" });
    await assert.rejects(states.sfn.send(new ListExecutionsCommand({})), { name: "ValidationException" });
  });

  it("give their history in pages, backwards, and without data", async () => {
    const { executionArn = "" } = await states.run(PASS, { secret: 1 });
    const get = (more: object) => states.sfn.send(new GetExecutionHistoryCommand({ executionArn, ...more }));
    const first = await get({ maxResults: 3 });
    const rest = await get({ maxResults: 3, nextToken: first.nextToken });
    assert.deepEqual([...(first.events ?? []), ...(rest.events ?? [])], await states.history(executionArn));
    assert.deepEqual(
      (await get({ reverseOrder: true })).events?.map(({ id }) => id),
      [4, 3, 2, 1],
    );
    const hidden = await get({ includeExecutionData: false });
    assert.doesNotMatch(JSON.stringify(hidden.events), /secret/);
    assert.match(JSON.stringify((await get({})).events), /secret/);
    await assert.rejects(get({ nextToken: "made up" }), { name: "InvalidToken" });
    const metadata = await states.sfn.send(
      new DescribeExecutionCommand({ executionArn, includedData: "METADATA_ONLY" }),
    );
    assert.deepEqual([metadata.input, metadata.inputDetails], [undefined, { included: false }]);
  });

  it("give each event of a history once, read backwards while they run", async () => {
    const first = { Type: "Wait", Seconds: 1, Next: "Last" };
    const stateMachineArn = await states.create({
      StartAt: "First",
      States: { First: first, Last: { Type: "Pass", End: true } },
    });
    const executionArn = await states.start(stateMachineArn);
    const get = (more: object) =>
      states.sfn.send(new GetExecutionHistoryCommand({ executionArn, reverseOrder: true, maxResults: 1, ...more }));
    const newest = await eventually(async () => {
      const page = await get({});
      return page.events?.[0]?.id === 2 ? page : undefined;
    });
    await states.ended(executionArn);
    const { events } = await get({ nextToken: newest.nextToken });
    assert.deepEqual(
      events?.map(({ id }) => id),
      [1],
    );
  });

  it("are refused numbers that an expression makes too low", async () => {
    const task = { Type: "Task", Resource: "arn:aws:states:::sqs:sendMessage", Arguments: {}, End: true };
    const map = {
      Type: "Map",
      Items: [1],
      ItemProcessor: { StartAt: "In", States: { In: { Type: "Pass", End: true } } },
      End: true,
    };
    const cases: [object, RegExp][] = [
      [
        { ...task, TimeoutSeconds: "{% 0 %}" },
        /'TimeoutSeconds' returned an unexpected result. Expected a value of at/,
      ],
      [{ ...task, HeartbeatSeconds: "{% -5 %}" }, /'HeartbeatSeconds' returned an unexpected result./],
      [{ ...task, TimeoutSeconds: "{% 1.5 %}" }, /Expected 'integer', but was 'number' for value: 1.5/],
      [{ ...map, MaxConcurrency: "{% -3 %}" }, /'MaxConcurrency' returned an unexpected result./],
    ];
    for (const [state, cause] of cases) {
      const execution = await states.run({ QueryLanguage: "JSONata", StartAt: "S", States: { S: state } });
      assert.deepEqual([execution.status, execution.error], ["FAILED", "States.QueryEvaluationError"]);
      assert.match(execution.cause ?? "", cause);
    }
  });

  it("fail at 25,000 events", async () => {
    const execution = await states.run({
      StartAt: "Again",
      States: {
        Again: { Type: "Pass", Next: "Forever" },
        Forever: { Type: "Choice", Choices: [{ Variable: "$.never", IsPresent: true, Next: "End" }], Default: "Again" },
        End: { Type: "Succeed" },
      },
    });
    assert.deepEqual([execution.status, execution.error], ["FAILED", "States.Runtime"]);
    const { events } = await states.sfn.send(
      new GetExecutionHistoryCommand({ executionArn: execution.executionArn, reverseOrder: true, maxResults: 1 }),
    );
    assert.deepEqual([events?.[0]?.id, events?.[0]?.type], [25_000, "ExecutionFailed"]);
    assert.deepEqual(
      [execution.redriveStatus, execution.redriveStatusReason],
      ["NOT_REDRIVABLE", "Execution history event limit exceeded."],
    );
  });

  it("fail when an expression does not end", async () => {
    const execution = await states.run({
      QueryLanguage: "JSONata",
      StartAt: "Recurse",
      States: {
        Recurse: { Type: "Pass", Output: "{% ($f := function($n) { 1 + $f($n) }; $f(1)) %}", End: true },
      },
    });
    assert.deepEqual([execution.status, execution.error], ["FAILED", "States.QueryEvaluationError"]);
  });

  it("hold up no other while a pattern matches for ever", async () => {
    const endless = await states.start(
      await states.create({
        QueryLanguage: "JSONata",
        StartAt: "Match",
        States: { Match: { Type: "Pass", Output: "{% $contains($states.input.s, /^(a+)+$/) %}", End: true } },
      }),
      { s: `${"a".repeat(40)}!` },
    );
    assert.equal((await states.run(PASS)).status, "SUCCEEDED");
    const { status } = await states.sfn.send(new DescribeExecutionCommand({ executionArn: endless }));
    assert.equal(status, "RUNNING", "another execution has come and gone meanwhile");
    const { error, cause } = await states.ended(endless);
    assert.equal(error, "States.QueryEvaluationError");
    assert.match(cause ?? "", /Expression evaluation timeout: Check for infinite loop$/);
  });

  it("time out as the definition says", async () => {
    const execution = await states.run({ ...WAIT, TimeoutSeconds: 1 });
    assert.equal(execution.status, "TIMED_OUT");
    const took = (execution.stopDate?.getTime() ?? 0) - (execution.startDate?.getTime() ?? 0);
    assert.ok(took >= 1000, `${took} ms`);
  });

  describe("of Express state machines", () => {
    it("answer a synchronous start with their outcome, and have no history", async () => {
      const stateMachineArn = await states.create(
        {
          StartAt: "Check",
          States: {
            Check: {
              Type: "Choice",
              Choices: [{ Variable: "$.ok", BooleanEquals: true, Next: "Good" }],
              Default: "Bad",
            },
            Good: { Type: "Pass", Result: "fine", End: true },
            Bad: { Type: "Fail", Error: "Bad", Cause: "not ok" },
          },
        },
        { type: "EXPRESS" },
      );
      const sync = (input: object) =>
        states.sfn.send(new StartSyncExecutionCommand({ stateMachineArn, input: JSON.stringify(input) }));
      const good = await sync({ ok: true });
      assert.deepEqual([good.status, good.output, good.stateMachineArn], ["SUCCEEDED", '"fine"', stateMachineArn]);
      assert.match(good.executionArn ?? "", new RegExp(`^arn:aws:states:${REGION}:${states.account}:express:`));
      assert.deepEqual(good.billingDetails, { billedMemoryUsedInMB: 64, billedDurationInMilliseconds: 100 });
      const bad = await sync({ ok: false });
      assert.deepEqual([bad.status, bad.error, bad.cause], ["FAILED", "Bad", "not ok"]);
      const executionArn = good.executionArn;
      for (const command of [
        new DescribeExecutionCommand({ executionArn }),
        new GetExecutionHistoryCommand({ executionArn }),
        new StopExecutionCommand({ executionArn }),
      ])
        await assert.rejects(states.sfn.send(command as DescribeExecutionCommand), { name: "InvalidArn" });
      await assert.rejects(states.sfn.send(new ListExecutionsCommand({ stateMachineArn })), {
        name: "StateMachineTypeNotSupported",
      });
    });

    it("time out when they go round for ever, and hold up no other", async () => {
      const forever = await states.create(
        {
          TimeoutSeconds: 5,
          StartAt: "Again",
          States: {
            Again: { Type: "Choice", Choices: [{ Variable: "$.no", IsPresent: true, Next: "End" }], Default: "Again" },
            End: { Type: "Succeed" },
          },
        },
        { type: "EXPRESS" },
      );
      const endless = states.sfn.send(new StartSyncExecutionCommand({ stateMachineArn: forever }));
      let isOver = false;
      void endless.finally(() => {
        isOver = true;
      });
      assert.equal((await states.run(PASS)).status, "SUCCEEDED");
      assert.equal(isOver, false, "another execution has come and gone meanwhile");
      assert.equal((await endless).status, "TIMED_OUT");
    });

    it("are started at once, every time, also under the same name", async () => {
      const stateMachineArn = await states.create(WAIT, { type: "EXPRESS" });
      const first = await states.start(stateMachineArn, {}, "same");
      assert.notEqual(await states.start(stateMachineArn, {}, "same"), first);
    });

    it("cannot be started synchronously when the machine is Standard, nor wait for jobs or tokens", async () => {
      const stateMachineArn = await states.create(PASS);
      await assert.rejects(states.sfn.send(new StartSyncExecutionCommand({ stateMachineArn })), {
        name: "StateMachineTypeNotSupported",
      });
      const Resource = "arn:aws:states:::sqs:sendMessage.waitForTaskToken";
      await assert.rejects(
        states.create({ StartAt: "A", States: { A: { Type: "Task", Resource, End: true } } }, { type: "EXPRESS" }),
        { name: "InvalidDefinition", message: /waitForTaskToken/ },
      );
    });
  });
});
