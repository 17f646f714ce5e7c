import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { chmodSync, cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { DescribeImagesCommand, ECRClient } from "@aws-sdk/client-ecr";
import { bundleImage } from "../../../components/image/bundle.js";
import { lockModules } from "../../../components/image/context.js";
import { openContainerExecutor } from "../../../localcloud/compute/executors/container.js";
import { findContainerEngine } from "../../../localcloud/compute/executors/engine.js";
import { EcrImageStore } from "../../../localcloud/compute/images/store.js";
import { projectRoot } from "../../../localcloud/server/paths.js";
import { BASE, importBase } from "../../localcloud/compute/executors/engine-fixture.js";
import { outcome } from "../../localcloud/compute/executors/fixture.js";
import { REGION, repository } from "../../localcloud/compute/images/fixture.js";
import { clientConfig, freshAccount, testCloud } from "../../support/cloud.js";
import { withAws } from "./fixture.js";

const FIXTURE = join(projectRoot, "tests", "fixtures", "image");
const SCRIPT = join(projectRoot, "scripts", "push-image.mjs");

interface Ended {
  code: number;
  stdout: string;
  stderr: string;
}

async function script(args: string[], env: NodeJS.ProcessEnv = process.env): Promise<Ended> {
  try {
    return { code: 0, ...(await promisify(execFile)(process.execPath, [SCRIPT, ...args], { env })) };
  } catch (error) {
    return error as unknown as Ended;
  }
}

describe("push-image", function () {
  this.timeout(60_000);
  let scratch: string;
  beforeEach(() => {
    scratch = mkdtempSync(join(tmpdir(), "push-"));
  });
  afterEach(() => rmSync(scratch, { recursive: true, force: true }));

  it("says how it is used, and what is wrong with how it was", async () => {
    assert.match((await script(["--help"])).stdout, /^Usage: node scripts\/push-image\.mjs <image>/);
    for (const [args, message] of [
      [[], /^Name one image/],
      [["nothing-of-that-name"], /^There is no image 'nothing-of-that-name'/],
      [[FIXTURE, "--plattform", "x"], /^Unknown option '--plattform'/],
    ] as const) {
      const { code, stderr } = await script([...args]);
      assert.equal(code, 2);
      assert.match(stderr, message);
    }
    const without = await script([FIXTURE, "--engine", "/no/such/engine"]);
    assert.equal(without.code, 1);
    assert.match(without.stderr, /There is no container engine \(\/no\/such\/engine: not installed\)/);
  });

  it("builds the runtime and the image, and pushes it under the tag that JobImage names", async () => {
    const { tag } = await bundleImage(FIXTURE);
    // An engine that writes down what it is told, and keeps the context it is given.
    const engine = join(scratch, "docker");
    writeFileSync(
      engine,
      `#!/bin/sh
echo "$@" >> ${scratch}/calls
case "$1" in
  version) echo 1 ;;
  login) cat > ${scratch}/password ;;
  build) for last; do :; done; [ -e "$last/code.tar.gz" ] && cp -r "$last" ${scratch}/context ;;
esac
exit 0
`,
    );
    chmodSync(engine, 0o755);
    const cloud = await testCloud();
    const to = await repository(cloud, freshAccount());
    const ended = await withAws(cloud, to.account, (env) =>
      script([FIXTURE, "--engine", engine, "--repository", to.url], env),
    );
    assert.equal(ended.code, 0, ended.stderr);
    assert.equal(ended.stdout.trim(), `Pushed ${to.url}:${tag} and ${to.url}:latest`);
    const [, runtime, image, login, ...pushes] = readFileSync(join(scratch, "calls"), "utf8").trim().split("\n");
    assert.match(
      runtime ?? "",
      /^build --platform linux\/amd64 --tag (\S+) --file \S+docker\/runtime\/Dockerfile \S+requirements$/,
    );
    assert.match(
      image ?? "",
      new RegExp(`--build-arg RUNTIME=localhost/crucible/runtime:latest --tag ${to.url}:${tag} --tag ${to.url}:latest`),
    );
    assert.equal(login, `login --username AWS --password-stdin ${to.url.split("/")[0]}`);
    assert.deepEqual(pushes, [`push ${to.url}:${tag}`, `push ${to.url}:latest`]);
    assert.ok(
      readFileSync(join(scratch, "password"), "utf8").startsWith(`${to.account}.${REGION}.`),
      "the registry's own password",
    );
    assert.ok(existsSync(join(scratch, "context", "native", "package-lock.json")));
  });

  it("locks native modules as the project does, for every platform, so that `npm ci` takes them", async () => {
    const projectLock = JSON.parse(readFileSync(join(projectRoot, "package-lock.json"), "utf8")) as {
      packages: Record<string, { version: string; integrity: string }>;
    };
    const { manifest, lock } = lockModules("fixture", ["@duckdb/node-api"], projectLock);
    const { packages } = lock as { packages: Record<string, { version: string; integrity: string }> };
    for (const name of ["node-api", "node-bindings", "node-bindings-linux-x64", "node-bindings-darwin-arm64"]) {
      const path = `node_modules/@duckdb/${name}`;
      assert.deepEqual(packages[path], projectLock.packages[path]);
    }
    assert.ok(!("node_modules/esbuild" in packages));
    writeFileSync(join(scratch, "package.json"), JSON.stringify(manifest));
    writeFileSync(join(scratch, "package-lock.json"), JSON.stringify(lock));
    // A manifest and a lock that disagree are refused before anything is fetched.
    const { stdout } = await promisify(execFile)(
      "npm",
      ["ci", "--dry-run", "--ignore-scripts", "--offline", "--no-audit"],
      { cwd: scratch },
    );
    assert.match(stdout, /added \d+ packages/);
    assert.throws(
      () => lockModules("fixture", ["no-such-package"], projectLock),
      /package-lock\.json has no node_modules\/no-such-package/,
    );
  });

  it("gives an image that runs from ECR in a container, with a real engine", async function () {
    const found = await findContainerEngine();
    if ("reason" in found || process.platform !== "linux") {
      console.log(`      skipped: ${"reason" in found ? found.reason : "the base image is made of Linux files"}`);
      this.skip();
    }
    const cloud = await testCloud();
    const to = await repository(cloud, freshAccount());
    const folder = join(scratch, "jobs-folder");
    // A project of its own: node_modules is for bundling, the lock for the image.
    cpSync(FIXTURE, folder, { recursive: true });
    rmSync(join(folder, "jobs", "count.ts"));
    const description = JSON.parse(readFileSync(join(folder, "image.json"), "utf8")) as object;
    writeFileSync(join(folder, "image.json"), JSON.stringify({ ...description, native: [] }));
    cpSync(join(projectRoot, "package-lock.json"), join(scratch, "package-lock.json"));
    importBase(found.engine.command, join(scratch, "base"));
    const here = `${new URL(cloud.endpoint).host}/${to.name}`;
    const ended = await withAws(cloud, to.account, (env) =>
      script([folder, "--runtime", BASE, "--repository", here], env),
    );
    assert.equal(ended.code, 0, ended.stderr);
    const { tag } = await bundleImage(folder);
    const ecr = new ECRClient(clientConfig(cloud, to.account, REGION));
    const { imageDetails } = await ecr.send(
      new DescribeImagesCommand({ repositoryName: to.name, imageIds: [{ imageTag: tag }] }),
    );
    ecr.destroy();
    assert.deepEqual(imageDetails?.[0]?.imageTags?.sort(), ["latest", tag].sort());

    const images = new EcrImageStore({
      cacheFolder: join(scratch, "cache"),
      clientConfig: (account, region) => clientConfig(cloud, account, region),
    });
    const executor = await openContainerExecutor({
      images,
      workFolder: join(scratch, "work"),
      processes: { register() {}, unregister() {} },
      log: () => {},
    });
    try {
      const { exitCode, lines, reason } = await outcome(executor, {
        image: `${to.url}:${tag}`,
        account: to.account,
        command: ["jobs/hello"],
      });
      assert.deepEqual([exitCode, reason, lines[0]], [0, undefined, "hello, hello"]);
    } finally {
      await executor.close();
      images.close();
    }
  });
});
