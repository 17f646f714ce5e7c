// The lines of preprocessing's README and of docs/preprocessing.md.
import assert from "node:assert/strict";
import { DescribeExecutionCommand, type DescribeExecutionCommandOutput, SFNClient } from "@aws-sdk/client-sfn";
import { until } from "../../support/until.js";
import type { Platform } from "../platform.js";
import { withVersion2 } from "./logs.js";

export interface PipelineVisit {
  platform: Platform;
  /** ARNs of the executions so far, the last one last. */
  executions: string[];
}

export interface PipelineLine {
  what: string;
  /** As the README has it; {@link inPipeline} puts names and ARNs in. */
  line: string;
  check(answer: string, visit: PipelineVisit): void | Promise<void>;
}

/** The line as it stands, names aside: a bucket's is taken by its first owner in all of AWS. */
export const inPipeline = (line: string, { platform, executions }: PipelineVisit): string =>
  line
    .replaceAll("s3://test-container-development", `s3://${platform.outputs.PreprocessingBucketName}`)
    .replaceAll(
      /arn:aws:states:region:account:stateMachine:TestPreprocessingStateMachine-xxx|"state-machine-arn"/g,
      platform.outputs.PreprocessingStateMachineARN ?? "",
    )
    .replaceAll('"execution-arn"', executions.at(-1) ?? "")
    .replaceAll("<name>", platform.name);

const START = `aws stepfunctions start-execution \\
  --state-machine-arn "arn:aws:states:region:account:stateMachine:TestPreprocessingStateMachine-xxx" \\
  --input '{}'`;

/** Notes an execution and waits for its end. */
async function ended(answer: string, { platform, executions }: PipelineVisit): Promise<DescribeExecutionCommandOutput> {
  const { executionArn } = JSON.parse(answer);
  executions.push(executionArn);
  const states = new SFNClient(platform.client);
  return await until(`${executionArn} to end`, async () => {
    const execution = await states.send(new DescribeExecutionCommand({ executionArn }));
    return execution.status === "RUNNING" ? undefined : execution;
  });
}

const failing = (what: string, error: string, cause: RegExp): PipelineLine => ({
  what,
  line: START,
  async check(answer, visit) {
    const execution = await ended(answer, visit);
    assert.deepEqual([execution.status, execution.error], ["FAILED", error], execution.cause);
    assert.match(execution.cause ?? "", cause);
  },
});

const tail = "aws logs tail /aws/ecs/test-preprocessing";
const tailWithVersion2 = withVersion2(tail);

/** The script's lines, each with the stream of its task. */
const isLog = (answer: string): void => {
  assert.match(answer, /preprocessing\/preprocessing\/[0-9a-f]{32}/);
  assert.match(answer, /"message": "3 trips read"/);
};

const uploadProject = "aws s3 cp pyproject.toml s3://test-container-development/artifacts/";

