// `aws logs tail … --follow`, which only the AWS CLI's version 2 has.
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import type { CommandLine, Visit } from "./line.js";

interface Cli {
  path: string;
  /** Older ones do not know AWS_ENDPOINT_URL (before 2.13). */
  takesEndpointFromEnvironment: boolean;
}

/** An AWS CLI of version 2 on the PATH. */
function findVersion2(): Cli | undefined {
  for (const folder of (process.env.PATH ?? "").split(delimiter)) {
    const path = join(folder, "aws");
    if (!existsSync(path)) continue;
    const [, minor] = /^aws-cli\/2\.(\d+)/.exec(execFileSync(path, ["--version"], { encoding: "utf8" })) ?? [];
    if (minor !== undefined) return { path, takesEndpointFromEnvironment: Number(minor) >= 13 };
  }
  return undefined;
}

const version2 = findVersion2();

/** Whether a log's lines, together, are those of a whole run on the whole sample. */
function isWholeLog(answer: string): void {
  assert.match(answer, /sanders-job-8g-prod\/default\/[0-9a-f]+/);
  assert.match(answer, /"job":"daily_features_tlc","message":"started"/);
}

export const tailLine: CommandLine = version2
  ? {
      what: "tails the logs, with version 2 of the AWS CLI",
      line: "aws logs tail /aws/batch/job --follow --region eu-central-1",
      run: (line, visit) =>
        follow(withCli(line, version2), visit, /"job":"daily_features_tlc","message":"lake written"/),
      check: isWholeLog,
    }
  : {
      what: "filters the log's events, in place of version 2's `aws logs tail /aws/batch/job --follow`",
      line: "aws logs filter-log-events --log-group-name /aws/batch/job --region eu-central-1",
      check: (answer) => isWholeLog(JSON.parse(answer).events.map(lineOf).join("\n")),
    };

const lineOf = (event: { logStreamName: string; message: string }): string => `${event.logStreamName} ${event.message}`;

/** The line with version 2 of the AWS CLI in place of `aws`; undefined where that is not installed. */
export const withVersion2 = (line: string): string | undefined => version2 && withCli(line, version2);

function withCli(line: string, { path, takesEndpointFromEnvironment }: Cli): string {
  return line.replace(/^aws/, takesEndpointFromEnvironment ? path : `${path} --endpoint-url "$AWS_ENDPOINT_URL"`);
}

/** Runs a line until what it writes matches, and ends it. @throws when it ends by itself, or nothing matches in a minute */
function follow(line: string, { platform }: Visit, wanted: RegExp): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn("bash", ["-c", `exec ${line}`], {
      cwd: platform.folder,
      env: platform.variables,
      stdio: ["ignore", "pipe", "pipe"],
    });
    let written = "";
    let complaints = "";
    let found = false;
    const limit = setTimeout(() => child.kill("SIGKILL"), 60_000);
    child.stderr.on("data", (chunk) => {
      complaints += chunk;
    });
    child.stdout.on("data", (chunk) => {
      written += chunk;
      if (found || !wanted.test(written)) return;
      found = true;
      child.kill("SIGTERM");
    });
    child.once("error", reject);
    child.once("close", () => {
      clearTimeout(limit);
      if (found) resolve(written);
      else reject(new Error(`${line} showed no ${wanted}: ${written}${complaints}`));
    });
  });
}
