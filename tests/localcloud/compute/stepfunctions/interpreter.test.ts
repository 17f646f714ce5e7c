// How executions run: order of events, retries, catches, time-outs, cancellation, redrive, in no real time.
import assert from "node:assert/strict";
import { define, outputOf, play, START_MS, types } from "./world.js";

const LAMBDA = "arn:aws:states:::lambda:invoke";
const fails = (error: string, cause = "why") => [{ kind: "failed" as const, error, cause }];
const succeeds = (output: unknown, afterMs = 0) => [{ kind: "succeeded" as const, output: output as never, afterMs }];

describe("an execution", () => {
  it("records each state's entry and exit, each event referring to the one before", async () => {
    const ended = await play(
      define({ StartAt: "A", States: { A: { Type: "Pass", Result: 1, Next: "B" }, B: { Type: "Succeed" } } }),
    );
    assert.deepEqual(types(ended), [
      "ExecutionStarted",
      "PassStateEntered",
      "PassStateExited",
      "SucceedStateEntered",
      "SucceedStateExited",
      "ExecutionSucceeded",
    ]);
    assert.deepEqual(
      ended.events.map((event) => event.previousEventId),
      [0, 0, 2, 3, 4, 5],
    );
    assert.equal(outputOf(ended), 1);
  });

  it("waits a month in no time", async () => {
    const ended = await play(
      define({ StartAt: "W", States: { W: { Type: "Wait", Seconds: 30 * 86_400, End: true } } }),
    );
    assert.equal(ended.outcome?.status, "SUCCEEDED");
    assert.equal(ended.tookMs, 30 * 86_400_000);
  });

  it("times out as a whole and cancels what it waits for", async () => {
    const ended = await play(
      define({ TimeoutSeconds: 5, StartAt: "T", States: { T: { Type: "Task", Resource: LAMBDA, End: true } } }),
    );
    assert.equal(ended.outcome?.status, "TIMED_OUT");
    assert.equal(ended.tookMs, 5000);
    const task = ended.effects.find((effect) => effect.kind === "task");
    assert.ok(task && ended.cancelled.includes(task.id));
    assert.deepEqual(types(ended).slice(-2), ["TaskStateAborted", "ExecutionTimedOut"]);
  });

  it("is aborted by a stop, which cancels every branch's task", async () => {
    const branch = (name: string) => ({
      StartAt: name,
      States: { [name]: { Type: "Task", Resource: LAMBDA, End: true } },
    });
    const ended = await play(
      define({ StartAt: "P", States: { P: { Type: "Parallel", Branches: [branch("A"), branch("B")], End: true } } }),
      { task: () => succeeds(1, 60_000), stopAtMs: START_MS + 1000 },
    );
    assert.equal(ended.outcome?.status, "ABORTED");
    assert.equal(ended.cancelled.length, 2);
    assert.equal(types(ended).at(-1), "ExecutionAborted");
  });
});

describe("Retry", () => {
  const machine = (retry: object[]) =>
    define({ StartAt: "T", States: { T: { Type: "Task", Resource: LAMBDA, Retry: retry, End: true } } });

  it("backs off between attempts, up to the longest delay", async () => {
    const ended = await play(
      machine([{ ErrorEquals: ["Boom"], IntervalSeconds: 2, BackoffRate: 3, MaxDelaySeconds: 10, MaxAttempts: 3 }]),
      { task: (_effect, call) => (call < 3 ? fails("Boom") : succeeds("done")) },
    );
    assert.equal(outputOf(ended), "done");
    assert.equal(ended.tookMs, (2 + 6 + 10) * 1000);
  });

  it("counts attempts for each retrier by itself", async () => {
    const errors = ["A", "B", "A", "B", "A"];
    const ended = await play(
      machine([
        { ErrorEquals: ["A"], MaxAttempts: 2, IntervalSeconds: 1, BackoffRate: 1 },
        { ErrorEquals: ["B"], MaxAttempts: 2, IntervalSeconds: 1, BackoffRate: 1 },
      ]),
      { task: (_effect, call) => fails(errors[call] ?? "none") },
    );
    assert.deepEqual(ended.outcome, { status: "FAILED", error: "A", cause: "why" });
    assert.equal(types(ended).filter((type) => type === "TaskFailed").length, 5);
  });

  it("draws a jittered delay between nothing and the whole one", async () => {
    const ended = await play(
      machine([
        { ErrorEquals: ["States.ALL"], IntervalSeconds: 100, BackoffRate: 1, MaxAttempts: 1, JitterStrategy: "FULL" },
      ]),
      { task: (_effect, call) => (call === 0 ? fails("Boom") : succeeds(1)) },
    );
    assert.ok(ended.tookMs > 0 && ended.tookMs < 100_000, `${ended.tookMs} ms`);
  });
});

