// The scripts of preprocessing as they are called, with commands in place of docker and of the driver that note what they are given.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import { parse } from "yaml";
import { projectRoot } from "../../localcloud/server/paths.js";
import { clientConfig, freshAccount, testCloud } from "../support/cloud.js";

const SCRIPTS = join(projectRoot, "scripts");
const REPOSITORY = "123456789012.dkr.ecr.ap-southeast-1.amazonaws.com/test-preprocessing";

describe("The scripts of preprocessing", function () {
  this.timeout(60_000);
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "preprocessing-scripts-"));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const sh = async (script: string, args: string[], env: NodeJS.ProcessEnv = {}) => {
    try {
      const { stdout } = await promisify(execFile)("sh", [script, ...args], { env: { ...process.env, ...env } });
      return { code: 0, stdout, stderr: "" };
    } catch (error) {
      return error as unknown as { code: number; stdout: string; stderr: string };
    }
  };

  for (const name of ["build-docker.sh", "deploy.sh"])
    it(`${name} is a sound script that says how it is used, wherever the word stands`, async () => {
      const script = join(SCRIPTS, name);
      await promisify(execFile)("sh", ["-n", script]);
      for (const args of [["--help"], ["-h"], ["x", "--help"]]) {
        const { code, stdout } = await sh(script, args);
        assert.equal(code, 0);
        assert.match(stdout, new RegExp(`^Usage: scripts/${name.replace(".", "\\.")} `));
      }
    });

  describe("build-docker.sh", () => {
    /** A docker that answers as a daemon would, and what it was given: one list of words for each call. */
    const docker = (fails?: string) => {
      const bin = join(folder, "bin");
      mkdirSync(bin);
      const calls = join(folder, "calls");
      writeFileSync(
        join(bin, "docker"),
        `#!/bin/sh
printf '%s\\037' "$@" >> "${calls}"
echo >> "${calls}"
case $1 in
  version) echo 27.0.0 ;;
  login) cat > "${folder}/password" ;;
  build)
    for context in "$@"; do :; done
    cp "$context/code.tar.gz" "$context/requirements.txt" "${folder}/" ;;
esac
[ "$1" != "${fails ?? ""}" ]
`,
        { mode: 0o755 },
      );
      return {
        env: { PATH: [bin, process.env.PATH].join(delimiter), CRUCIBLE_CONTAINER_ENGINE: "docker" },
        calls: () =>
          readFileSync(calls, "utf8")
            .trim()
            .split("\n")
            .map((line) => line.split("\u001f").slice(0, -1))
            .filter(([command]) => command !== "version"),
      };
    };
    const script = join(SCRIPTS, "build-docker.sh");

    it("builds the container's code and its locked requirements for Fargate's platform, under the name that docker-compose runs", async () => {
      const { env, calls } = docker();
      const { code, stderr } = await sh(script, [], env);
      assert.equal(code, 0, stderr);
      const [build, ...others] = calls();
      assert.deepEqual(others, []);
      assert.deepEqual(build?.slice(0, 3), ["build", "--platform", "linux/amd64"]);
      assert.ok(build?.includes(join(projectRoot, "docker", "preprocessing", "Dockerfile")), build?.join(" "));
      const { stdout: files } = await promisify(execFile)("tar", ["-tzf", join(folder, "code.tar.gz")]);
      const modules = ["environment", "errors", "log", "main", "process", "storage"].map((name) => `app/${name}.py`);
      assert.deepEqual(
        files
          .trim()
          .split("\n")
          .filter((name) => name.endsWith(".py"))
          .sort(),
        modules,
      );
      assert.equal(
        readFileSync(join(folder, "requirements.txt"), "utf8"),
        readFileSync(join(projectRoot, "docker", "preprocessing", "requirements.txt"), "utf8"),
      );

      const { preprocessing } = parse(readFileSync(join(projectRoot, "docker-compose.yml"), "utf8")).services;
      const [, image] = /:-(.+)\}$/.exec(preprocessing.image) ?? [];
      assert.ok(build?.includes(String(image)), `${image} is not among ${build?.join(" ")}`);
      const [, target] = preprocessing.volumes[0].split(":");
      assert.equal(preprocessing.environment.DATA_URL, `file://${target}`);
      assert.equal(preprocessing.platform, "linux/amd64");
    });

    it("logs in and pushes content's tag and latest, with the password of the repository's region", async () => {
      const cloud = await testCloud();
      const account = freshAccount();
      const { env, calls } = docker();
      const { endpoint } = clientConfig(cloud, account);
      const aws = { AWS_ENDPOINT_URL: endpoint, AWS_ACCESS_KEY_ID: account, AWS_SECRET_ACCESS_KEY: "test" };
      const { code, stderr } = await sh(script, ["--repository", REPOSITORY], { ...env, ...aws });
      assert.equal(code, 0, stderr);
      const [build, login, ...pushes] = calls();
      assert.equal(build?.[0], "build");
      assert.deepEqual(login?.slice(0, 4), ["login", "--username", "AWS", "--password-stdin"]);
      assert.ok(
        !calls()
          .flat()
          .includes(readFileSync(join(folder, "password"), "utf8")),
      );
      assert.ok(readFileSync(join(folder, "password"), "utf8").length > 20);
      assert.deepEqual(
        pushes.map(([command, tag]) => [command, tag?.replace(/sha-[0-9a-f]+$/, "sha-…")]),
        [
          ["push", `${REPOSITORY}:sha-…`],
          ["push", `${REPOSITORY}:latest`],
        ],
      );
    });

    it("takes another platform, and leaves latest where it is", async () => {
      const { env, calls } = docker();
      await sh(script, ["--platform", "linux/arm64", "--no-latest"], env);
      const [build = []] = calls();
      assert.equal(build[build.indexOf("--platform") + 1], "linux/arm64");
      assert.ok(!build.some((word) => word.endsWith(":latest")), build.join(" "));
    });

    it("fails when docker does, and when there is none", async () => {
      const { env, calls } = docker("build");
      const failed = await sh(script, ["--repository", REPOSITORY], env);
      assert.equal(failed.code, 1);
      assert.match(failed.stderr, /`docker build --platform …` ended with 1/);
      assert.equal(calls().length, 1, "nothing is pushed");
      const without = await sh(script, ["--engine", "/no/such/engine"]);
      assert.match(without.stderr, /There is no container engine/);
      const wrong = await sh(script, ["--repo", "x"]);
      assert.deepEqual([wrong.code, /Unknown option '--repo'/.test(wrong.stderr)], [2, true]);
    });
  });

  describe("deploy.sh", () => {
    /** Calls a copy of the script beside a driver that prints what it is given. */
    const deploy = async (...args: string[]) => {
      for (const name of ["scripts", "bin"]) mkdirSync(join(folder, name), { recursive: true });
      copyFileSync(join(SCRIPTS, "deploy.sh"), join(folder, "scripts", "deploy.sh"));
      writeFileSync(join(folder, "bin", "crucible.mjs"), "console.log(JSON.stringify(process.argv.slice(2)));");
      return JSON.parse((await sh(join(folder, "scripts", "deploy.sh"), args)).stdout);
    };

    it("brings up preprocessing, under its own name unless another is given", async () => {
      assert.deepEqual(await deploy(), ["up", "preprocessing", "--name", "preprocessing"]);
      assert.deepEqual(await deploy("pre"), ["up", "preprocessing", "--name", "pre"]);
    });

    it("hands options on as they are", async () => {
      const set = ["--set", "preprocessing.container.imageTag=a b"];
      assert.deepEqual(await deploy("pre", ...set), ["up", "preprocessing", "--name", "pre", ...set]);
      assert.deepEqual(await deploy("--env", "test"), [
        "up",
        "preprocessing",
        "--name",
        "preprocessing",
        "--env",
        "test",
      ]);
    });
  });
});
