#!/usr/bin/env node
// Builds the container image of a jobs folder for AWS and pushes it under the tag that the stack expects (JobImage with
// `publish: "none"`): the tag is cut from the content, so both sides find the same one without telling each other.
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "..");

const USAGE = `Usage: node scripts/push-image.mjs <image> [options]

Builds the container image of a jobs folder (docker/runtime, then the Dockerfile that its image.json names) and pushes it
as <repository>:sha-<content> and <repository>:latest. Without --repository it only builds.

  <image>               folder below jobs/, e.g. sanders, or a path
  --repository URI      e.g. 123456789012.dkr.ecr.eu-central-1.amazonaws.com/sanders-customer-platform-dev
  --platform PLATFORM   what the image is for                       [default: linux/amd64]
  --engine CLI          docker or podman, or a path                 [default: the first that answers]
  --runtime IMAGE       use this image instead of building docker/runtime
  --no-latest           do not move the tag latest (a repository with immutable tags refuses it)
  --tag-only            print the tag and do nothing else
  --help

Credentials and region come from the AWS SDK's default chain (AWS_PROFILE, AWS_ACCESS_KEY_ID, …) and the repository's URI.

Examples:
  node scripts/push-image.mjs sanders
  node scripts/push-image.mjs sanders --repository "$(npx crucible outputs prod --json | jq -r .ECRRepositoryURI)"`;

class UsageError extends Error {}

/** Options as given; throws UsageError. */
function readOptions() {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      allowNegative: true,
      options: {
        repository: { type: "string" },
        platform: { type: "string", default: "linux/amd64" },
        engine: { type: "string" },
        runtime: { type: "string" },
        latest: { type: "boolean", default: true },
        "tag-only": { type: "boolean", default: false },
        help: { type: "boolean", default: false },
      },
    });
    if (!values.help && positionals.length !== 1) throw new UsageError("Name one image, e.g. sanders");
    return { ...values, image: positionals[0] };
  } catch (error) {
    throw error instanceof UsageError ? error : new UsageError(error.message);
  }
}

/** Runs the engine with its output shown; `input` goes to its standard input. */
function run(command, args, input) {
  return new Promise((done, fail) => {
    const child = spawn(command, args, { stdio: [input === undefined ? "ignore" : "pipe", "inherit", "inherit"] });
    child.on("error", (cause) => fail(new Error(`${command} could not be started: ${cause.message}`, { cause })));
    child.on("close", (code) =>
      code === 0
        ? done()
        : fail(
            new Error(`\`${command} ${args.slice(0, 2).join(" ")} …\` ended with ${code}; its own message is above`),
          ),
    );
    child.stdin?.on("error", () => {});
    child.stdin?.end(input);
  });
}

async function main() {
  const options = readOptions();
  if (options.help) {
    console.log(USAGE);
    return;
  }
  const compiled = (path) => import(new URL(`../dist/${path}`, import.meta.url));
  if (!existsSync(join(root, "dist", "components", "image", "bundle.js")))
    throw new Error("The project is not built: run `npm run setup` first");
  const [{ bundleImage }, { writeBuildContext }, { parseRepositoryUrl, registryAccess }, { findContainerEngine }] =
    await Promise.all([
      compiled("components/image/bundle.js"),
      compiled("components/image/context.js"),
      compiled("components/image/publish.js"),
      compiled("localcloud/compute/executors/engine.js"),
    ]);
  const folder = [join(root, "jobs", options.image), resolve(options.image)].find((path) =>
    existsSync(join(path, "image.json")),
  );
  if (!folder)
    throw new UsageError(
      `There is no image '${options.image}': neither jobs/${options.image} nor that path has an image.json`,
    );
  const bundle = await bundleImage(folder);
  if (options["tag-only"]) {
    console.log(bundle.tag);
    return;
  }
  const repository = options.repository && parseRepositoryUrl(options.repository);
  const found = await findContainerEngine({
    ...process.env,
    ...(options.engine ? { CRUCIBLE_CONTAINER_ENGINE: options.engine } : {}),
  });
  if (found.reason) throw new Error(`${found.reason}. Install docker or podman to build container images.`);
  const { command } = found.engine;

  const context = mkdtempSync(join(tmpdir(), "push-image-"));
  try {
    const { dockerfile } = writeBuildContext(folder, bundle, context);
    const runtime = options.runtime ?? "localhost/crucible/runtime:latest";
    // The image of a function stands on AWS's own instead.
    const needsRuntime = /^ARG RUNTIME\b/m.test(readFileSync(dockerfile, "utf8"));
    if (!options.runtime && needsRuntime)
      await run(command, [
        "build",
        "--platform",
        options.platform,
        "--tag",
        runtime,
        "--file",
        join(root, "docker", "runtime", "Dockerfile"),
        join(root, "requirements"),
      ]);
    const name = options.repository ?? `localhost/${bundle.name}`;
    const tags = [bundle.tag, ...(options.latest ? ["latest"] : [])].map((tag) => `${name}:${tag}`);
    await run(command, [
      "build",
      "--platform",
      options.platform,
      ...(needsRuntime ? ["--build-arg", `RUNTIME=${runtime}`] : []),
      ...tags.flatMap((tag) => ["--tag", tag]),
      "--file",
      dockerfile,
      context,
    ]);
    if (repository) {
      const region = /\.ecr\.([a-z0-9-]+)\./.exec(repository.host)?.[1] ?? process.env.AWS_REGION;
      if (!region) throw new UsageError("The repository's URI does not tell its region: set AWS_REGION");
      const { authorization } = await registryAccess(region, repository.host);
      const password = Buffer.from(authorization.replace("Basic ", ""), "base64").toString().replace(/^AWS:/, "");
      // podman asks for TLS even on loopback, where a local registry has none; docker does not.
      const loopback =
        found.engine.name === "podman" && /^(127\.|localhost[:/])/.test(repository.host) ? ["--tls-verify=false"] : [];
      await run(command, ["login", ...loopback, "--username", "AWS", "--password-stdin", repository.host], password);
      for (const tag of tags) await run(command, ["push", ...loopback, tag]);
    }
    console.log(`${repository ? "Pushed" : "Built"} ${tags.join(" and ")}`);
  } finally {
    rmSync(context, { recursive: true, force: true });
  }
}

try {
  await main();
} catch (error) {
  console.error(error instanceof UsageError ? `${error.message}\n\n${USAGE}` : `push-image: ${error.message}`);
  process.exitCode = error instanceof UsageError ? 2 : 1;
}