describe("Catch", () => {
  it("matches by the error's name and puts the error where ResultPath says", async () => {
    const ended = await play(
      define({
        StartAt: "T",
        States: {
          T: {
            Type: "Task",
            Resource: LAMBDA,
            Catch: [
              { ErrorEquals: ["Other"], Next: "Never" },
              { ErrorEquals: ["States.TaskFailed"], ResultPath: "$.error", Next: "Caught" },
            ],
            Next: "Never",
          },
          Never: { Type: "Fail" },
          Caught: { Type: "Pass", End: true },
        },
      }),
      { input: { kept: true }, task: () => fails("KeyError", "no such key") },
    );
    assert.deepEqual(outputOf(ended), { kept: true, error: { Error: "KeyError", Cause: "no such key" } });
  });

  it("does not let States.ALL catch a runtime error", async () => {
    const ended = await play(
      define({
        StartAt: "T",
        States: {
          T: {
            Type: "Task",
            Resource: LAMBDA,
            Parameters: { "x.$": "$.missing" },
            Catch: [{ ErrorEquals: ["States.ALL"], Next: "Caught" }],
            End: true,
          },
          Caught: { Type: "Pass", End: true },
        },
      }),
    );
    assert.deepEqual(ended.outcome, {
      status: "FAILED",
      error: "States.Runtime",
      cause:
        "An error occurred while executing the state 'T' (entered at the event id #2). " +
        "The JSONPath '$.missing' specified for the field 'x.$' could not be found in the input '{}'",
    });
  });

  it("assigns variables from the error in JSONata states", async () => {
    const ended = await play(
      define({
        QueryLanguage: "JSONata",
        StartAt: "T",
        States: {
          T: {
            Type: "Task",
            Resource: LAMBDA,
            Catch: [
              {
                ErrorEquals: ["States.ALL"],
                Assign: { name: "{% $states.errorOutput.Error %}" },
                Output: "{% $states.input %}",
                Next: "C",
              },
            ],
            End: true,
          },
          C: { Type: "Pass", Output: { was: "{% $name %}", input: "{% $states.input %}" }, End: true },
        },
      }),
      { input: 7, task: () => fails("Boom") },
    );
    assert.deepEqual(outputOf(ended), { was: "Boom", input: 7 });
  });
});

describe("a task", () => {
  it("times out, is cancelled, and its time-out can be caught by either name", async () => {
    for (const [field, name] of [
      ["TimeoutSeconds", "States.Timeout"],
      ["HeartbeatSeconds", "States.HeartbeatTimeout"],
    ] as const) {
      const ended = await play(
        define({
          StartAt: "T",
          States: {
            T: {
              Type: "Task",
              Resource: "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
              [field]: 3,
              Catch: [{ ErrorEquals: [name], Next: "C" }],
              End: true,
            },
            C: { Type: "Pass", End: true },
          },
        }),
      );
      assert.deepEqual(outputOf(ended), { Error: "States.Timeout", Cause: "" });
      assert.equal(ended.tookMs, 3000);
      assert.ok(types(ended).includes("TaskTimedOut"));
      assert.equal(ended.cancelled.includes(ended.effects.find((effect) => effect.kind === "task")?.id ?? ""), true);
    }
  });

  it("lives on while heartbeats come", async () => {
    const ended = await play(
      define({
        StartAt: "T",
        States: {
          T: {
            Type: "Task",
            Resource: "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
            HeartbeatSeconds: 3,
            End: true,
          },
        },
      }),
      {
        task: () => [
          { kind: "heartbeat", afterMs: 2000 },
          { kind: "heartbeat", afterMs: 4000 },
          { kind: "succeeded", output: "done", afterMs: 6500 },
        ],
      },
    );
    assert.equal(outputOf(ended), "done");
    assert.equal(ended.tookMs, 6500);
  });

  it("gets a token of its own at each attempt", async () => {
    const tokens: (string | undefined)[] = [];
    await play(
      define({
        StartAt: "T",
        States: {
          T: {
            Type: "Task",
            Resource: "arn:aws:states:::lambda:invoke.waitForTaskToken",
            Parameters: { "token.$": "$$.Task.Token" },
            Retry: [{ ErrorEquals: ["Boom"], MaxAttempts: 1 }],
            End: true,
          },
        },
      }),
      {
        task: (effect) => {
          tokens.push(effect.taskToken);
          assert.deepEqual(effect.parameters, { token: effect.taskToken });
          return fails("Boom");
        },
      },
    );
    assert.equal(new Set(tokens).size, 2);
  });
});