export const preprocessingLines: PipelineLine[] = [
  {
    what: "uploads artifacts and input",
    line: `${uploadProject}
aws s3 cp script.py s3://test-container-development/artifacts/
aws s3 cp data.csv s3://test-container-development/input/
aws s3 cp package.tar.gz s3://test-container-development/artifacts/`,
    check(answer) {
      const uploaded = [...answer.matchAll(/upload: \.\/(\S+) to s3:\/\/\S+?\/(\S+)/g)].map(([, , key]) => key);
      assert.deepEqual(uploaded, [
        "artifacts/pyproject.toml",
        "artifacts/script.py",
        "input/data.csv",
        "artifacts/package.tar.gz",
      ]);
    },
  },
  {
    what: "starts an execution, which succeeds",
    line: START,
    async check(answer, visit) {
      const execution = await ended(answer, visit);
      assert.equal(execution.status, "SUCCEEDED", `${execution.error}: ${execution.cause}`);
      const { rowsIn, outputs } = JSON.parse(execution.output ?? "");
      const written = outputs.map(({ key, rows }: { key: string; rows: number }) => [key, rows]);
      assert.deepEqual(
        [rowsIn, written],
        [
          3,
          [
            ["output/trips.csv", 2],
            ["output/zones.csv", 1],
          ],
        ],
      );
    },
  },
  {
    what: "describes it",
    line: `aws stepfunctions describe-execution --execution-arn "execution-arn"`,
    check(answer) {
      const { status, stateMachineArn } = JSON.parse(answer);
      assert.equal(status, "SUCCEEDED");
      assert.match(
        stateMachineArn,
        /^arn:aws:states:ap-southeast-1:\d{12}:stateMachine:TestPreprocessingStateMachine$/,
      );
    },
  },
  {
    what: "ends in ProcessingSucceeded",
    line: `aws stepfunctions get-execution-history --execution-arn "execution-arn" --reverse-order --max-items 2 \\
  --query 'events[].stateExitedEventDetails.name' --output text`,
    check: (answer) => assert.match(answer, /^ProcessingSucceeded\b/),
  },
  {
    what: "lists the bucket, which has the output",
    line: "aws s3 ls s3://test-container-development/ --recursive",
    check(answer) {
      const keys = answer
        .trim()
        .split("\n")
        .map((each) => each.split(/\s+/).at(-1));
      assert.deepEqual(keys, [
        "artifacts/package.tar.gz",
        "artifacts/pyproject.toml",
        "artifacts/script.py",
        "input/data.csv",
        "output/manifest.json",
        "output/trips.csv",
        "output/zones.csv",
      ]);
    },
  },
  {
    what: "finds the tasks' log",
    line: `aws logs describe-log-groups --log-group-name-prefix "/aws/ecs"`,
    check: (answer) =>
      assert.deepEqual(
        JSON.parse(answer).logGroups.map(({ logGroupName }: { logGroupName: string }) => logGroupName),
        ["/aws/ecs/test-preprocessing"],
      ),
  },
  tailWithVersion2
    ? { what: "tails it, with version 2 of the AWS CLI", line: tailWithVersion2, check: isLog }
    : {
        what: "filters its events since a while ago, which is what version 2's `aws logs tail` asks for",
        line: `aws logs filter-log-events --log-group-name /aws/ecs/test-preprocessing --interleaved \\
  --start-time "$(($(date +%s) - 600))000" --query 'events[].[logStreamName,message]' --output text`,
        check: isLog,
      },
  {
    what: "lists the executions",
    line: `aws stepfunctions list-executions --state-machine-arn "state-machine-arn"`,
    check(answer, { executions }) {
      const listed: { executionArn: string; status: string }[] = JSON.parse(answer).executions;
      assert.deepEqual(
        listed.map(({ executionArn, status }) => [executionArn, status]),
        [[executions[0], "SUCCEEDED"]],
      );
    },
  },
  {
    what: "shows the task's state and metrics' cluster, as the console would",
    line: `aws ecs describe-tasks --cluster test-preprocessing --tasks "$(aws ecs list-tasks --cluster test-preprocessing \\
  --desired-status STOPPED --query 'taskArns[0]' --output text)" \\
  --query 'tasks[0].[lastStatus,stopCode,containers[0].exitCode,launchType]' --output text`,
    check: (answer) => assert.equal(answer.trim(), "STOPPED\tEssentialContainerExited\t0\tFARGATE"),
  },
  {
    what: "has the password of the registry, and the image that `up` has published",
    line: `test -n "$(aws ecr get-login-password --region ap-southeast-1)"
aws ecr describe-images --repository-name test-preprocessing --query 'imageDetails[].imageTags[]' --output text`,
    check: (answer) => assert.match(answer, /\blatest\b/),
  },
  {
    what: "removes an artifact",
    line: "aws s3 rm s3://test-container-development/artifacts/pyproject.toml",
    check: (answer) => assert.match(answer, /^delete: s3:\/\/\S+\/artifacts\/pyproject\.toml$/m),
  },
  failing("fails without it", "MissingArtifact", /has no artifacts\/pyproject\.toml$/),
  {
    what: "puts it back, and takes an image that there is not",
    line: `${uploadProject}
crucible up preprocessing --name <name> --set preprocessing.container.imageTag=invalid-tag --json`,
    check: (answer) => assert.match(answer, /task-definition\/test-preprocessing:2/),
  },
  failing("fails to pull it", "CannotPullContainerError", /invalid-tag/),
  {
    what: "gives the container 128 MiB, and a script that takes more",
    line: `printf 'held = bytearray(512 << 20)\\n' > greedy.py
aws s3 cp greedy.py s3://test-container-development/artifacts/script.py
crucible up preprocessing --name <name> --set preprocessing.container.memoryLimitMiB=128 --json`,
    check: (answer) => assert.match(answer, /task-definition\/test-preprocessing:3/),
  },
  failing("fails for its memory", "OutOfMemoryError", /OutOfMemoryError: Container killed due to memory usage/),
  {
    what: "lists all four, the last one first",
    line: `aws stepfunctions list-executions --state-machine-arn "state-machine-arn" --query 'executions[].status' --output text`,
    check: (answer) => assert.equal(answer.trim(), "FAILED\tFAILED\tFAILED\tSUCCEEDED"),
  },
];
