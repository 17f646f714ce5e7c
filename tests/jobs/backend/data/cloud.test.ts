// `prepare` as a job does it: source from S3, artefact copy to S3, with the rights of a job's role.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { createReadStream, statSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { CreateBucketCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { SOURCE_FILES } from "../../../../jobs/backend/data/source.js";
import { S3Store } from "../../../../jobs/lib/s3.js";
import { projectRoot } from "../../../../stacks/paths.js";
import { clientConfig, freshAccount, testCloud } from "../../../support/cloud.js";
import { smallSource, temporaryFolder } from "./support.js";

const run = promisify(execFile);

describe("prepare on the local cloud", () => {
  const bucket = "backend-source-test";
  const account = freshAccount();
  let s3: S3Client;
  let environment: NodeJS.ProcessEnv;

  before(async () => {
    const config = clientConfig(await testCloud(), account, "us-east-1");
    s3 = new S3Client({ ...config, forcePathStyle: true });
    await s3.send(new CreateBucketCommand({ Bucket: bucket }));
    environment = {
      PATH: process.env.PATH,
      AWS_ENDPOINT_URL: config.endpoint,
      AWS_REGION: "us-east-1",
      AWS_ACCESS_KEY_ID: account,
      AWS_SECRET_ACCESS_KEY: "test",
      AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true",
      SOURCE_BUCKET: bucket,
      DATA_ROOT: temporaryFolder(),
    };
  });
  after(() => s3.destroy());

  const prepare = () =>
    run(process.execPath, [join(projectRoot(), "dist", "jobs", "backend", "main.js"), "prepare"], { env: environment });
  const upload = async (source: string) => {
    for (const name of Object.keys(SOURCE_FILES)) {
      const path = join(source, `${name}.parquet`);
      await s3.send(
        new PutObjectCommand({
          Bucket: bucket,
          Key: `completejourney/${name}.parquet`,
          Body: createReadStream(path),
          ContentLength: statSync(path).size,
        }),
      );
    }
  };

  it("names the object that is missing", async () => {
    await assert.rejects(prepare(), (error: Error & { code: number; stderr: string }) => {
      assert.equal(error.code, 1);
      assert.match(error.stderr, /Reading s3:\/\/backend-source-test\/completejourney\/\w+\.parquet failed: NoSuchKey/);
      return true;
    });
  });

  it("takes the source from the bucket and puts the copy there", async () => {
    await upload(await smallSource());
    const { stdout } = await prepare();
    const metrics = JSON.parse(stdout.trim().split("\n").at(-1) as string) as { objects: number; tables: object };
    const listed = await s3.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: "coop/" }));
    assert.equal(listed.KeyCount, 3 * 51 + 2);
    assert.equal(metrics.objects, listed.KeyCount);
  });

  it("removes objects of a bucket, those that are not there included", async () => {
    const store = new S3Store(s3, bucket);
    const keys = await store.list("completejourney/");
    assert.equal(keys.length, 7);
    await store.remove([...keys, "completejourney/none"]);
    assert.deepEqual(await store.list("completejourney/"), []);
    await assert.rejects(new S3Store(s3, "nobodys-bucket-of-backend").remove(["a"]), {
      name: "StorageError",
      message: /Removing 1 objects of s3:\/\/nobodys-bucket-of-backend, a the first, failed: NoSuchBucket/,
    });
  });
});
