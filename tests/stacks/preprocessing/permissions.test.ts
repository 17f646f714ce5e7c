// Statements as they stand; what the deployed policies come to is in stack.test.ts.
import assert from "node:assert/strict";
import type { Input } from "@pulumi/pulumi";
import * as pulumi from "@pulumi/pulumi";
import type { Statement } from "../../../components/iam/policy.js";
import {
  checkStatements,
  executionStatements,
  summaryStatements,
  taskStatements,
} from "../../../stacks/preprocessing/permissions.js";
import { run, settled } from "../../components/mocks.js";

const BUCKET = "arn:aws:s3:::data";

/** Statements with their resources in plain text. */
async function plain(statements: () => Statement[]) {
  const { result } = await run(statements);
  return await Promise.all(
    result.map(async (statement) => ({
      ...statement,
      resources: (await settled(pulumi.output(statement.resources as Input<string>[]))) as string[],
    })),
  );
}

const prefixesOf = (statements: Statement[]) =>
  statements.find(({ sid }) => sid === "List")?.conditions?.StringLike?.["s3:prefix"];

describe("Who may do what in preprocessing", () => {
  it("lets the function before see, but read nothing", async () => {
    const statements = await plain(() => checkStatements(BUCKET));
    assert.deepEqual(
      statements.map(({ actions, resources }) => [actions, resources]),
      [[["s3:ListBucket"], [BUCKET]]],
    );
    assert.deepEqual(prefixesOf(statements), ["artifacts/*", "input/*"]);
  });

  it("lets the function after read the manifest alone", async () => {
    const statements = await plain(() => summaryStatements(BUCKET));
    assert.deepEqual(
      statements.map(({ actions, resources }) => [actions, resources]),
      [
        [["s3:ListBucket"], [BUCKET]],
        [["s3:GetObject"], [`${BUCKET}/output/manifest.json`]],
      ],
    );
    assert.deepEqual(prefixesOf(statements), ["output/*"]);
  });

  it("lets the container delete nothing, and write nowhere but to output", async () => {
    const statements = await plain(() => taskStatements(BUCKET));
    const actions = statements.flatMap((statement) => statement.actions);
    assert.deepEqual(
      actions.filter((action) => /Delete|\*/.test(action)),
      [],
    );
    const writing = statements.filter((statement) => statement.actions.some((action) => /Put/.test(action)));
    assert.deepEqual(
      writing.map(({ resources }) => resources),
      [[`${BUCKET}/output/*`]],
    );
  });

  it("lets executions run any revision of one task, in one cluster, and hand on its roles to tasks only", async () => {
    const statements = await plain(() =>
      executionStatements({
        functions: ["check", "summary"],
        cluster: "cluster",
        taskDefinition: "arn:aws:ecs:r:a:task-definition/t",
        tasks: "arn:aws:ecs:r:a:task/t",
        roles: ["task-role", "execution-role"],
        eventsRule: "rule",
      }),
    );
    const bySid = Object.fromEntries(statements.map((statement) => [statement.sid, statement]));
    assert.deepEqual(bySid.RunTask?.resources, ["arn:aws:ecs:r:a:task-definition/t:*"]);
    assert.deepEqual(bySid.RunTask?.conditions, { ArnEquals: { "ecs:cluster": "cluster" } });
    assert.deepEqual(bySid.FollowAndStopTasks?.resources, ["arn:aws:ecs:r:a:task/t/*"]);
    assert.deepEqual(bySid.GiveRolesToTasks?.resources, ["task-role", "execution-role"]);
    assert.deepEqual(bySid.GiveRolesToTasks?.conditions, {
      StringEquals: { "iam:PassedToService": "ecs-tasks.amazonaws.com" },
    });
    assert.deepEqual(bySid.HearOfTasks?.resources, ["rule"]);
    assert.deepEqual(bySid.InvokeFunctions?.resources, ["check", "summary"]);
  });
});
