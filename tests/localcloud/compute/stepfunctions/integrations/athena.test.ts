import assert from "node:assert/strict";
import { CreateBucketCommand, S3Client } from "@aws-sdk/client-s3";
import type { JsonObject } from "../../../../../localcloud/compute/stepfunctions/language/json.js";
import { type IntegrationCloud, integrationCloud, withoutMetadata } from "./fixture.js";

describe("athena", () => {
  let cloud: IntegrationCloud;
  const Bucket = `athena-${Date.now()}`;
  before(async function () {
    this.timeout(60_000);
    cloud = await integrationCloud();
    await new S3Client({ ...cloud.config(), forcePathStyle: true }).send(new CreateBucketCommand({ Bucket }));
  });
  after(() => cloud.stop());
  const query = (QueryString: string, roleArn?: string) =>
    cloud.run(
      "arn:aws:states:::athena:startQueryExecution.sync",
      { QueryString, ResultConfiguration: { OutputLocation: `s3://${Bucket}/results/` } },
      roleArn,
    );

  it("waits for a query's end, whose results can then be read", async () => {
    const { output } = await query("SELECT 1 AS one, 'x' AS letter");
    const { QueryExecutionId, Status } = (output as { QueryExecution: JsonObject }).QueryExecution;
    assert.equal((Status as JsonObject).State, "SUCCEEDED");
    assert.equal(typeof (Status as JsonObject).SubmissionDateTime, "number");
    const results = await cloud.run("arn:aws:states:::athena:getQueryResults", {
      QueryExecutionId: QueryExecutionId ?? "",
    });
    const { ResultSet } = withoutMetadata(results.output) as { ResultSet: { Rows: { Data: JsonObject[] }[] } };
    assert.deepEqual(
      ResultSet.Rows.map(({ Data }) => Data.map(({ VarCharValue }) => VarCharValue)),
      [
        ["one", "letter"],
        ["1", "x"],
      ],
    );
  });

  it("fails with the query when it has failed", async () => {
    const { error, cause } = await query("SELECT * FROM no_such_table");
    assert.equal(error, "States.TaskFailed");
    const { QueryExecution } = JSON.parse(cause ?? "");
    assert.equal(QueryExecution.Status.State, "FAILED");
    assert.match(QueryExecution.Status.StateChangeReason, /no_such_table/);
  });

  it("is refused what the role does not allow", async () => {
    const role = await cloud.role("no-queries", { Action: "athena:GetQueryExecution", Resource: "*" });
    const { error, cause } = await query("SELECT 1", role);
    assert.equal(error, "Athena.AmazonAthenaException");
    assert.match(cause ?? "", /not authorized to perform: athena:StartQueryExecution/);
  });
});
