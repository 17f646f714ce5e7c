// The lines of CAT's README and of docs/cat.md on its first half.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { withVersion2 } from "./logs.js";

export interface CatLine {
  what: string;
  /** As the README has it; {@link inCat} puts names in. */
  line: string;
  /** Whether what is waited for has come; the line is run again until then. */
  until?(answer: string): boolean;
  /** @param folder in which the line was run */
  check(answer: string, folder: string): void;
}

/** Of what the generator stores: two messages each. */
const CONVERSATIONS = 50;
export const MESSAGES = 2 * CONVERSATIONS;

/** The line as it stands, but for the bucket's name, which is taken by its first owner in all of AWS. */
export const inCat = (line: string, outputs: Record<string, string>): string =>
  line.replaceAll(/s3:\/\/(cat-test-normalize-reports|<bucket>)/g, `s3://${outputs.CatBucketName}`);

const FOLLOW = "aws logs tail /aws/lambda/cat-test-lambda-normalize";
const FILTER = "aws logs filter-log-events --log-group-name /aws/lambda/cat-test-lambda-normalize";

export const normalizeLines: CatLine[] = [
  {
    what: "fills the table with conversations that are made up",
    line: `node "$CRUCIBLE_CHECKOUT/dist/jobs/cat/conversations/main.js" --count ${CONVERSATIONS} --messages 2 --table cat-test-conversations`,
    check(answer) {
      const { table, conversations, messages } = JSON.parse(answer);
      assert.deepEqual([table, conversations, messages], ["cat-test-conversations", CONVERSATIONS, MESSAGES]);
    },
  },
  {
    what: "invokes the function",
    line: `aws lambda invoke \\
  --function-name cat-test-lambda-normalize \\
  --payload '{}' \\
  response.json`,
    check(answer, folder) {
      const { StatusCode, FunctionError } = JSON.parse(answer);
      assert.deepEqual([StatusCode, FunctionError], [200, undefined]);
      const { status, rows, conversations } = JSON.parse(readFileSync(join(folder, "response.json"), "utf8"));
      assert.deepEqual([status, rows, conversations], ["COMPLETE", MESSAGES, CONVERSATIONS]);
    },
  },
  {
    what: "lists the prefix",
    line: "aws s3 ls s3://cat-test-normalize-reports/reports/etl-process1/",
    check: (answer) => assert.match(answer, /PRE _manifests\/[\s\S]*PRE year=\d{4}\//),
  },
  {
    what: "lists the day's files",
    line: "aws s3 ls s3://<bucket>/reports/etl-process1/ --recursive",
    check(answer) {
      const today = new Date()
        .toISOString()
        .slice(0, 10)
        .replace(/(\d+)-(\d+)-(\d+)/, "year=$1/month=$2/day=$3");
      assert.match(answer, new RegExp(`reports/etl-process1/${today}/conversations-\\d{8}T\\d{6}Z-\\d{3}-00000\\.csv`));
    },
  },
  {
    what: "reads the log",
    line: withVersion2(FOLLOW) ?? `${FILTER} --query 'events[].message' --output text`,
    check: (answer) => assert.match(answer, /"message":"complete",.*"rows":100,"conversations":50/),
  },
  {
    what: "finds the schedule, which is off",
    line: "aws events describe-rule --name cat-test-normalize-daily",
    check(answer) {
      const { ScheduleExpression, State } = JSON.parse(answer);
      assert.deepEqual([ScheduleExpression, State], ["cron(30 4 * * ? *)", "DISABLED"]);
    },
  },
  {
    what: "sees the function's configuration",
    line: "aws lambda get-function-configuration --function-name cat-test-lambda-normalize",
    check(answer) {
      const { Timeout, MemorySize, Layers, Environment } = JSON.parse(answer);
      assert.deepEqual([Timeout, MemorySize, Layers.length], [300, 512, 1]);
      assert.match(Layers[0].Arn, /:layer:cat-test-normalize-dependencies:1$/);
      assert.deepEqual([Environment.Variables.PROJECT_ID, Environment.Variables.ENVIRONMENT], ["P2124", "test"]);
    },
  },
];
