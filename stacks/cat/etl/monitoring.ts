// Who is told when the ETL fails. Executions tell of themselves; what they cannot tell of, being stopped or out of time, their events do.
import { EventNotification } from "../../../components/events/notification.js";
import { AlertTopic } from "../../../components/sns/alert-topic.js";
import type { CatScope } from "../scope.js";

export function monitor(scope: CatScope, stateMachineName: string): AlertTopic {
  const { called, child, context, settings } = scope;
  const options = scope.parts("ETL-2")("ORCHESTRATION");
  const topic = new AlertTopic(
    child("etl2-alerts"),
    { name: called.of("etl2-alerts"), account: context.account, emails: settings.etl.emails },
    options,
  );
  new EventNotification(
    child("etl2-stops"),
    {
      name: called.of("etl2-stops"),
      description: "Executions of the ETL that were stopped or ran out of time",
      pattern: {
        source: ["aws.states"],
        "detail-type": ["Step Functions Execution Status Change"],
        detail: {
          stateMachineArn: [scope.arn("states", `stateMachine:${stateMachineName}`)],
          status: ["TIMED_OUT", "ABORTED"],
        },
      },
      topicArn: topic.arn,
      message: "Execution <execution> ended: <status>",
      values: { execution: "$.detail.executionArn", status: "$.detail.status" },
    },
    options,
  );
  return topic;
}
