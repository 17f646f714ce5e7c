import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";
import { bundleImage, type ImageBundle } from "../../../components/image/bundle.js";
import { parseRepositoryUrl, publishBundle, publishTo, registryUrl } from "../../../components/image/publish.js";
import { RegistryClient } from "../../../components/image/registry.js";
import type { Cloud } from "../../../localcloud/index.js";
import { projectRoot } from "../../../localcloud/server/paths.js";
import { type Repository, repository } from "../../localcloud/compute/images/fixture.js";
import { freshAccount, testCloud } from "../../support/cloud.js";
import { withAws } from "./fixture.js";

const FIXTURE = join(projectRoot, "tests", "fixtures", "image");

describe("publishing an image", () => {
  let cloud: Cloud;
  let bundle: ImageBundle;
  let to: Repository;
  before(async () => {
    [cloud, bundle] = await Promise.all([testCloud(), bundleImage(FIXTURE)]);
  });
  beforeEach(async () => {
    to = await repository(cloud, freshAccount());
  });

  it("puts every layer once and both tags, and `aws ecr describe-images` shows them", async () => {
    const tags = [bundle.tag, "latest"];
    await withAws(cloud, to.account, async (env) => {
      const first = await publishBundle(bundle, to.url, "eu-central-1", tags);
      assert.equal(first.uploaded.length, bundle.layers.length + 1);
      assert.deepEqual(first.tagged, tags);
      assert.deepEqual(await publishBundle(bundle, to.url, "eu-central-1", tags), { uploaded: [], tagged: [] });
      const aws = join(projectRoot, ".venv", "bin", "aws");
      const { stdout } = await promisify(execFile)(
        aws,
        ["ecr", "describe-images", "--repository-name", to.name, "--output", "json"],
        { env },
      );
      const { imageDetails } = JSON.parse(stdout) as { imageDetails: { imageDigest: string; imageTags: string[] }[] };
      assert.equal(imageDetails.length, 1);
      assert.equal(imageDetails[0]?.imageDigest, bundle.manifestDigest);
      assert.deepEqual(imageDetails[0]?.imageTags.sort(), [...tags].sort());
    });
  });

  it("says which image, which repository and what the registry answered", async () => {
    await withAws(cloud, to.account, async () => {
      await assert.rejects(publishBundle(bundle, `${to.url}-not`, "eu-central-1", ["v1"]), (error: Error) => {
        assert.match(error.message, /^Could not publish the image 'fixture' \(sha-[0-9a-f]{12}\) to .*\/jobs-not: /);
        assert.match(error.message, /was answered 404: NAME_UNKNOWN: repository name not known to registry: jobs-not/);
        return true;
      });
      await assert.rejects(publishBundle(bundle, "jobs", "eu-central-1", ["v1"]), /'jobs' is not a repository's URI/);
    });
  });

  describe("to a registry that fails", () => {
    let server: Server;
    let requests: string[];
    let answers: Map<string, number[]>;
    const client = () =>
      new RegistryClient(
        {
          url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
          host: "registry",
          authorization: "Basic x",
        },
        async () => {},
      );
    beforeEach(async () => {
      requests = [];
      answers = new Map();
      server = createServer((incoming, outgoing) => {
        const path = new URL(incoming.url ?? "", "http://x").pathname.replace(/sha256:.*/, "DIGEST");
        const what = `${incoming.method} ${path}`;
        requests.push(what);
        incoming.resume().on("end", () => {
          const planned = answers.get(what)?.shift();
          const usual = { HEAD: 404, POST: 202, PUT: 201 }[incoming.method ?? ""] ?? 500;
          if (planned === 0) outgoing.destroy();
          else outgoing.writeHead(planned ?? usual, usual === 202 ? { location: "/v2/r/blobs/uploads/1" } : {}).end();
        });
      });
      await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
    });
    afterEach(() => new Promise<void>((closed) => server.close(() => closed())));

    const small = (): ImageBundle => ({ ...bundle, layers: [] });

    it("tries again after an overload and a broken connection, each upload from its beginning", async () => {
      answers.set("HEAD /v2/r/manifests/v1", [503, 429]);
      answers.set("PUT /v2/r/blobs/uploads/1", [500, 0]);
      const { tagged } = await publishTo(client(), "r", small(), ["v1"]);
      assert.deepEqual(tagged, ["v1"]);
      assert.equal(requests.filter((what) => what === "POST /v2/r/blobs/uploads/").length, 3);
      assert.equal(requests.at(-1), "PUT /v2/r/manifests/v1", "the tag comes last");
    });

    it("gives up after five attempts, and at once when it is refused", async () => {
      answers.set("HEAD /v2/r/manifests/v1", [500, 500, 500, 500, 500, 500]);
      await assert.rejects(
        publishTo(client(), "r", small(), ["v1"]),
        /HEAD http:\S+\/v2\/r\/manifests\/v1 was answered 500/,
      );
      assert.equal(requests.length, 5);
      requests.length = 0;
      answers.set("HEAD /v2/r/manifests/v1", [403]);
      await assert.rejects(publishTo(client(), "r", small(), ["v1"]), /was answered 403/);
      assert.equal(requests.length, 1);
    });
  });

  it("takes a repository's URI apart", () => {
    assert.deepEqual(parseRepositoryUrl("1.dkr.ecr.eu-central-1.amazonaws.com/a/b"), {
      host: "1.dkr.ecr.eu-central-1.amazonaws.com",
      name: "a/b",
    });
    for (const wrong of ["", "jobs", "host/", "/jobs", "host/jobs:tag", "https://host/jobs"])
      assert.throws(() => parseRepositoryUrl(wrong), /is not a repository's URI/);
  });

  it("finds the registry: as AWS says, but at the endpoint in force when that is not AWS's and names AWS's host all the same", () => {
    const aws = "https://123456789012.dkr.ecr.eu-central-1.amazonaws.com";
    assert.equal(registryUrl(aws, undefined), aws);
    assert.equal(registryUrl(aws, "https://ecr.eu-central-1.amazonaws.com"), aws);
    assert.equal(registryUrl(aws, "http://127.0.0.1:4566"), "http://127.0.0.1:4566");
    assert.equal(registryUrl("http://127.0.0.1:5000", "http://127.0.0.1:4566"), "http://127.0.0.1:5000");
  });
});
