import assert from "node:assert/strict";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ContainerDetail } from "@aws-sdk/client-batch";
import type { AccessPoint } from "../../../../localcloud/compute/containers/accessPoints.js";
import { mountsOf } from "../../../../localcloud/compute/containers/mounts.js";
import { parseSecretReference } from "../../../../localcloud/compute/containers/secrets.js";

describe("volumes of a job", () => {
  const account = "111122223333";
  const points: Record<string, AccessPoint> = {
    "fsap-data": { fileSystemId: "fs-1", rootDirectory: "/jobs/data", permissions: "0750" },
    "fsap-whole": { fileSystemId: "fs-1", rootDirectory: "/" },
    "fsap-bare": { fileSystemId: "fs-1", rootDirectory: "/absent" },
    "fsap-other": { fileSystemId: "fs-2", rootDirectory: "/" },
  };
  let dataDir: string;
  beforeEach(() => {
    dataDir = mkdtempSync(join(tmpdir(), "batch-mounts-"));
  });
  afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

  const mount = (container: ContainerDetail) =>
    mountsOf(container, { dataDir, account, region: "eu-central-1", taskId: "task" }, async (_scope, id) => points[id]);
  const through = (accessPointId: string) =>
    mount({
      volumes: [
        {
          name: "efs",
          efsVolumeConfiguration: {
            fileSystemId: "fs-1",
            transitEncryption: "ENABLED",
            authorizationConfig: { accessPointId, iam: "ENABLED" },
          },
        },
      ],
      mountPoints: [{ sourceVolume: "efs", containerPath: "/mnt/data" }],
    });

  it("are folders: of the file system, which all tasks share, of the host, or of the task alone", async () => {
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
    assert.deepEqual(await mount(container), [
      { source: join(dataDir, "efs/111122223333/fs-1/data"), target: "/mnt/efs", readOnly: true },
      { source: join(dataDir, "host"), target: "/mnt/host", readOnly: false },
      { source: join(dataDir, "scratch/task/own"), target: "/scratch", readOnly: false },
    ]);
  });

  it("of an access point are its root directory, made with its permissions", async () => {
    const source = join(dataDir, "efs/111122223333/fs-1/jobs/data");
    assert.deepEqual(await through("fsap-data"), [{ source, target: "/mnt/data", readOnly: false }]);
    assert.equal(statSync(source).mode & 0o777, 0o750);
    const whole = join(dataDir, "efs/111122223333/fs-1/");
    assert.deepEqual(await through("fsap-whole"), [{ source: whole, target: "/mnt/data", readOnly: false }]);
  });

  it("are not mounted through an access point that is not there, is another file system's, or has no root directory", async () => {
    const refused = /ResourceInitializationError: failed to invoke EFS utils commands to set up EFS volumes: /;
    for (const id of ["fsap-none", "fsap-other"]) {
      await assert.rejects(through(id), refused);
      await assert.rejects(through(id), new RegExp(`${id} of the file system fs-1 was not found$`));
    }
    await assert.rejects(through("fsap-bare"), refused);
    await assert.rejects(through("fsap-bare"), /access denied by server .*\/absent of fsap-bare is not there/);
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
