// The four ways in which the pipeline is made to fail: each by changing one thing, each ending in ProcessingFailed with its reason.
import { DeleteObjectCommand, S3Client } from "@aws-sdk/client-s3";
import type { ExecutionResult } from "../../executions/execution.js";
import { defineTest, type SuiteTest, type TestContext } from "../test.js";
import { logOf, preprocessingOf, pushChanged, pushLatest, seedExample, TURNS } from "./preprocessing.js";

interface Failing {
  name: string;
  description: string;
  settings?: Record<string, unknown>;
  /** What is changed after artifacts and input are there. */
  change?(context: TestContext): Promise<void>;
  restore?(context: TestContext): Promise<void>;
  error: string;
  cause: RegExp;
  /** What the log holds; none when the container never ran. */
  log?: { of: "logGroup" | "checkLogGroup"; holds: RegExp };
}

function failing(test: Failing): SuiteTest {
  return defineTest<ExecutionResult>({
    name: test.name,
    suites: ["preprocessing"],
    description: test.description,
    units: ["preprocessing"],
    ...(test.settings && { settings: { preprocessing: test.settings } }),
    takesTurns: TURNS,
    ...(test.restore && { restore: test.restore }),
    memoryMiB: 1024,
    async seed(context) {
      await seedExample(context);
      await test.change?.(context);
    },
    run: ({ run }) => run("preprocessing", {}),
    async verify({ env, check }, execution) {
      check.equal("the execution's status", execution.status, "FAILED");
      check.equal("the last state", execution.states.at(-1)?.name, "ProcessingFailed");
      check.equal("error", execution.error, test.error);
      check.matches("cause", execution.cause ?? "", test.cause);
      const places = preprocessingOf(env);
      if (test.log)
        check.matches("log", await logOf(env, execution, places[test.log.of], test.log.holds), test.log.holds);
      else check.equal("log of a container that never ran", await logOf(env, execution, places.logGroup), "");
      return [];
    },
  });
}

export const preprocessingExit1 = failing({
  name: "preprocessing-exit1",
  description: "A container whose main.py exits with 1 fails the execution with that exit code",
  change: async ({ env }) => pushChanged(env, 'print("forced failure", flush=True)\nraise SystemExit(1)\n'),
  restore: ({ env }) => pushLatest(env),
  error: "EssentialContainerExited",
  cause: /Essential container in task exited.*exit code 1/,
  log: { of: "logGroup", holds: /forced failure/ },
});

export const preprocessingMissingArtifact = failing({
  name: "preprocessing-missing-artifact",
  description: "Without artifacts/pyproject.toml no container is started, and the execution says what is missing",
  async change({ env }) {
    const { bucket: Bucket } = preprocessingOf(env);
    await env.aws(S3Client).send(new DeleteObjectCommand({ Bucket, Key: "artifacts/pyproject.toml" }));
  },
  error: "MissingArtifact",
  cause: /has no artifacts\/pyproject\.toml$/,
  log: { of: "checkLogGroup", holds: /MissingArtifact/ },
});

export const preprocessingInvalidTag = failing({
  name: "preprocessing-invalid-tag",
  description: "A tag that the repository does not have fails the execution before the container runs",
  settings: { container: { imageTag: "invalid-tag" } },
  error: "CannotPullContainerError",
  cause: /invalid-tag/,
});

export const preprocessingOom = failing({
  name: "preprocessing-oom",
  description: "A container that is given 128 MiB is killed for its memory, and the execution says so",
  settings: { container: { memoryLimitMiB: 128 } },
  error: "OutOfMemoryError",
  cause: /OutOfMemoryError: Container killed due to memory usage; exit code 137/,
  log: { of: "logGroup", holds: /running script\.py/ },
});
