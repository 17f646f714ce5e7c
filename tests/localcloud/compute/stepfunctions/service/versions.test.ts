import assert from "node:assert/strict";
import {
  CreateStateMachineAliasCommand,
  CreateStateMachineCommand,
  DeleteStateMachineAliasCommand,
  DeleteStateMachineVersionCommand,
  DescribeExecutionCommand,
  DescribeStateMachineAliasCommand,
  DescribeStateMachineCommand,
  ListExecutionsCommand,
  ListStateMachineAliasesCommand,
  ListStateMachineVersionsCommand,
  PublishStateMachineVersionCommand,
  UpdateStateMachineAliasCommand,
  UpdateStateMachineCommand,
} from "@aws-sdk/client-sfn";
import { type StatesAccount, statesAccount } from "./fixture.js";

/** A machine whose output tells which one it is. */
const saying = (Result: string) => ({ StartAt: "Say", States: { Say: { Type: "Pass", Result, End: true } } });

describe("Step Functions: versions and aliases", () => {
  let states: StatesAccount;
  let machine: string;
  before(async () => {
    states = await statesAccount();
  });
  beforeEach(async () => {
    machine = await states.create(saying("one"));
  });

  const publish = async (more: object = {}) =>
    (await states.sfn.send(new PublishStateMachineVersionCommand({ stateMachineArn: machine, ...more })))
      .stateMachineVersionArn ?? "";
  const update = (text: string, more: object = {}) =>
    states.sfn.send(
      new UpdateStateMachineCommand({ stateMachineArn: machine, definition: JSON.stringify(saying(text)), ...more }),
    );
  const routing = (...pairs: [string, number][]) => ({
    routingConfiguration: pairs.map(([stateMachineVersionArn, weight]) => ({ stateMachineVersionArn, weight })),
  });
  const alias = async (name: string, ...pairs: [string, number][]) =>
    (await states.sfn.send(new CreateStateMachineAliasCommand({ name, ...routing(...pairs) }))).stateMachineAliasArn ??
    "";
  const output = async (arn: string) => (await states.ended(await states.start(arn))).output;

  it("a version keeps what the machine was when it was published", async () => {
    const first = await publish({ description: "the first" });
    assert.equal(first, `${machine}:1`);
    assert.equal(await publish(), first, "nothing has changed since");
    const { stateMachineVersionArn: second } = await update("two", { publish: true });
    assert.equal(second, `${machine}:2`);
    assert.deepEqual(
      [await output(first), await output(`${machine}:2`), await output(machine)],
      ['"one"', '"two"', '"two"'],
    );
    const described = await states.sfn.send(new DescribeStateMachineCommand({ stateMachineArn: first }));
    assert.deepEqual(
      [described.description, described.definition, described.stateMachineArn],
      ["the first", JSON.stringify(saying("one")), first],
    );
    const { stateMachineVersions } = await states.sfn.send(
      new ListStateMachineVersionsCommand({ stateMachineArn: machine }),
    );
    assert.deepEqual(
      stateMachineVersions?.map(({ stateMachineVersionArn }) => stateMachineVersionArn),
      [second, first],
    );
  });

  it("a version is published with the machine, and only of the revision that is asked for", async () => {
    const created = await states.sfn.send(
      new CreateStateMachineCommand({
        name: "published",
        definition: JSON.stringify(saying("x")),
        roleArn: states.roleArn,
        publish: true,
        versionDescription: "at once",
      }),
    );
    assert.equal(created.stateMachineVersionArn, `${created.stateMachineArn}:1`);
    await assert.rejects(publish({ revisionId: "of-yesterday" }), { name: "ConflictException" });
    assert.equal(await publish({ revisionId: "INITIAL" }), `${machine}:1`);
  });

  it("a version's number is not given again, and an alias keeps its versions", async () => {
    const first = await publish();
    const production = await alias("PROD", [first, 100]);
    const remove = (arn: string) =>
      states.sfn.send(new DeleteStateMachineVersionCommand({ stateMachineVersionArn: arn }));
    await assert.rejects(remove(first), { name: "ConflictException", message: /\[PROD\]$/ });
    await states.sfn.send(new DeleteStateMachineAliasCommand({ stateMachineAliasArn: production }));
    await remove(first);
    await assert.rejects(states.start(first), { name: "StateMachineDoesNotExist" });
    await update("two");
    assert.equal(await publish(), `${machine}:2`);
  });

  it("an alias sends executions to its versions by weight, and they say which way they came", async () => {
    const first = await publish();
    const { stateMachineVersionArn: second = "" } = await update("two", { publish: true });
    const production = await alias("PROD", [first, 100]);
    const executionArn = await states.start(production);
    const execution = await states.sfn.send(new DescribeExecutionCommand({ executionArn }));
    assert.deepEqual([execution.stateMachineVersionArn, execution.stateMachineAliasArn], [first, production]);
    assert.equal((await states.ended(executionArn)).output, '"one"');
    await states.sfn.send(
      new UpdateStateMachineAliasCommand({ stateMachineAliasArn: production, ...routing([first, 0], [second, 100]) }),
    );
    assert.equal(await output(production), '"two"');
    await states.sfn.send(
      new UpdateStateMachineAliasCommand({ stateMachineAliasArn: production, ...routing([first, 50], [second, 50]) }),
    );
    const outputs = new Set<string | undefined>();
    while (outputs.size < 2) outputs.add(await output(production));
    assert.deepEqual([...outputs].sort(), ['"one"', '"two"']);
    const listed = await states.sfn.send(new ListExecutionsCommand({ stateMachineArn: production, maxResults: 1000 }));
    assert.ok((listed.executions ?? []).every(({ stateMachineAliasArn }) => stateMachineAliasArn === production));
    assert.ok((listed.executions ?? []).length >= 4);
  });

  it("versions are listed newest first, each once, also while more are published", async () => {
    await publish();
    await update("two", { publish: true });
    const list = async (more: object) => {
      const page = await states.sfn.send(
        new ListStateMachineVersionsCommand({ stateMachineArn: machine, maxResults: 1, ...more }),
      );
      const arns = (page.stateMachineVersions ?? []).map(({ stateMachineVersionArn }) => stateMachineVersionArn);
      return { arns, nextToken: page.nextToken };
    };
    const first = await list({});
    await update("three", { publish: true });
    const second = await list({ nextToken: first.nextToken });
    assert.deepEqual([first.arns, second.arns, second.nextToken], [[`${machine}:2`], [`${machine}:1`], undefined]);
  });

  it("an alias is described, listed, and refused when its routing is not valid", async () => {
    const first = await publish();
    const arn = await alias("TEST", [first, 100]);
    const described = await states.sfn.send(new DescribeStateMachineAliasCommand({ stateMachineAliasArn: arn }));
    assert.deepEqual(
      [described.name, described.routingConfiguration],
      ["TEST", routing([first, 100]).routingConfiguration],
    );
    const { stateMachineAliases } = await states.sfn.send(
      new ListStateMachineAliasesCommand({ stateMachineArn: machine }),
    );
    assert.deepEqual(
      stateMachineAliases?.map(({ stateMachineAliasArn }) => stateMachineAliasArn),
      [arn],
    );
    const refused = (message: string | RegExp) => ({ name: "ValidationException", message });
    await assert.rejects(
      alias("BAD", [first, 50]),
      refused("Sum of routing configuration weights must equal 100. Received: [50]"),
    );
    await assert.rejects(
      alias("BAD", [machine, 100]),
      refused(`Routing configuration must contain state machine version ARNs. Received: [${machine}]`),
    );
    for (const name of ["7", "with blank"])
      await assert.rejects(
        alias(name, [first, 100]),
        refused(/'name' failed to satisfy constraint: Member must satisfy/),
      );
    const { stateMachineVersionArn: second = "" } = await update("two", { publish: true });
    await assert.rejects(alias("TEST", [second, 100]), { name: "ConflictException" });
    const differing = { name: "TEST", description: "another", ...routing([first, 100]) };
    await assert.rejects(states.sfn.send(new CreateStateMachineAliasCommand(differing)), { name: "ConflictException" });
    const newer = await alias("NEWER", [second, 100]);
    const page = await states.sfn.send(new ListStateMachineAliasesCommand({ stateMachineArn: machine, maxResults: 1 }));
    const { nextToken } = page;
    const rest = await states.sfn.send(new ListStateMachineAliasesCommand({ stateMachineArn: machine, nextToken }));
    assert.deepEqual(
      [page, rest].flatMap(({ stateMachineAliases: found = [] }) => found.map((one) => one.stateMachineAliasArn)),
      [arn, newer],
    );
  });
});