describe("Parallel", () => {
  const branch = (name: string, state: object = { Type: "Task", Resource: LAMBDA, End: true }) => ({
    StartAt: name,
    States: { [name]: state },
  });

  it("gives its branches' outputs in their order, whatever order they end in", async () => {
    const ended = await play(
      define({
        StartAt: "P",
        States: { P: { Type: "Parallel", Branches: ["A", "B", "C"].map((name) => branch(name)), End: true } },
      }),
      { task: ({ state }) => succeeds(state, { A: 300, B: 100, C: 200 }[state]) },
    );
    assert.deepEqual(outputOf(ended), ["A", "B", "C"]);
    assert.equal(ended.tookMs, 300);
  });

  it("fails fast: the first failure cancels the other branches", async () => {
    const ended = await play(
      define({
        StartAt: "P",
        States: {
          P: {
            Type: "Parallel",
            Branches: [branch("A"), branch("B"), branch("W", { Type: "Wait", Seconds: 3600, End: true })],
            Catch: [{ ErrorEquals: ["Boom"], Next: "C" }],
            End: true,
          },
          C: { Type: "Pass", End: true },
        },
      }),
      {
        task: ({ state }) =>
          state === "A" ? [{ kind: "failed", error: "Boom", cause: "x", afterMs: 10 }] : succeeds(1, 5000),
      },
    );
    assert.deepEqual(outputOf(ended), { Error: "Boom", Cause: "x" });
    assert.equal(ended.tookMs, 10);
    assert.equal(ended.cancelled.length, 2, "the other task and the timer");
  });

  it("keeps a branch's variables inside it", async () => {
    const ended = await play(
      define({
        QueryLanguage: "JSONata",
        StartAt: "Set",
        States: {
          Set: { Type: "Pass", Assign: { x: 1 }, Next: "P" },
          P: {
            Type: "Parallel",
            Branches: [
              {
                StartAt: "A",
                States: {
                  A: { Type: "Pass", Assign: { y: "{% $x + 1 %}" }, Next: "A2" },
                  A2: { Type: "Pass", Output: "{% $y %}", End: true },
                },
              },
              { StartAt: "B", States: { B: { Type: "Pass", Output: "{% $exists($y) %}", End: true } } },
            ],
            Next: "After",
          },
          After: { Type: "Pass", Output: { branches: "{% $states.input %}", leaked: "{% $exists($y) %}" }, End: true },
        },
      }),
    );
    assert.deepEqual(outputOf(ended), { branches: [2, false], leaked: false });
  });
});

describe("Map", () => {
  const map = (extra: object, inner: object = { Type: "Task", Resource: LAMBDA, End: true }) =>
    define({
      StartAt: "M",
      States: { M: { Type: "Map", ItemProcessor: { StartAt: "I", States: { I: inner } }, End: true, ...extra } },
    });

  it("never runs more iterations at once than MaxConcurrency", async () => {
    const ended = await play(map({ MaxConcurrency: 3 }), {
      input: Array.from({ length: 10 }, (_, index) => index),
      task: (effect) => succeeds(effect.parameters, 100),
    });
    assert.deepEqual(outputOf(ended), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    assert.equal(ended.tookMs, 400, "four rounds of at most three");
    let running = 0;
    let most = 0;
    for (const { type } of ended.events) {
      if (type === "MapIterationStarted") running += 1;
      if (type === "MapIterationSucceeded") running -= 1;
      most = Math.max(most, running);
    }
    assert.equal(most, 3);
  });

  it("fails fast and says which iteration failed", async () => {
    const ended = await play(map({}), {
      input: [1, 2, 3],
      task: ({ parameters }) => (parameters === 2 ? fails("Boom") : succeeds(1, 1000)),
    });
    assert.equal(ended.outcome?.status, "FAILED");
    const failed = ended.events.find((event) => event.type === "MapIterationFailed");
    assert.deepEqual(failed?.mapIterationFailedEventDetails, { index: 1, name: "M" });
    assert.equal(types(ended).filter((type) => type === "MapIterationAborted").length, 2);
  });

  it("succeeds with an empty list for no items", async () => {
    assert.deepEqual(outputOf(await play(map({}), { input: [] })), []);
  });
});

describe("redrive", () => {
  it("runs again only what had failed", async () => {
    const definition = define({
      StartAt: "First",
      States: {
        First: { Type: "Task", Resource: LAMBDA, ResultPath: "$.first", Next: "M" },
        M: {
          Type: "Map",
          ItemsPath: "$.items",
          ItemProcessor: { StartAt: "I", States: { I: { Type: "Task", Resource: LAMBDA, End: true } } },
          MaxConcurrency: 1,
          Next: "Last",
        },
        Last: { Type: "Task", Resource: LAMBDA, End: true },
      },
    });
    const called: (string | number)[] = [];
    const failing = await play(definition, {
      input: { items: [1, 2, 3] },
      task: ({ state, parameters }) => {
        called.push(state === "I" ? (parameters as number) : state);
        return parameters === 2 ? fails("Boom") : succeeds(parameters);
      },
    });
    assert.deepEqual(called, ["First", 1, 2]);
    const checkpoint = failing.run.root.checkpoint();
    assert.ok(checkpoint);
    called.length = 0;
    const again = await play(definition, {
      input: { items: [1, 2, 3] },
      redrive: { checkpoint: JSON.parse(JSON.stringify(checkpoint)), nextEventId: failing.events.length + 1, count: 1 },
      task: ({ state, parameters }) => {
        called.push(state === "I" ? (parameters as number) : state);
        return succeeds(parameters);
      },
    });
    assert.deepEqual(called, [2, 3, "Last"]);
    assert.deepEqual(outputOf(again), [1, 2, 3]);
    assert.equal(again.events[0]?.type, "ExecutionRedriven");
    assert.equal(again.events[0]?.id, failing.events.length + 1);
  });
});
