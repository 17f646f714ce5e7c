import assert from "node:assert/strict";
import {
  DescribeStateMachineCommand,
  ListActivitiesCommand,
  ListStateMachinesCommand,
  SFNClient,
  TagResourceCommand,
  UpdateStateMachineCommand,
} from "@aws-sdk/client-sfn";
import { LogGroup } from "@pulumi/aws/cloudwatch/logGroup.js";
import { Role } from "@pulumi/aws/iam/role.js";
import { Activity } from "@pulumi/aws/sfn/activity.js";
import { StateMachine } from "@pulumi/aws/sfn/stateMachine.js";
import { interpolate } from "@pulumi/pulumi";
import { type Life, testLives } from "../lifecycle.js";
import { arn, by, steady } from "../versions.js";

const trust = JSON.stringify({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Principal: { Service: "states.amazonaws.com" }, Action: "sts:AssumeRole" }],
});

const wait = (seconds: number) =>
  JSON.stringify({ StartAt: "Wait", States: { Wait: { Type: "Wait", Seconds: seconds, End: true } } });

const lives: Life[] = [
  {
    name: "role",
    declare: (_version, options) => new Role("role", { name: "sfn-role", assumeRolePolicy: trust }, options),
    ...steady,
  },
  {
    name: "log",
    declare: (_version, options) => new LogGroup("log", { name: "/aws/vendedlogs/states/x" }, options),
    ...steady,
  },
  {
    name: "flow",
    declare: (version, options, others) =>
      new StateMachine(
        "flow",
        {
          name: by(version, "flow", "flow", "flow-2"),
          roleArn: arn(others, "role"),
          definition: by(version, wait(1), wait(2)),
          loggingConfiguration: by(version, undefined, {
            level: "ERROR",
            includeExecutionData: true,
            logDestination: interpolate`${arn(others, "log")}:*`,
          }),
          tracingConfiguration: { enabled: by(version, false, true) },
          tags: by<Record<string, string>>(version, { a: "1", b: "1" }, { a: "2" }),
        },
        options,
      ),
    outputs: {
      created: (outputs) => {
        assert.match(String(outputs.arn), /^arn:aws:states:eu-central-1:\d{12}:stateMachine:flow$/);
        assert.equal(outputs.status, "ACTIVE");
        assert.equal(outputs.type, "STANDARD");
      },
      updated: (outputs) => assert.deepEqual(outputs.tagsAll, { a: "2" }),
    },
    verify: {
      updated: async (stateMachineArn, { client }) => {
        const found = await new SFNClient(client).send(new DescribeStateMachineCommand({ stateMachineArn }));
        assert.equal(JSON.parse(found.definition ?? "").States.Wait.Seconds, 2);
        assert.equal(found.loggingConfiguration?.level, "ERROR");
      },
    },
    unimportable: ["tracingConfiguration"],
    disturb: async (stateMachineArn, { client }) => {
      await new SFNClient(client).send(new UpdateStateMachineCommand({ stateMachineArn, definition: wait(9) }));
    },
  },
  {
    name: "hand",
    declare: (version, options) =>
      new Activity(
        "hand",
        { name: by(version, "hand", "hand", "hand-2"), tags: by(version, { a: "1" }, { a: "2" }) },
        options,
      ),
    disturb: async (resourceArn, { client }) => {
      await new SFNClient(client).send(new TagResourceCommand({ resourceArn, tags: [{ key: "x", value: "1" }] }));
    },
  },
];

testLives("provider: sfn", lives, async ({ client }) => {
  const sfn = new SFNClient(client);
  const [machines, activities] = await Promise.all([
    sfn.send(new ListStateMachinesCommand({})),
    sfn.send(new ListActivitiesCommand({})),
  ]);
  return [
    ...(machines.stateMachines ?? []).map((each) => each.name ?? ""),
    ...(activities.activities ?? []).map((each) => each.name ?? ""),
  ];
});
