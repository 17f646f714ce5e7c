// Named environments in the background cloud, by the command line: what `it` users and people at a terminal do.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { CreateBucketCommand, S3Client } from "@aws-sdk/client-s3";
import { CreateQueueCommand, SQSClient } from "@aws-sdk/client-sqs";
import { environmentFolder, environmentsFolder } from "../../../automation/home.js";
import { listJournals, openEnvironment, upEnvironment } from "../../../automation/index.js";
import { backgroundStatus, stopBackgroundCloud } from "../../../localcloud/server/background.js";
import { projectRoot } from "../../../localcloud/server/paths.js";
import { askJson } from "../../localcloud/server/raw-request.js";
import { freshHome } from "../support.js";
import { SECRETS, SMALL } from "./support.js";

interface Outcome {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** Starts the command; `onError` sees what it writes to standard error as it comes. */
function crucible(args: string[], onError: (text: string, kill: (signal: NodeJS.Signals) => void) => void = () => {}) {
  return new Promise<Outcome>((resolve, reject) => {
    const child = spawn(process.execPath, [join(projectRoot, "bin", "crucible.mjs"), ...args], {
      stdio: ["ignore", "pipe", "pipe"],
      cwd: projectRoot,
    });
    let stdout = "";
    let stderr = "";
    child.stdout.on("data", (chunk) => {
      stdout += chunk;
    });
    child.stderr.on("data", (chunk) => {
      stderr += chunk;
      onError(stderr, (signal) => child.kill(signal));
    });
    child.once("error", reject);
    child.once("close", (code) => resolve({ code, stdout, stderr }));
  });
}

describe("a named environment", function () {
  this.timeout(180_000);
  // Hooks run in the order in which they are given: the cloud has to end before its folder goes.
  afterEach(() => stopBackgroundCloud({ force: true, home: home.path() }));
  const home = freshHome();

  /** An environment of the small program, made by this process and left to the background cloud. */
  async function left(name: string, ttlSeconds: number | null = 3600): Promise<void> {
    const held = await upEnvironment([], { program: SMALL, name, cloud: "background", ttlSeconds });
    await held.leave();
  }

  /** With the SDK: the AWS CLI 1 takes no endpoint from the environment for SQS. */
  async function createQueue(name: string, QueueName: string): Promise<void> {
    const env = await openEnvironment(name);
    await env.aws(SQSClient).send(new CreateQueueCommand({ QueueName }));
  }

  it("lives in the background cloud, is used by any AWS client, and takes the cloud along when it goes", async () => {
    await left("s1");
    assert.equal(backgroundStatus().environments[0]?.name, "s1");

    const env = await crucible(["env", "s1"]);
    assert.match(env.stdout, /^unset AWS_PROFILE AWS_SESSION_TOKEN$/m);
    assert.match(env.stdout, /^export AWS_ENDPOINT_URL=http:\/\/127\.0\.0\.1:\d+$/m);

    const bucket = JSON.parse((await crucible(["outputs", "s1", "--json"])).stdout).bucket;
    const listed = await crucible(["exec", "s1", "--", "aws", "s3api", "list-buckets", "--query", "Buckets[].Name"]);
    assert.deepEqual(JSON.parse(listed.stdout), [bucket], listed.stderr);

    const down = await crucible(["down", "s1"]);
    assert.equal(down.code, 0, down.stderr);
    assert.match(down.stdout, /s1 is destroyed .*nothing is left in its account/);
    assert.equal(existsSync(environmentFolder("s1").root), false);
    for (const deadline = Date.now() + 10_000; backgroundStatus().running; )
      if (Date.now() > deadline) assert.fail("the background cloud goes on without environments");
      else await new Promise((resolve) => setTimeout(resolve, 50));
  });

  it("shows secret outputs only when it is asked to", async () => {
    await left("s1");
    const withheld = JSON.parse((await crucible(["outputs", "s1", "--json"])).stdout);
    assert.deepEqual([withheld.password, withheld.nested], ["[secret]", "[secret]"]);
    const shown = JSON.parse((await crucible(["outputs", "s1", "--show-secrets", "--json"])).stdout);
    assert.deepEqual([shown.password, shown.nested.key], SECRETS);
    await crucible(["down", "s1"]);
  });

  it("that leaves something behind is named as failed, with what is left, until a sweep removes that", async () => {
    await left("s1");
    await createQueue("s1", "planted");
    await crucible(["exec", "s1", "--", "aws", "logs", "create-log-group", "--log-group-name", "/planted"]);
    const down = await crucible(["down", "s1"]);
    assert.equal(down.code, 1);
    assert.match(down.stderr, /AWS::Logs::LogGroup \/planted, AWS::SQS::Queue planted.*crucible sweep/);
    assert.equal((await listJournals())[0]?.status, "failed");

    const sweep = await crucible(["sweep", "--json"]);
    assert.equal(sweep.code, 0, sweep.stderr);
    assert.deepEqual(JSON.parse(sweep.stdout).swept, [
      {
        name: "s1",
        reason: "it had failed",
        outcome: "destroyed",
        removed: ["AWS::Logs::LogGroup /planted", "AWS::SQS::Queue planted"],
      },
    ]);
    assert.deepEqual(readdirSync(environmentsFolder()), []);
  });

  it("that leaves what a sweep cannot remove stays failed, and the sweep names it and removes the rest", async () => {
    await left("s1");
    const env = await openEnvironment("s1");
    const Bucket = `planted-${env.suffix}`;
    const LocationConstraint = "us-west-2";
    const west = env.awsIn(LocationConstraint)(S3Client);
    await west.send(new CreateBucketCommand({ Bucket, CreateBucketConfiguration: { LocationConstraint } }));
    const there = { endpoint: env.endpoint ?? "", account: env.account, region: "eu-west-1" };
    const clicks = { StreamName: "clicks", ShardCount: 1 };
    await askJson(there, "kinesis", "Kinesis_20131202.CreateStream", clicks);
    const down = await crucible(["down", "s1"]);
    assert.equal(down.code, 1);
    assert.match(down.stderr, new RegExp(`AWS::S3::Bucket ${Bucket}, kinesis stream/clicks in eu-west-1\\. A sweep`));
    assert.match(down.stderr, /removes all but kinesis stream\/clicks in eu-west-1: .*crucible exec s1 -- aws/);

    const { code, stdout } = await crucible(["sweep", "--json"]);
    assert.equal(code, 1);
    const [swept] = JSON.parse(stdout).swept;
    assert.deepEqual([swept.outcome, swept.removed], ["failed", [`AWS::S3::Bucket ${Bucket}`]]);
    assert.match(
      swept.error,
      /left in its account: kinesis stream\/clicks in eu-west-1 \(crucible has no way to delete it\)/,
    );

    await askJson(there, "kinesis", "Kinesis_20131202.DeleteStream", clicks);
    assert.equal((await crucible(["sweep"])).code, 0);
    assert.deepEqual(readdirSync(environmentsFolder()), []);
  });

  it("is destroyed by its cloud when its time is over, with all that is in its account", async () => {
    await left("s1", 5);
    await createQueue("s1", "mine");
    for (const deadline = Date.now() + 60_000; existsSync(environmentFolder("s1").root); )
      if (Date.now() > deadline) assert.fail("it outlived its time");
      else await new Promise((resolve) => setTimeout(resolve, 100));
  });

  it("is destroyed when Ctrl-C comes while it is made", async () => {
    let interrupted = false;
    const { code, stdout, stderr } = await crucible(["up", "sanders", "--name", "s1"], (text, kill) => {
      if (interrupted || !/deploying with Pulumi .*\(\d+ done/.test(text)) return;
      interrupted = true;
      kill("SIGINT");
    });
    assert.ok(interrupted, `it was up before it could be interrupted: ${stdout}${stderr}`);
    assert.equal(code, 130, stderr);
    assert.match(stderr, /Interrupted: tearing down/);
    assert.match(stderr, /environment s1 was destroyed/);
    assert.deepEqual(readdirSync(environmentsFolder()), []);
  });
});
