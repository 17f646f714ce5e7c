// A program with something to wait for: a rule and a schedule that fire in the morning, as production's do.
import { EventRule } from "@pulumi/aws/cloudwatch/eventRule.js";
import { EventTarget } from "@pulumi/aws/cloudwatch/eventTarget.js";
import { Role } from "@pulumi/aws/iam/role.js";
import { RolePolicy } from "@pulumi/aws/iam/rolePolicy.js";
import { Schedule } from "@pulumi/aws/scheduler/schedule.js";
import { Queue } from "@pulumi/aws/sqs/queue.js";

export async function program(): Promise<Record<string, unknown>> {
  const queue = new Queue("fired", { name: "fired" });
  const rule = new EventRule("daily", { name: "daily", scheduleExpression: "cron(30 4 * * ? *)" });
  new EventTarget("queue", { rule: rule.name, arn: queue.arn, input: JSON.stringify({ by: "rule" }) });
  const document = (statement: object) => JSON.stringify({ Version: "2012-10-17", Statement: [statement] });
  const trusted = { Effect: "Allow", Principal: { Service: "scheduler.amazonaws.com" }, Action: "sts:AssumeRole" };
  const role = new Role("scheduler", { name: "scheduler", assumeRolePolicy: document(trusted) });
  const policy = queue.arn.apply((Resource) => document({ Effect: "Allow", Action: "sqs:SendMessage", Resource }));
  const allowed = new RolePolicy("send", { name: "send", role: role.name, policy });
  new Schedule(
    "berlin",
    {
      name: "berlin",
      scheduleExpression: "cron(0 12 * * ? *)",
      scheduleExpressionTimezone: "Europe/Berlin",
      flexibleTimeWindow: { mode: "OFF" },
      target: { arn: queue.arn, roleArn: role.arn, input: JSON.stringify({ by: "<aws.scheduler.scheduled-time>" }) },
    },
    { dependsOn: allowed },
  );
  return { queue: queue.url };
}
