// Environments from TypeScript, with the real engine and the local cloud.
import assert from "node:assert/strict";
import { existsSync, readdirSync, statSync } from "node:fs";
import { CloudWatchLogsClient, CreateLogGroupCommand, DescribeLogGroupsCommand } from "@aws-sdk/client-cloudwatch-logs";
import { HeadBucketCommand, ListBucketsCommand, S3Client } from "@aws-sdk/client-s3";
import { CreateSecretCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { CreateQueueCommand, SQSClient } from "@aws-sdk/client-sqs";
import { readJournal } from "../../../automation/environments/journal.js";
import { environmentFolder, environmentsFolder } from "../../../automation/home.js";
import {
  type Environment,
  InterruptedError,
  LeakError,
  listJournals,
  type Progress,
  upEnvironment,
  withEnvironment,
} from "../../../automation/index.js";
import { summarize } from "../../../automation/inventory/inventory.js";
import { isAlive } from "../../../localcloud/server/processes.js";
import { askJson, askRest } from "../../localcloud/server/raw-request.js";
import { clientConfig, testCloud } from "../../support/cloud.js";
import { freshHome } from "../support.js";
import { BROKEN, filesBelow, SECRETS, SMALL, THROWING } from "./support.js";

describe("an environment", function () {
  this.timeout(120_000);
  freshHome();

  it("is up inside the function, in an account of its own, and gone without a trace after it", async () => {
    let seen: Environment | undefined;
    const told: Progress[] = [];
    const options = {
      program: SMALL,
      name: "s1",
      cloud: await testCloud(),
      onProgress: (progress: Progress) => void told.push(progress),
    };
    const answer = await withEnvironment([], options, async (env) => {
      seen = env;
      const journal = await readJournal("s1");
      assert.deepEqual([journal?.status, journal?.account, journal?.cloud], ["up", env.account, "private"]);
      assert.ok(journal?.worker && isAlive(journal.worker));
      assert.equal(env.resources, 2);
      assert.equal(env.outputs.throwaway, true);
      assert.deepEqual(env.outputs.units, []);
      await env.aws(S3Client).send(new HeadBucketCommand({ Bucket: String(env.outputs.bucket) }));
      const { logGroups = [] } = await env.aws(CloudWatchLogsClient).send(new DescribeLogGroupsCommand({}));
      assert.deepEqual(
        logGroups.map(({ logGroupName }) => logGroupName),
        ["/crucible/test"],
      );
      const found = (await env.inventory()).map(({ type }) => type).sort();
      assert.deepEqual(found, ["AWS::Logs::LogGroup", "AWS::S3::Bucket"]);
      return 42;
    });
    assert.equal(answer, 42);
    assert.equal(existsSync(environmentFolder("s1").root), false);
    const cloud = await testCloud();
    const { Buckets = [] } = await new S3Client(clientConfig(cloud, seen?.account ?? "")).send(
      new ListBucketsCommand({}),
    );
    assert.deepEqual(Buckets, []);
    assert.ok(
      told.some((progress) => progress.kind === "resource" && progress.phase === "done" && progress.op === "create"),
    );
    assert.ok(
      told.some((progress) => progress.kind === "resource" && progress.phase === "done" && progress.op === "delete"),
    );
  });

  it("gives secret outputs to its user, and to no file", async () => {
    const { environment: env } = await upEnvironment([], { program: SMALL, name: "s1", cloud: await testCloud() });
    try {
      assert.equal(env.outputs.password, SECRETS[0]);
      assert.deepEqual(env.outputs.nested, { user: "somebody", key: SECRETS[1] });
      const folder = environmentFolder("s1");
      assert.equal(statSync(folder.passphrase).mode & 0o777, 0o600);
      for (const { path, content } of filesBelow(folder.root))
        for (const secret of SECRETS) assert.ok(!content.includes(secret), `${path} has the secret "${secret}"`);
      assert.equal(env.redactor.text(`the ${SECRETS[0]} of`), "the [secret] of");
    } finally {
      await env.down();
    }
  });

  it("names what was planted behind the state's back", async () => {
    const planted = withEnvironment([], { program: SMALL, cloud: await testCloud() }, async (env) => {
      await env.aws(SQSClient).send(new CreateQueueCommand({ QueueName: "planted-queue" }));
      await env.aws(CloudWatchLogsClient).send(new CreateLogGroupCommand({ logGroupName: "/planted/group" }));
      // AWS makes this one by itself: it is no leak.
      await env.aws(CloudWatchLogsClient).send(new CreateLogGroupCommand({ logGroupName: "/aws/batch/job" }));
    });
    await assert.rejects(planted, (error: Error) => {
      assert.ok(error instanceof LeakError);
      assert.deepEqual(error.teardown.leaks.map(({ type, id }) => `${type} ${id}`).sort(), [
        "AWS::Logs::LogGroup /planted/group",
        "AWS::SQS::Queue planted-queue",
      ]);
      assert.match(error.message, /planted-queue.*crucible sweep|\/planted\/group.*crucible sweep/);
      return true;
    });
  });

  it("names what is in other regions than its own, and in services that nothing here knows", async () => {
    const planted = withEnvironment([], { program: SMALL, cloud: await testCloud() }, async (env) => {
      const elsewhere = env.awsIn("us-west-2")(SecretsManagerClient);
      await elsewhere.send(new CreateSecretCommand({ Name: "planted", SecretString: "x" }));
      const groups = env.awsIn("ap-southeast-2")(CloudWatchLogsClient);
      await groups.send(new CreateLogGroupCommand({ logGroupName: "/planted/group" }));
      const { endpoint = "", account, region } = env;
      const home = { endpoint, account, region };
      await askJson(home, "kinesis", "Kinesis_20131202.CreateStream", { StreamName: "clicks", ShardCount: 1 });
      await askRest({ ...home, region: "us-east-2" }, "apigateway", "POST", "/restapis", { name: "shop" });
      const { length } = await env.regions();
      assert.equal(length, 4);
    });
    await assert.rejects(planted, (error: Error) => {
      assert.ok(error instanceof LeakError);
      assert.deepEqual(
        summarize(error.teardown.leaks).map((leak) => leak.replace(/rest_api\/\w+/, "rest_api/ID")),
        [
          "AWS::Logs::LogGroup /planted/group in ap-southeast-2",
          "AWS::SecretsManager::Secret planted in us-west-2",
          "apigateway rest_api/ID (shop) in us-east-2",
          "kinesis stream/clicks",
        ],
      );
      return true;
    });
  });

  it("is torn down when its user fails, whose error comes through", async () => {
    const failing = withEnvironment([], { program: SMALL, cloud: await testCloud() }, () =>
      Promise.reject(new Error("no good")),
    );
    await assert.rejects(failing, { message: "no good" });
    assert.deepEqual(await listJournals(), []);
  });

  it("that does not come up is destroyed, and the error is what the engine complained of", async () => {
    let account = "";
    const onProgress = (progress: Progress) => {
      if (progress.kind === "step" && progress.message.startsWith("deploying"))
        void listJournals().then(([journal]) => {
          account = journal?.account ?? "";
        });
    };
    await assert.rejects(
      upEnvironment([], { program: BROKEN, cloud: await testCloud(), onProgress }),
      (error: Error) => {
        assert.match(error.message, /versions: NoSuchBucket/);
        assert.ok(!error.message.includes("stdout"), error.message);
        return true;
      },
    );
    assert.deepEqual(await listJournals(), []);
    const s3 = new S3Client(clientConfig(await testCloud(), account));
    assert.deepEqual((await s3.send(new ListBucketsCommand({}))).Buckets ?? [], []);
  });

  for (const way of ["soon", "late", "unhandled", "uncaught"])
    it(`ends when the program throws beside a remote component (${way}), and tells where`, async () => {
      const options = { program: THROWING, cloud: await testCloud(), settings: { throw: way } };
      await assert.rejects(upEnvironment([], options), (error: Error) => {
        assert.match(error.message, /the program gave up/);
        assert.match(error.message, /tests\/automation\/programs\/throwing\.ts:\d+/);
        return true;
      });
      assert.deepEqual(await listJournals(), []);
    });

  it("that is interrupted on its way up is destroyed", async () => {
    const controller = new AbortController();
    const onProgress = (progress: Progress) => {
      if (progress.kind === "resource" && progress.type === "aws:s3/bucket:Bucket") controller.abort();
    };
    const up = upEnvironment([], { program: SMALL, cloud: await testCloud(), signal: controller.signal, onProgress });
    await assert.rejects(up, InterruptedError);
    assert.deepEqual(readdirSync(environmentsFolder()), []);
  });

  it("that is interrupted in its use is destroyed", async () => {
    const controller = new AbortController();
    const use = withEnvironment(
      [],
      { program: SMALL, cloud: await testCloud(), signal: controller.signal },
      async () => {
        controller.abort();
        await new Promise(() => {});
      },
    );
    await assert.rejects(use, InterruptedError);
    assert.deepEqual(readdirSync(environmentsFolder()), []);
  });

  it("stands beside another of the same program, each with its own", async () => {
    const cloud = await testCloud();
    const held = await Promise.all([1, 2].map(() => upEnvironment([], { program: SMALL, cloud })));
    const [one, two] = held.map(({ environment }) => environment);
    assert.notEqual(one?.account, two?.account);
    assert.notEqual(one?.outputs.bucket, two?.outputs.bucket);
    assert.equal(one?.outputs.group, two?.outputs.group);
    const teardowns = await Promise.all(held.map(({ environment }) => environment.down()));
    assert.deepEqual(
      teardowns.map(({ leaks }) => leaks),
      [[], []],
    );
  });
});
