// The lines of CAT's README and of docs/cat.md on its second half, in the order in which somebody would type them.
import assert from "node:assert/strict";
import type { CatLine } from "./cat.js";

const RUNS = "aws glue get-job-runs --job-name cat-test-etl2-parquet --max-results 5";
const CRAWLER = "aws glue get-crawler --name cat-test-curated-crawler";
const QUESTION = "SELECT report_date, count(*) FROM messages GROUP BY 1";
const today = () => new Date().toISOString().slice(0, 10);

const runs = (answer: string): { Id: string; JobRunState: string; JobName: string }[] => JSON.parse(answer).JobRuns;
const isIdle = (answer: string): boolean => JSON.parse(answer).Crawler.State === "READY";

/** @param messages that the table of conversations has, all of today's export */
export const etlLines = (messages: number): CatLine[] => [
  {
    what: "sees the Glue job run, which the upload started",
    line: RUNS,
    until: (answer) => runs(answer).length > 0 && runs(answer)[0]?.JobRunState !== "RUNNING",
    check: (answer) =>
      assert.deepEqual(
        runs(answer).map((run) => run.JobRunState),
        ["SUCCEEDED"],
      ),
  },
  {
    what: "sees the workflow end that ran it",
    line: 'aws stepfunctions list-executions --state-machine-arn "$CatEtlStateMachineARN"',
    until: (answer) => !answer.includes('"RUNNING"'),
    check(answer) {
      const { executions } = JSON.parse(answer) as { executions: { status: string }[] };
      assert.ok(executions.length > 0);
      assert.deepEqual([...new Set(executions.map(({ status }) => status))], ["SUCCEEDED"]);
    },
  },
  {
    what: "starts the Glue job by hand",
    line: "aws glue start-job-run --job-name cat-test-etl2-parquet",
    check: (answer) => assert.match(JSON.parse(answer).JobRunId, /^jr_[0-9a-f]{64}$/),
  },
  {
    what: "sees that run succeed",
    line: RUNS,
    until: (answer) => runs(answer)[0]?.JobRunState !== "RUNNING",
    check: (answer) =>
      assert.deepEqual(
        runs(answer).map((run) => run.JobRunState),
        ["SUCCEEDED", "SUCCEEDED"],
      ),
  },
  {
    what: "starts the crawler by hand",
    line: "aws glue start-crawler --name cat-test-curated-crawler",
    check: (answer) => assert.equal(answer, ""),
  },
  {
    what: "sees the crawler come to its end",
    line: CRAWLER,
    until: isIdle,
    check: (answer) => assert.equal(JSON.parse(answer).Crawler.LastCrawl.Status, "SUCCEEDED"),
  },
  {
    what: "starts the workflow for a day",
    line: `aws stepfunctions start-execution --state-machine-arn "$CatEtlStateMachineARN" --input '{"date": "${today()}"}' \\
  --query executionArn --output text > execution`,
    check: (answer) => assert.equal(answer, ""),
  },
  {
    what: "describes that execution",
    line: 'aws stepfunctions describe-execution --execution-arn "$(cat execution)"',
    until: (answer) => JSON.parse(answer).status !== "RUNNING",
    check: (answer) => assert.equal(JSON.parse(answer).status, "SUCCEEDED"),
  },
  {
    what: "asks Athena",
    line: `aws athena start-query-execution --work-group wg-cat-test-analytics \\
  --query-execution-context Database=cat_test_analytics_db --query-string '${QUESTION}' \\
  --query QueryExecutionId --output text > query`,
    check: (answer) => assert.equal(answer, ""),
  },
  {
    what: "sees the query succeed",
    line: 'aws athena get-query-execution --query-execution-id "$(cat query)"',
    until: (answer) => !/"State": "(QUEUED|RUNNING)"/.test(answer),
    check: (answer) => assert.equal(JSON.parse(answer).QueryExecution.Status.State, "SUCCEEDED"),
  },
  {
    what: "reads the answer",
    line: `aws athena get-query-results --query-execution-id "$(cat query)" --query 'ResultSet.Rows[].Data[].VarCharValue' --output text`,
    check: (answer) =>
      assert.match(answer, new RegExp(`^report_date\\s+_col1\\s+\\d{4}-\\d{2}-\\d{2}\\s+${messages}\\s*$`)),
  },
  {
    what: "reads the job's log",
    line: "aws logs filter-log-events --log-group-name /aws-glue/jobs/output --query 'events[].message' --output text",
    check: (answer) => assert.match(answer, new RegExp(`\\b${messages}\\b`)),
  },
];
