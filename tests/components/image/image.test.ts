import assert from "node:assert/strict";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DescribeImagesCommand, ECRClient } from "@aws-sdk/client-ecr";
import * as pulumi from "@pulumi/pulumi";
import { LocalWorkspace, type Stack } from "@pulumi/pulumi/automation/index.js";
import { findEngine } from "../../../automation/engine/engine.js";
import { JobImage } from "../../../components/image/image.js";
import { createExecutor } from "../../../localcloud/compute/executors/create.js";
import type { Cloud } from "../../../localcloud/index.js";
import { projectRoot } from "../../../localcloud/server/paths.js";
import { outcome } from "../../localcloud/compute/executors/fixture.js";
import { REGION, type Repository, repository } from "../../localcloud/compute/images/fixture.js";
import { clientConfig, freshAccount, testCloud } from "../../support/cloud.js";
import { withAws } from "./fixture.js";

describe("JobImage, with the real engine, on the local cloud", () => {
  let cloud: Cloud;
  let scratch: string;
  let folder: string;
  let to: Repository;
  let stack: Stack;
  let publish: "bundle" | "none" = "bundle";

  before(async () => {
    cloud = await testCloud();
    scratch = mkdtempSync(join(tmpdir(), "job-image-"));
    folder = join(scratch, "jobs-folder");
    cpSync(join(projectRoot, "tests", "fixtures", "image"), folder, { recursive: true });
    symlinkSync(join(projectRoot, "node_modules"), join(scratch, "node_modules"));
    to = await repository(cloud, freshAccount());
    const { command } = await findEngine();
    const program = async () => {
      const image = new JobImage("jobs", {
        folder,
        repository: { repositoryUrl: pulumi.output(to.url) },
        region: REGION,
        publish,
      });
      return { uri: image.uri, tag: image.tag, digest: image.digest };
    };
    stack = await LocalWorkspace.createStack(
      { projectName: "job-image", stackName: "test", program },
      {
        pulumiCommand: command,
        workDir: scratch,
        envVars: { PULUMI_BACKEND_URL: `file://${scratch}`, PULUMI_CONFIG_PASSPHRASE: "test" },
      },
    );
  });
  after(() => rmSync(scratch, { recursive: true, force: true }));

  const up = async () => {
    const { outputs } = await withAws(cloud, to.account, () => stack.up());
    return Object.fromEntries(Object.entries(outputs).map(([name, { value }]) => [name, value as string]));
  };
  const images = async () => {
    const ecr = new ECRClient(clientConfig(cloud, to.account, REGION));
    try {
      return (await ecr.send(new DescribeImagesCommand({ repositoryName: to.name }))).imageDetails ?? [];
    } finally {
      ecr.destroy();
    }
  };
  const execute = async (image: string, job: string) => {
    const executor = await createExecutor(
      { clientConfig: (account, region) => clientConfig(cloud, account, region), dataDir: scratch, log: assert.fail },
      { kind: "process", registry: { register: () => {}, unregister: () => {} } },
    );
    try {
      return await outcome(executor, { image, account: to.account, command: [job], memoryMiB: 1024 });
    } finally {
      await executor.close();
    }
  };

  it("publishes nothing during a preview", async () => {
    await withAws(cloud, to.account, () => stack.preview());
    assert.deepEqual(await images(), []);
  });

  it("publishes with an up, and what it names runs: native module, Python part and all", async () => {
    const { uri = "", tag, digest } = await up();
    assert.equal(uri, `${to.url}:${tag}`);
    assert.deepEqual(
      (await images()).map((image) => [image.imageDigest, image.imageTags?.sort()]),
      [[digest, ["latest", tag].sort()]],
    );
    const { exitCode, lines } = await execute(uri, "jobs/count");
    assert.deepEqual([exitCode, lines], [0, ["hello, 1000 2000"]]);
  });

  it("gives changed code another tag, and the tag before stays", async () => {
    const before = await up();
    const job = join(folder, "jobs", "hello.ts");
    writeFileSync(job, readFileSync(job, "utf8").replace('greeting("hello")', 'greeting("changed")'));
    const after = await up();
    assert.notEqual(after.uri, before.uri);
    assert.equal((await execute(before.uri ?? "", "jobs/hello")).lines[0], "hello, hello");
    assert.equal((await execute(after.uri ?? "", "jobs/hello")).lines[0], "hello, changed");
    assert.equal((await execute(`${to.url}:latest`, "jobs/hello")).lines[0], "hello, changed");
  });

  it("only names the image when someone else pushes it", async () => {
    publish = "none";
    const job = join(folder, "jobs", "hello.ts");
    writeFileSync(job, readFileSync(job, "utf8").replace("changed", "pushed by someone else"));
    const known = (await images()).length;
    const { uri } = await up();
    assert.equal((await images()).length, known);
    const { exitCode, reason } = await execute(uri ?? "", "jobs/hello");
    assert.equal(exitCode, undefined);
    assert.match(reason ?? "", /^CannotPullContainerError: .*not found$/);
    publish = "bundle";
  });

  it("fails the deployment with the image's name and what is wrong with it", async () => {
    writeFileSync(join(folder, "jobs", "broken.ts"), "export const = 1;");
    await assert.rejects(
      withAws(cloud, to.account, () => stack.up()),
      /JobImage 'jobs'[\s\S]*broken\.ts:1:13: ERROR/,
    );
  });
});
