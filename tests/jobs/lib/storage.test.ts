import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { S3Client } from "@aws-sdk/client-s3";
import { FolderStore } from "../../../jobs/lib/folder.js";
import { S3Store } from "../../../jobs/lib/s3.js";
import { fetchSource, parseSource } from "../../../jobs/lib/sources.js";

/** A server on loopback whose answers a test writes. */
async function serve(answer: Parameters<typeof createServer>[1]): Promise<{ url: string; server: Server }> {
  const server = createServer({}, answer as never);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server };
}

describe("storage of jobs", () => {
  let folder: string;
  let servers: Server[];
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "storage-"));
    servers = [];
  });
  afterEach(() => {
    for (const server of servers) {
      server.closeAllConnections();
      server.close();
    }
    rmSync(folder, { recursive: true, force: true });
  });
  const start = async (answer: Parameters<typeof createServer>[1]) => {
    const { url, server } = await serve(answer);
    servers.push(server);
    return url;
  };

  describe("a bucket in a folder", () => {
    it("replaces objects and lists keys by prefix, sorted", async () => {
      const store = new FolderStore(join(folder, "bucket"));
      const file = join(folder, "file");
      for (const [key, text] of [
        ["b/2", "old"],
        ["a/1", "1"],
        ["b/1", "1"],
        ["b/2", "new"],
      ] as const) {
        writeFileSync(file, text);
        await store.upload(key, file);
      }
      assert.deepEqual(await store.list("b/"), ["b/1", "b/2"]);
      await store.download("b/2", join(folder, "copy"));
      assert.equal(readFileSync(join(folder, "copy"), "utf8"), "new");
    });

    it("has no objects before the first is written", async () => {
      assert.deepEqual(await new FolderStore(join(folder, "none")).list(""), []);
    });

    it("refuses keys that lead out of it", async () => {
      const store = new FolderStore(join(folder, "bucket"));
      await assert.rejects(store.upload("../x", join(folder, "file")), { code: "InvalidKey" });
    });
  });

  describe("S3", () => {
    const storeAt = (endpoint: string) =>
      new S3Store(
        new S3Client({
          endpoint,
          region: "eu-central-1",
          forcePathStyle: true,
          maxAttempts: 1,
          credentials: { accessKeyId: "1", secretAccessKey: "2" },
        }),
        "bucket",
      );

    it("takes a download that broke up where it broke, of the same object only", async () => {
      // More than any buffer on the way holds, so that a part of it is on disk when the connection breaks.
      const content = Buffer.alloc(8_000_000, "0123456789");
      const seen: (string | undefined)[][] = [];
      const endpoint = await start((request, response) => {
        seen.push([request.headers.range, request.headers["if-match"] as string | undefined]);
        const from = Number(/bytes=(\d+)-/.exec(request.headers.range ?? "")?.[1] ?? 0);
        response.writeHead(from > 0 ? 206 : 200, { etag: '"e1"', "content-length": content.length - from });
        if (from > 0) response.end(content.subarray(from));
        else response.write(content.subarray(0, 6_000_000), () => response.socket?.end());
      });
      const path = join(folder, "download");
      await storeAt(endpoint).download("key", path);
      assert.ok(readFileSync(path).equals(content));
      assert.equal(seen.length, 2);
      assert.match(seen[1]?.[0] ?? "", /^bytes=\d+-$/);
      assert.equal(seen[1]?.[1], '"e1"');
    });

    it("says what was read and AWS's error when it is refused, and leaves no file", async () => {
      const endpoint = await start((_, response) => {
        response.writeHead(403, { "content-type": "application/xml" });
        response.end(
          "<Error><Code>AccessDenied</Code><Message>not authorized to perform s3:GetObject</Message></Error>",
        );
      });
      await assert.rejects(storeAt(endpoint).download("other/key", join(folder, "download")), {
        name: "StorageError",
        code: "AccessDenied",
        message: "Reading s3://bucket/other/key failed: AccessDenied: not authorized to perform s3:GetObject",
      });
      assert.deepEqual(readdirSync(folder), []);
    });
  });

  describe("sources", () => {
    const noBucket = () => {
      throw new Error("no bucket was expected");
    };

    it("tells s3, https and paths apart", () => {
      assert.deepEqual(parseSource("s3://b/k/f.parquet"), {
        kind: "s3",
        bucket: "b",
        key: "k/f.parquet",
        name: "f.parquet",
      });
      assert.equal(parseSource("https://host/a/f%20g.parquet?x=1").name, "f g.parquet");
      assert.equal(parseSource("data/f.parquet").kind, "path");
      for (const wrong of ["ftp://host/f", "s3://bucket", "s3://bucket/folder/", "https://host/"])
        assert.throws(() => parseSource(wrong), { name: "UsageError" }, wrong);
    });

    it("streams a file from a web server", async () => {
      const url = await start((_, response) => response.end("content"));
      const { path, bytes } = await fetchSource(parseSource(`${url}/f.parquet`), folder, noBucket);
      assert.deepEqual([readFileSync(path, "utf8"), bytes], ["content", 7]);
    });

    it("refuses an error page and a body that ends early", async () => {
      const gone = await start((_, response) => {
        response.writeHead(404).end("no such file");
      });
      await assert.rejects(fetchSource(parseSource(`${gone}/f.parquet`), folder, noBucket), {
        message: `Reading ${gone}/f.parquet failed: HTTP 404 Not Found`,
      });
      const short = await start((_, response) => {
        response.writeHead(200, { "content-length": 1000 });
        response.write("only this", () => response.socket?.end());
      });
      await assert.rejects(fetchSource(parseSource(`${short}/f.parquet`), folder, noBucket), { name: "StorageError" });
      assert.deepEqual(readdirSync(folder), []);
    });
  });
});
