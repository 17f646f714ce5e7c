import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ContainerDetail } from "@aws-sdk/client-batch";
import { mountsOf } from "../../../../localcloud/compute/batch/run/mounts.js";
import { parseSecretReference } from "../../../../localcloud/compute/batch/run/secrets.js";

describe("volumes of a job", () => {
  it("are folders: of the file system, which all tasks share, of the host, or of the task alone", () => {
    const dataDir = mkdtempSync(join(tmpdir(), "batch-mounts-"));
    try {
      const container: ContainerDetail = {
        volumes: [
          { name: "efs", efsVolumeConfiguration: { fileSystemId: "fs-1", rootDirectory: "/../data" } },
          { name: "host", host: { sourcePath: join(dataDir, "host") } },
          { name: "own" },
        ],
        mountPoints: [
          { sourceVolume: "efs", containerPath: "/mnt/efs", readOnly: true },
          { sourceVolume: "host", containerPath: "/mnt/host" },
          { sourceVolume: "own", containerPath: "/scratch" },
          { sourceVolume: "undeclared", containerPath: "/nowhere" },
        ],
      };
      assert.deepEqual(mountsOf(container, { dataDir, account: "111122223333", taskId: "task" }), [
        { source: join(dataDir, "efs/111122223333/fs-1/data"), target: "/mnt/efs", readOnly: true },
        { source: join(dataDir, "host"), target: "/mnt/host", readOnly: false },
        { source: join(dataDir, "batch/scratch/task/own"), target: "/scratch", readOnly: false },
      ]);
    } finally {
      rmSync(dataDir, { recursive: true, force: true });
    }
  });
});

describe("references to secrets", () => {
  const ARN = "arn:aws:secretsmanager:us-east-1:111122223333:secret:db-AbCdEf";
  it("name a secret with key, stage and version, or a parameter", () => {
    const secret = { service: "secretsmanager", region: "us-east-1", secretId: ARN };
    const parse = (text: string) => JSON.parse(JSON.stringify(parseSecretReference(text, "eu-central-1")));
    assert.deepEqual(parse(ARN), secret);
    assert.deepEqual(parse(`${ARN}:user::`), { ...secret, jsonKey: "user" });
    assert.deepEqual(parse(`${ARN}:user:AWSPREVIOUS:`), { ...secret, jsonKey: "user", versionStage: "AWSPREVIOUS" });
    assert.deepEqual(parse(`${ARN}:::v1`), { ...secret, versionId: "v1" });
    assert.deepEqual(parse("/app/key"), { service: "ssm", region: "eu-central-1", name: "/app/key" });
    const parameter = "arn:aws:ssm:us-east-1:111122223333:parameter/app/key";
    assert.deepEqual(parse(parameter), { service: "ssm", region: "us-east-1", name: parameter });
  });
});
