// What starts the workflow: a CSV file of a day, or the manifest of an export, has been written.
import type { Output } from "@pulumi/pulumi";
import { Alarm } from "../../../components/cloudwatch/alarm.js";
import { WorkflowTrigger } from "../../../components/events/workflow-trigger.js";
import type { StateMachine } from "../../../components/sfn/state-machine.js";
import type { AlertTopic } from "../../../components/sns/alert-topic.js";
import type { CatScope } from "../scope.js";

/** Events of S3 that start an execution each. */
export function arrivals(bucket: Output<string>, cleanPrefix: string): Record<string, unknown> {
  const keys = ["*.csv", "_manifests/*.json"].map((name) => ({ wildcard: `${cleanPrefix}${name}` }));
  return {
    source: ["aws.s3"],
    "detail-type": ["Object Created"],
    detail: { bucket: { name: [bucket] }, object: { key: keys } },
  };
}

export function trigger(
  scope: CatScope,
  bucket: { name: Output<string> },
  stateMachine: StateMachine,
  topic: AlertTopic,
): WorkflowTrigger {
  const { called, child, context, settings } = scope;
  const options = scope.parts("ETL-2")("ORCHESTRATION");
  const rule = new WorkflowTrigger(
    child("etl2-arrivals"),
    {
      name: called.of("etl2-arrivals"),
      description: "CSV files and manifests of exports start the ETL",
      pattern: arrivals(bucket.name, settings.etl.cleanPrefix),
      stateMachineArn: stateMachine.arn,
      roleName: called.of("etl2-arrivals-role"),
      account: context.account,
    },
    options,
  );
  new Alarm(
    child("etl2-arrivals-lost"),
    {
      name: called.of("etl2-arrivals-lost"),
      description:
        "Files arrived that no execution was started for. Start one by hand, with input {}: it loads whatever is not loaded.",
      metric: { namespace: "AWS/Events", name: "FailedInvocations", dimensions: { RuleName: rule.ruleName } },
      statistic: "Sum",
      threshold: 1,
      topicArn: topic.arn,
    },
    options,
  );
  return rule;
}
