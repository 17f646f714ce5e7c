import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { CreateBucketCommand, S3Client } from "@aws-sdk/client-s3";
import { startCloud } from "../../../localcloud/server/cloud.js";
import { besideServer, projectPython } from "../../../localcloud/server/paths.js";
import { clientConfig, freshAccount } from "../../support/cloud.js";
import { allGone, listeningAddresses, processTree, running } from "./process-tree.js";

const serverModule = (name: string) => JSON.stringify(`file://${besideServer(name)}`);

/** Runs a program of ours in a process of its own; resolves with the first line that it prints. */
async function program(source: string): Promise<{ child: ChildProcess; line: string }> {
  const child = spawn(process.execPath, ["--input-type=module", "-e", source], { stdio: ["pipe", "pipe", "inherit"] });
  const [line] = (await once(createInterface({ input: child.stdout as NodeJS.ReadableStream }), "line")) as [string];
  return { child, line };
}

describe("the life of a private cloud", () => {
  let dataDir: string;
  beforeEach(() => {
    dataDir = mkdtempSync(join(tmpdir(), "crucible-life-"));
  });
  afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

  const driver = () =>
    program(`import { startCloud } from ${serverModule("cloud.js")};
      const cloud = await startCloud({ dataDir: ${JSON.stringify(dataDir)}, lifetime: "parent" });
      console.log(cloud.pid);
      setInterval(() => {}, 1000);`);

  it("listens on loopback only, with every process of it", async function () {
    if (process.platform !== "linux") this.skip();
    const cloud = await startCloud({ dataDir, lifetime: "parent" });
    try {
      const s3 = new S3Client(clientConfig(cloud, freshAccount()));
      await s3.send(new CreateBucketCommand({ Bucket: `b-${freshAccount()}` }));
      const addresses = listeningAddresses(processTree(cloud.pid));
      // 127.0.0.1 in the byte order of /proc/net/tcp: ministack and the compute plane.
      assert.deepEqual(addresses, ["tcp 0100007F", "tcp 0100007F"]);
    } finally {
      await cloud.stop();
    }
  });

  it("ends with stop, and leaves no process", async () => {
    const cloud = await startCloud({ dataDir, lifetime: "parent" });
    const tree = processTree(cloud.pid);
    assert.ok(tree.length >= 3, "cloud process, ministack, reaper");
    await cloud.stop();
    await allGone(tree, 500);
  });

  it("ends when its driver is killed", async () => {
    const { child, line } = await driver();
    const tree = processTree(Number(line));
    assert.ok(tree.length >= 3);
    child.kill("SIGKILL");
    await allGone(tree);
  });

  it("leaves nothing when the cloud process itself is killed", async () => {
    const { child, line } = await driver();
    const tree = processTree(Number(line));
    process.kill(Number(line), "SIGKILL");
    await allGone(tree);
    child.kill("SIGKILL");
  });

  it("does not keep its driver from ending", async () => {
    const { child } = await program(`import { startCloud } from ${serverModule("cloud.js")};
      await startCloud({ dataDir: ${JSON.stringify(dataDir)}, lifetime: "parent" });
      console.log("up");`);
    const [code] = (await once(child, "exit")) as [number];
    assert.equal(code, 0);
  });

  it("ends, instead of answering without ministack, when that dies; the log says why", async () => {
    const cloud = await startCloud({ dataDir, lifetime: "parent" });
    const tree = processTree(cloud.pid);
    const ministack = tree.find((pid) => listeningAddresses([pid]).length === 1 && pid !== cloud.pid);
    assert.ok(ministack);
    process.kill(ministack, "SIGKILL");
    await allGone(tree);
  });

  it("says why it cannot start: a port that is taken", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as { port: number };
    await assert.rejects(
      startCloud({ dataDir, port, lifetime: "parent" }),
      new RegExp(
        `The local cloud did not start: port ${port} of 127.0.0.1 cannot be used \\(Address already in use\\)`,
      ),
    );
    server.close();
  });
});

describe("the reaper", () => {
  it("kills registered process groups with all their members, and no other, when its owner is killed", async () => {
    const { child, line } = await program(`import { spawn } from "node:child_process";
      import { startReaper } from ${serverModule("registry.js")};
      const reaper = startReaper(${JSON.stringify(projectPython())});
      const group = () => spawn("sh", ["-c", "sleep 60 & sleep 60 & wait"], { detached: true, stdio: "ignore" });
      const [doomed, spared] = [group(), group()];
      reaper.register(doomed.pid);
      reaper.register(spared.pid);
      reaper.unregister(spared.pid);
      console.log(JSON.stringify({ doomed: doomed.pid, spared: spared.pid, reaper: reaper.pid }));`);
    const { doomed, spared, reaper } = JSON.parse(line) as Record<string, number>;
    const [doomedTree, sparedTree] = [await treeOf(doomed, 3), await treeOf(spared, 3)];
    child.kill("SIGKILL");
    await allGone([...doomedTree, reaper ?? 0]);
    assert.deepEqual(running(sparedTree).sort(), sparedTree.sort());
    process.kill(-(spared ?? 0), "SIGKILL");
    await allGone(sparedTree);
  });
});

/** The tree of a process that is about to have `size` members. */
async function treeOf(pid = 0, size: number): Promise<number[]> {
  for (;;) {
    const tree = processTree(pid);
    if (tree.length >= size) return tree;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
