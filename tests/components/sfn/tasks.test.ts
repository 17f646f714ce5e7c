import assert from "node:assert/strict";
import { ecsTask } from "../../../components/sfn/ecs-task.js";
import { lambdaTask } from "../../../components/sfn/lambda-task.js";
import { lintDefinition } from "../../../components/sfn/lint.js";
import { sequence } from "../../../components/sfn/sequence.js";

const network = { subnetIds: ["subnet-a", "subnet-b"], securityGroupIds: ["sg-a"] };
const plain = { clusterArn: "cluster", taskDefinitionArn: "definition:3", ...network, timeoutSeconds: 600 };

describe("A state that runs a task of ECS", () => {
  it("starts it on Fargate, without a public address, and waits for its end", () => {
    assert.deepEqual(ecsTask(plain), {
      Type: "Task",
      Resource: "arn:aws:states:::ecs:runTask.sync",
      Arguments: {
        Cluster: "cluster",
        TaskDefinition: "definition:3",
        LaunchType: "FARGATE",
        PropagateTags: "TASK_DEFINITION",
        NetworkConfiguration: {
          AwsvpcConfiguration: {
            Subnets: ["subnet-a", "subnet-b"],
            SecurityGroups: ["sg-a"],
            AssignPublicIp: "DISABLED",
          },
        },
      },
      TimeoutSeconds: 600,
      Retry: ecsTask(plain).Retry,
    });
  });

  it("lays variables over those of one container", () => {
    const { Arguments } = ecsTask({
      ...plain,
      environment: { container: "main", variables: { DAY: "{% $states.input.day %}", MODE: "full" } },
    });
    assert.deepEqual((Arguments as { Overrides: unknown }).Overrides, {
      ContainerOverrides: [
        {
          Name: "main",
          Environment: [
            { Name: "DAY", Value: "{% $states.input.day %}" },
            { Name: "MODE", Value: "full" },
          ],
        },
      ],
    });
  });

  it("tries again what ECS refused, and never a task that failed", () => {
    const retried = ecsTask(plain).Retry?.flatMap(({ ErrorEquals }) => ErrorEquals) ?? [];
    assert.ok(retried.includes("ECS.ThrottlingException"));
    for (const never of ["States.TaskFailed", "States.ALL", "States.Timeout"])
      assert.ok(!retried.includes(never), never);
  });
});

describe("A state that invokes a function", () => {
  const task = lambdaTask({ functionArn: "function", payload: { day: "{% $states.input.day %}" }, timeoutSeconds: 60 });

  it("gives on what the function returned, not how it was invoked", () => {
    assert.equal(task.Resource, "arn:aws:states:::lambda:invoke");
    assert.deepEqual(task.Arguments, { FunctionName: "function", Payload: { day: "{% $states.input.day %}" } });
    assert.equal(task.Output, "{% $states.result.Payload %}");
    assert.equal(task.TimeoutSeconds, 60);
  });

  it("tries again what failed in Lambda, and never an error of the function's own", () => {
    for (const name of task.Retry?.flatMap(({ ErrorEquals }) => ErrorEquals) ?? []) assert.match(name, /^Lambda\./);
  });
});

describe("Both kinds of state", () => {
  it("make a sound state machine, with their comment, catcher and output", () => {
    const caught = [{ ErrorEquals: ["States.ALL"], Next: "Failed" }];
    const definition = {
      QueryLanguage: "JSONata" as const,
      ...sequence(
        {
          Check: lambdaTask({ comment: "First", functionArn: "f", payload: {}, timeoutSeconds: 60, catch: caught }),
          Run: ecsTask({ ...plain, comment: "Then", catch: caught, output: { arn: "{% $states.result.TaskArn %}" } }),
          Done: { Type: "Succeed" },
        },
        sequence({ Failed: { Type: "Fail" } }),
      ),
    };
    assert.deepEqual(lintDefinition(definition), []);
    assert.deepEqual(
      ["Check", "Run"].map((name) => (definition.States[name] as { Comment?: string }).Comment),
      ["First", "Then"],
    );
    assert.deepEqual((definition.States.Run as { Output?: unknown }).Output, { arn: "{% $states.result.TaskArn %}" });
  });
});
