import assert from "node:assert/strict";
import { GetQueueAttributesCommand, SetQueueAttributesCommand, SQSClient } from "@aws-sdk/client-sqs";
import { Queue } from "@pulumi/aws/sqs/queue.js";
import { QueuePolicy } from "@pulumi/aws/sqs/queuePolicy.js";
import { jsonStringify } from "@pulumi/pulumi";
import { type Bench, startBench } from "../lifecycle.js";

// Not with the other lives: a policy shows in its queue once that is read again.
describe("provider: sqs queue policy", () => {
  let bench: Bench;
  before(async () => {
    bench = await startBench();
  });
  after(() => bench?.close());

  const program = (service?: string) => async () => {
    const queue = new Queue("work", { name: "work" });
    if (!service) return;
    const statement = {
      Effect: "Allow",
      Principal: { Service: service },
      Action: "sqs:SendMessage",
      Resource: queue.arn,
    };
    new QueuePolicy("policy", {
      queueUrl: queue.url,
      policy: jsonStringify({ Version: "2012-10-17", Statement: [statement] }),
    });
  };

  async function policyOf(QueueUrl: string): Promise<string | undefined> {
    const request = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["Policy"] });
    return (await new SQSClient(bench.client).send(request)).Attributes?.Policy;
  }

  it("is set, changed in place, repaired and taken away", async () => {
    await bench.up(program("sns.amazonaws.com"));
    const url = (await bench.resources()).policy?.id ?? "";
    assert.match((await policyOf(url)) ?? "", /sns\.amazonaws\.com/);
    assert.deepEqual((await bench.preview(program("sns.amazonaws.com"))).operations, {});

    const change = await bench.up(program("events.amazonaws.com"));
    assert.deepEqual(change.operations, { policy: "update" });
    assert.match((await policyOf(url)) ?? "", /events\.amazonaws\.com/);

    await new SQSClient(bench.client).send(
      new SetQueueAttributesCommand({ QueueUrl: url, Attributes: { Policy: "" } }),
    );
    await bench.refresh(program("events.amazonaws.com"));
    assert.deepEqual((await bench.up(program("events.amazonaws.com"))).operations, { policy: "create" });
    assert.match((await policyOf(url)) ?? "", /events\.amazonaws\.com/);

    await bench.up(program());
    assert.ok(!(await policyOf(url)));
    await bench.destroy();
  });
});
