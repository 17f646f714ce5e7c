// IAM decides who may run what: by resource, by cluster, and by the roles that are handed over.
import assert from "node:assert/strict";
import {
  ECSClient,
  ListTasksCommand,
  RegisterTaskDefinitionCommand,
  RunTaskCommand,
  StopTaskCommand,
} from "@aws-sdk/client-ecs";
import { CreateAccessKeyCommand, CreateUserCommand, IAMClient, PutUserPolicyCommand } from "@aws-sdk/client-iam";
import { type EcsAccount, ecsAccount, withCommand } from "./cloud-fixture.js";

interface Statement {
  Action: string | string[];
  Resource: string;
  Condition?: object;
}

describe("ECS: permissions", () => {
  let on: EcsAccount;
  let prefix: string;
  let taskRoleArn: string;
  before(async function () {
    this.timeout(60_000);
    on = await ecsAccount();
    prefix = `arn:aws:ecs:eu-central-1:${on.account}`;
    taskRoleArn = await on.role("task", "ecs-tasks.amazonaws.com");
    await on.define("mine", [{ name: "app", command: ["say", "x"] }], { taskRoleArn });
    await on.define("theirs", [{ name: "app", command: ["say", "x"] }]);
  });

  const user = async (UserName: string, ...statements: Statement[]): Promise<ECSClient> => {
    const iam = new IAMClient(on.config());
    await iam.send(new CreateUserCommand({ UserName }));
    const Statement = statements.map((each) => ({ Effect: "Allow", ...each }));
    const PolicyDocument = JSON.stringify({ Version: "2012-10-17", Statement });
    await iam.send(new PutUserPolicyCommand({ UserName, PolicyName: "inline", PolicyDocument }));
    const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName }));
    const credentials = {
      accessKeyId: AccessKey?.AccessKeyId ?? "",
      secretAccessKey: AccessKey?.SecretAccessKey ?? "",
    };
    return new ECSClient({ ...on.config(), credentials });
  };
  const run = (as: ECSClient, taskDefinition: string, more: object = {}) =>
    as.send(
      new RunTaskCommand({
        cluster: "cluster",
        launchType: "FARGATE",
        networkConfiguration: on.network,
        taskDefinition,
        ...more,
      }),
    );
  const passing = (Resource: string): Statement => ({
    Action: "iam:PassRole",
    Resource,
    Condition: { StringEquals: { "iam:PassedToService": "ecs-tasks.amazonaws.com" } },
  });
  const denied = (what: string, resource: string) => ({
    name: "AccessDeniedException",
    message: new RegExp(`is not authorized to perform: ${what} on resource: ${resource.replaceAll("*", "\\*")}`),
  });

  it("runs the definitions that the policy names, and no others", async () => {
    const as = await user(
      "runs-mine",
      { Action: "ecs:RunTask", Resource: `${prefix}:task-definition/mine:*` },
      passing(`arn:aws:iam::${on.account}:role/*`),
    );
    const { tasks } = await run(as, "mine");
    await on.reaches(tasks?.[0]?.taskArn ?? "", "STOPPED");
    await run(as, "mine:1");
    await assert.rejects(run(as, "theirs"), denied("ecs:RunTask", `${prefix}:task-definition/theirs`));
    await assert.rejects(as.send(new ListTasksCommand({ cluster: "cluster" })), denied("ecs:ListTasks", "*"));
  });

  it("runs only in the cluster of the condition", async () => {
    const as = await user("elsewhere", {
      Action: "ecs:RunTask",
      Resource: "*",
      Condition: { ArnEquals: { "ecs:cluster": `${prefix}:cluster/other` } },
    });
    await assert.rejects(run(as, "theirs"), denied("ecs:RunTask", `${prefix}:task-definition/theirs`));
  });

  it("hands over roles only with iam:PassRole: those of the definition, and those that the request overrides", async () => {
    const runs = { Action: "ecs:RunTask", Resource: "*" };
    const none = await user("passes-none", runs);
    await assert.rejects(run(none, "theirs"), denied("iam:PassRole", on.executionRoleArn));
    const one = await user("passes-execution", runs, passing(on.executionRoleArn));
    await run(one, "theirs");
    await assert.rejects(run(one, "mine"), denied("iam:PassRole", taskRoleArn));
    await assert.rejects(run(one, "theirs", { overrides: { taskRoleArn } }), denied("iam:PassRole", taskRoleArn));
  });

  it("registers definitions with roles only with iam:PassRole", async () => {
    const as = await user(
      "registers",
      { Action: "ecs:RegisterTaskDefinition", Resource: "*" },
      passing(on.executionRoleArn),
    );
    const register = (roles: object) =>
      as.send(
        new RegisterTaskDefinitionCommand({
          family: "registered",
          requiresCompatibilities: ["FARGATE"],
          networkMode: "awsvpc",
          cpu: "256",
          memory: "512",
          containerDefinitions: [{ name: "app", image: on.image }],
          executionRoleArn: on.executionRoleArn,
          ...roles,
        }),
      );
    assert.equal((await register({})).taskDefinition?.revision, 1);
    await assert.rejects(register({ taskRoleArn }), denied("iam:PassRole", taskRoleArn));
  });

  it("stops the tasks of the clusters that the policy names", async () => {
    const [stops, elsewhere] = await Promise.all([
      user("stops", { Action: "ecs:StopTask", Resource: `${prefix}:task/cluster/*` }),
      user("stops-elsewhere", { Action: "ecs:StopTask", Resource: `${prefix}:task/other/*` }),
    ]);
    const task = await on.run("theirs", withCommand("wait"));
    await assert.rejects(
      elsewhere.send(new StopTaskCommand({ cluster: "cluster", task })),
      denied("ecs:StopTask", task),
    );
    const id = task.split("/").at(-1);
    await stops.send(new StopTaskCommand({ cluster: "cluster", task: id }));
    assert.equal((await on.reaches(task, "STOPPED")).stopCode, "UserInitiated");
  });
});
