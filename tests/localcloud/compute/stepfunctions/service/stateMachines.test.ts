import assert from "node:assert/strict";
import {
  CreateActivityCommand,
  CreateStateMachineCommand,
  DeleteStateMachineCommand,
  DescribeActivityCommand,
  DescribeStateMachineCommand,
  DescribeStateMachineForExecutionCommand,
  ListStateMachinesCommand,
  ListTagsForResourceCommand,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateStateMachineCommand,
  ValidateStateMachineDefinitionCommand,
} from "@aws-sdk/client-sfn";
import { eventually, PASS, REGION, type StatesAccount, statesAccount, WAIT } from "./fixture.js";

const KEY = "alias/aws/states";

describe("Step Functions: state machines", () => {
  let states: StatesAccount;
  before(async () => {
    states = await statesAccount();
  });

  const describeMachine = (stateMachineArn: string) =>
    states.sfn.send(new DescribeStateMachineCommand({ stateMachineArn }));

  it("describes what was created, with the defaults of what was not given", async () => {
    const arn = await states.create(PASS, { name: "described" });
    assert.equal(arn, `arn:aws:states:${REGION}:${states.account}:stateMachine:described`);
    const machine = await describeMachine(arn);
    assert.deepEqual(
      [machine.name, machine.status, machine.type, machine.roleArn, JSON.parse(machine.definition ?? "")],
      ["described", "ACTIVE", "STANDARD", states.roleArn, PASS],
    );
    assert.deepEqual(machine.loggingConfiguration, { level: "OFF", includeExecutionData: false });
    assert.deepEqual(machine.tracingConfiguration, { enabled: false });
    assert.deepEqual(machine.encryptionConfiguration, { type: "AWS_OWNED_KEY" });
    assert.ok(Math.abs(Date.now() - (machine.creationDate?.getTime() ?? 0)) < 60_000);
  });

  it("takes up to fifty tags, none of them AWS's own", async () => {
    const resourceArn = await states.create(PASS);
    const tag = (tags: { key: string; value?: string }[]) =>
      states.sfn.send(new TagResourceCommand({ resourceArn, tags: tags as { key: string; value: string }[] }));
    await tag(Array.from({ length: 50 }, (_, index) => ({ key: `key-${index}`, value: "1" })));
    await tag([{ key: "key-0", value: "again" }]);
    await assert.rejects(tag([{ key: "one more", value: "1" }]), { name: "TooManyTags" });
    await assert.rejects(tag([{ key: "aws:mine", value: "1" }]), { name: "ValidationException" });
    await assert.rejects(states.sfn.send(new TagResourceCommand({ resourceArn } as never)), {
      name: "ValidationException",
    });
    const { tags } = await states.sfn.send(new ListTagsForResourceCommand({ resourceArn }));
    assert.deepEqual([tags?.length, tags?.[0]], [50, { key: "key-0", value: "again" }]);
    const many = Array.from({ length: 51 }, (_, index) => ({ key: `key-${index}`, value: "" }));
    await assert.rejects(states.create(PASS, { tags: many }), { name: "TooManyTags" });
  });

  it("keeps encryption settings, and refuses those that are not valid", async () => {
    const own = {
      type: "CUSTOMER_MANAGED_KMS_KEY" as const,
      kmsKeyId: KEY,
      kmsDataKeyReusePeriodSeconds: 300,
    };
    const arn = await states.create(PASS, { encryptionConfiguration: own });
    assert.deepEqual((await describeMachine(arn)).encryptionConfiguration, own);
    const update = (encryptionConfiguration: object) =>
      states.sfn.send(new UpdateStateMachineCommand({ stateMachineArn: arn, encryptionConfiguration } as never));
    await update({ type: "AWS_OWNED_KEY" });
    assert.deepEqual((await describeMachine(arn)).encryptionConfiguration, { type: "AWS_OWNED_KEY" });
    await assert.rejects(update({ type: "FOO" }), { name: "ValidationException" });
    await assert.rejects(update({ type: "CUSTOMER_MANAGED_KMS_KEY" }), { name: "InvalidEncryptionConfiguration" });
    await assert.rejects(update({ ...own, kmsDataKeyReusePeriodSeconds: 30 }), {
      name: "InvalidEncryptionConfiguration",
    });
    const activity = { name: "encrypted", encryptionConfiguration: own } as never;
    const { activityArn } = await states.sfn.send(new CreateActivityCommand(activity));
    const described = await states.sfn.send(new DescribeActivityCommand({ activityArn }));
    assert.deepEqual(described.encryptionConfiguration, own);
    await states.sfn.send(new CreateActivityCommand(activity));
    await assert.rejects(states.sfn.send(new CreateActivityCommand({ name: "encrypted" })), {
      name: "ActivityAlreadyExists",
    });
  });

  it("is not reached by the name of a Distributed Map in it", async () => {
    const arn = await states.create(PASS);
    const labelled = { stateMachineArn: `${arn}/Label` };
    const refusal = { name: "ValidationException", reason: "API_DOES_NOT_SUPPORT_LABELED_ARNS" };
    await assert.rejects(states.sfn.send(new DeleteStateMachineCommand(labelled)), refusal);
    await assert.rejects(states.sfn.send(new DescribeStateMachineCommand(labelled)), refusal);
    assert.equal((await describeMachine(arn)).status, "ACTIVE");
  });

  it("creates the same machine once, and refuses another of its name", async () => {
    const request = { name: "twice", roleArn: states.roleArn, definition: JSON.stringify(PASS) };
    const first = await states.sfn.send(new CreateStateMachineCommand(request));
    const again = await states.sfn.send(
      new CreateStateMachineCommand({ ...request, tags: [{ key: "ignored", value: "yes" }] }),
    );
    assert.deepEqual(again.creationDate, first.creationDate);
    const { tags } = await states.sfn.send(new ListTagsForResourceCommand({ resourceArn: first.stateMachineArn }));
    assert.deepEqual(tags, [], "tags of the second request are ignored, as on AWS");
    await assert.rejects(
      states.sfn.send(new CreateStateMachineCommand({ ...request, definition: JSON.stringify(WAIT) })),
      { name: "StateMachineAlreadyExists", message: `State Machine Already Exists: '${first.stateMachineArn}'` },
    );
  });

  it("refuses names, roles, definitions and logging that are not valid", async () => {
    const create = (more: object) => states.create(PASS, { name: "refused", ...more });
    await assert.rejects(create({ name: "with blank" }), { name: "InvalidName" });
    await assert.rejects(create({ roleArn: "arn:aws:iam::1:user/x" }), { name: "InvalidArn" });
    await assert.rejects(create({ definition: "{" }), {
      name: "InvalidDefinition",
      message: /INVALID_JSON_DESCRIPTION/,
    });
    await assert.rejects(create({ definition: '{"StartAt":"A","States":{"B":{"Type":"Succeed"}}}' }), {
      name: "InvalidDefinition",
      message: /^Invalid State Machine Definition: 'MISSING_TRANSITION_TARGET: .+ at \/StartAt/,
    });
    await assert.rejects(create({ loggingConfiguration: { level: "ALL" } }), {
      name: "InvalidLoggingConfiguration",
      message: "Invalid Logging Configuration: Must specify exactly one Log Destination.",
    });
    await assert.rejects(describeMachine(`arn:aws:states:${REGION}:${states.account}:stateMachine:refused`), {
      name: "StateMachineDoesNotExist",
    });
    await assert.rejects(describeMachine("arn:aws:states:x"), { name: "InvalidArn" });
  });

  it("refuses a role that Step Functions may not assume", async () => {
    const roleArn = await states.role("not-for-states", "lambda.amazonaws.com");
    await assert.rejects(states.create(PASS, { roleArn }), {
      name: "AccessDeniedException",
      message: /^Neither the global service principal states\.amazonaws\.com, nor the regional one is authorized/,
    });
    const regional = await states.role("regional", `states.${REGION}.amazonaws.com`);
    const { status } = await describeMachine(await states.create(PASS, { roleArn: regional }));
    assert.equal(status, "ACTIVE");
  });

  it("gives an update to new executions, and leaves those that run with the revision they began with", async () => {
    const arn = await states.create(WAIT);
    const running = await states.start(arn);
    const before = await describeMachine(arn);
    const { revisionId } = await states.sfn.send(
      new UpdateStateMachineCommand({ stateMachineArn: arn, definition: JSON.stringify(PASS) }),
    );
    assert.deepEqual([before.revisionId, typeof revisionId], [undefined, "string"], "only updates have one");
    const after = await describeMachine(arn);
    assert.deepEqual([after.revisionId, after.definition], [revisionId, JSON.stringify(PASS)]);
    assert.equal((await states.ended(await states.start(arn))).status, "SUCCEEDED");
    const its = await states.sfn.send(new DescribeStateMachineForExecutionCommand({ executionArn: running }));
    assert.deepEqual([its.revisionId, its.definition], [before.revisionId, JSON.stringify(WAIT)]);
    await assert.rejects(states.sfn.send(new UpdateStateMachineCommand({ stateMachineArn: arn })), {
      name: "MissingRequiredParameter",
    });
  });

  it("ends the executions of a machine that is deleted", async () => {
    const arn = await states.create(WAIT);
    const executionArn = await states.start(arn);
    await states.sfn.send(new DeleteStateMachineCommand({ stateMachineArn: arn }));
    assert.equal((await states.ended(executionArn)).status, "ABORTED");
    await eventually(async () =>
      describeMachine(arn).then(
        () => undefined,
        (error: Error) => error.name,
      ),
    );
    await assert.rejects(states.start(arn), { name: "StateMachineDoesNotExist" });
    await states.sfn.send(new DeleteStateMachineCommand({ stateMachineArn: arn }));
  });

  it("lists machines page by page", async () => {
    const own = await statesAccount();
    for (const name of ["c", "a", "b"]) await own.create(PASS, { name });
    const seen: string[] = [];
    let nextToken: string | undefined;
    do {
      const page = await own.sfn.send(new ListStateMachinesCommand({ maxResults: 2, nextToken }));
      seen.push(...(page.stateMachines ?? []).map(({ name }) => name ?? ""));
      nextToken = page.nextToken;
    } while (nextToken);
    assert.deepEqual(seen, ["a", "b", "c"]);
    await assert.rejects(own.sfn.send(new ListStateMachinesCommand({ nextToken: "made up" })), {
      name: "InvalidToken",
    });
    await assert.rejects(own.sfn.send(new ListStateMachinesCommand({ maxResults: 1001 })), {
      name: "ValidationException",
    });
  });

  it("keeps tags", async () => {
    const resourceArn = await states.create(PASS, { tags: [{ key: "owner", value: "data" }] });
    await states.sfn.send(new TagResourceCommand({ resourceArn, tags: [{ key: "stage", value: "test" }] }));
    await states.sfn.send(new UntagResourceCommand({ resourceArn, tagKeys: ["owner"] }));
    const { tags } = await states.sfn.send(new ListTagsForResourceCommand({ resourceArn }));
    assert.deepEqual(tags, [{ key: "stage", value: "test" }]);
    await assert.rejects(states.sfn.send(new ListTagsForResourceCommand({ resourceArn: `${resourceArn}-none` })), {
      name: "ResourceNotFound",
    });
  });

  it("names the variables that each state refers to", async () => {
    const arn = await states.create({
      QueryLanguage: "JSONata",
      StartAt: "Set",
      States: {
        Set: { Type: "Pass", Assign: { total: "{% $states.input.a %}" }, Next: "Use" },
        Use: { Type: "Pass", Output: "{% $total + $count($states.input) %}", End: true },
      },
    });
    assert.deepEqual((await describeMachine(arn)).variableReferences, { Use: ["total"] });
    const hidden = await states.sfn.send(
      new DescribeStateMachineCommand({ stateMachineArn: arn, includedData: "METADATA_ONLY" }),
    );
    assert.deepEqual([hidden.definition, hidden.variableReferences], ["", undefined]);
  });

  it("validates definitions with diagnostics", async () => {
    const validate = (definition: object, type?: "EXPRESS") =>
      states.sfn.send(new ValidateStateMachineDefinitionCommand({ definition: JSON.stringify(definition), type }));
    const good = await validate(PASS);
    assert.deepEqual([good.result, good.diagnostics], ["OK", []]);
    const bad = await validate({ StartAt: "A", States: { A: { Type: "Task", End: true } } });
    assert.equal(bad.result, "FAIL");
    assert.deepEqual(
      bad.diagnostics?.map(({ severity, code, location }) => [severity, code, location]),
      [["ERROR", "SCHEMA_VALIDATION_FAILED", "/States/A"]],
    );
    const waiting = {
      StartAt: "A",
      States: { A: { Type: "Task", Resource: "arn:aws:states:::batch:submitJob.sync", Parameters: {}, End: true } },
    };
    assert.equal((await validate(waiting)).result, "OK");
    assert.match(
      (await validate(waiting, "EXPRESS")).diagnostics?.[0]?.message ?? "",
      /Express state machine does not support/,
    );
  });
});
