// What the provider's core does for every resource type, seen through the real engine.
import assert from "node:assert/strict";
import { CloudWatchLogsClient, DescribeLogGroupsCommand } from "@aws-sdk/client-cloudwatch-logs";
import { GetRoleCommand, IAMClient, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import { LogGroup } from "@pulumi/aws/cloudwatch/logGroup.js";
import { getAvailabilityZones } from "@pulumi/aws/getAvailabilityZones.js";
import { getCallerIdentity, getCallerIdentityOutput } from "@pulumi/aws/getCallerIdentity.js";
import { getPartition } from "@pulumi/aws/getPartition.js";
import { getRegion } from "@pulumi/aws/getRegion.js";
import { getPolicyDocumentOutput } from "@pulumi/aws/iam/getPolicyDocument.js";
import { InstanceProfile } from "@pulumi/aws/iam/instanceProfile.js";
import { Role } from "@pulumi/aws/iam/role.js";
import { RolePolicy } from "@pulumi/aws/iam/rolePolicy.js";
import { Provider } from "@pulumi/aws/provider.js";
import { Bucket } from "@pulumi/aws/s3/bucket.js";
import { BucketVersioning } from "@pulumi/aws/s3/bucketVersioning.js";
import { Topic } from "@pulumi/aws/sns/topic.js";
import { CustomResource, secret } from "@pulumi/pulumi";
import type { PulumiFn } from "@pulumi/pulumi/automation/index.js";
import { type Bench, isSecret, startBench } from "../bench.js";

const trust = (service = "ecs-tasks.amazonaws.com") =>
  JSON.stringify({
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Principal: { Service: service }, Action: "sts:AssumeRole" }],
  });

describe("provider: core", () => {
  let bench: Bench;
  let stacks = 0;
  before(async () => {
    bench = await startBench({ config: { "aws:defaultTags": '{"tags":{"Project":"crucible","Owner":"default"}}' } });
  });
  after(() => bench?.close());

  /** Each test has a stack of its own, destroyed at its end. */
  async function inStack(work: (name: string) => Promise<void>): Promise<void> {
    stacks += 1;
    const name = `s${stacks}`;
    try {
      await work(name);
    } finally {
      await bench.destroy(name);
    }
  }

  async function failure(program: PulumiFn, name: string): Promise<string> {
    return bench.up(program, name).then(
      () => assert.fail("the update should have failed"),
      (error: Error) => error.message,
    );
  }

  it("names what the program leaves unnamed, keeps the name, and adds the provider's default tags", () =>
    inStack(async (name) => {
      const program =
        (tags: Record<string, string>): PulumiFn =>
        async () => {
          new Bucket("Data", { tags });
          new Topic("jobs", { fifoTopic: true });
        };
      await bench.up(program({ Owner: "me" }), name);
      const before = await bench.resources(name);
      assert.match(before.Data?.id ?? "", /^data-[0-9a-f]{7}$/);
      assert.match(String(before.jobs?.outputs.name), /^jobs-[0-9a-f]{7}\.fifo$/);
      assert.deepEqual(before.Data?.outputs.tagsAll, { Project: "crucible", Owner: "me" });
      const { operations } = await bench.up(program({ Owner: "you" }), name);
      assert.deepEqual(operations, { Data: "update" });
      assert.equal((await bench.resources(name)).Data?.id, before.Data?.id);
    }));

  it("refuses wrong inputs before anything is made, naming property and value", () =>
    inStack(async (name) => {
      class Raw extends CustomResource {}
      const message = await failure(async () => {
        new Raw("aws:s3/bucket:Bucket", "bad", { bucket: "Not_A_Bucket", colour: "red", forceDestroy: "maybe" });
      }, name);
      assert.match(message, /colour.*is not a property that the local provider knows here/);
      assert.match(message, /forceDestroy.*must be a boolean, not "maybe"/);
      assert.match(message, /a bucket's name has small letters/);
      assert.deepEqual(await bench.resources(name), {});
    }));

  it("refuses a type that it does not have, naming the closest that it has", () =>
    inStack(async (name) => {
      class Unknown extends CustomResource {}
      const message = await failure(async () => {
        new Unknown("aws:s3/bucketPolice:BucketPolice", "x", {});
      }, name);
      assert.match(
        message,
        /no resource type aws:s3\/bucketPolice:BucketPolice.*closest first: aws:s3\/bucketPolicy:BucketPolicy, /s,
      );
    }));

  it("previews what it knows and leaves unknown what it cannot know", () =>
    inStack(async (name) => {
      const seen: string[] = [];
      const program: PulumiFn = async () => {
        const bucket = new Bucket("lake", { bucket: `preview-${bench.account}` });
        bucket.bucket.apply((value) => seen.push(`name ${value}`));
        bucket.arn.apply((value) => seen.push(`arn ${value}`));
        new BucketVersioning("versioning", { bucket: bucket.id, versioningConfiguration: { status: "Enabled" } });
      };
      await bench.preview(program, name);
      assert.deepEqual(seen, [`name preview-${bench.account}`]);
    }));

  it("keeps secrets secret", () =>
    inStack(async (name) => {
      await bench.up(async () => {
        new Role("r", { name: "secretive", assumeRolePolicy: trust(), description: secret("hush") });
      }, name);
      const { r } = await bench.resources(name);
      assert.equal(isSecret(r?.outputs.description), true);
      assert.equal(isSecret(r?.inputs.description), true);
      assert.equal(isSecret(r?.outputs.arn), false);
      await bench.refresh(async () => {}, name);
      assert.equal(isSecret((await bench.resources(name)).r?.outputs.description), true, "also after a refresh");
    }));

  it("keeps what was made when a creation fails half-way, and finishes it in the next update", () =>
    inStack(async (name) => {
      const program =
        (roleName: string): PulumiFn =>
        async () => {
          const role = new Role("role", { name: "half-role", assumeRolePolicy: trust() });
          new InstanceProfile("half", { name: "half", role: roleName }, { dependsOn: role });
        };
      const message = await failure(program("no-such-role"), name);
      assert.match(message, /creating aws:iam\/instanceProfile:InstanceProfile half: NoSuchEntity/);
      const { half } = await bench.resources(name);
      assert.equal(half?.id, "half");
      assert.equal(half?.outputs.role, undefined);
      assert.equal(half?.initErrors?.length, 1);
      await bench.up(program("half-role"), name);
      assert.equal((await bench.resources(name)).half?.outputs.role, "half-role");
    }));

  it("deletes before it replaces where a fixed name leaves no room for two", () =>
    inStack(async (name) => {
      const program =
        (path: string): PulumiFn =>
        async () => {
          new Role("fixed", { name: "fixed", path, assumeRolePolicy: trust() });
          new Role("free", { path, assumeRolePolicy: trust() });
        };
      await bench.up(program("/a/"), name);
      const { events } = await bench.up(program("/b/"), name);
      const order = (logical: string) =>
        events
          .map((event) => event.resourcePreEvent?.metadata)
          .filter((metadata) => metadata?.urn.endsWith(`::${logical}`))
          .map((metadata) => metadata?.op)
          .filter((op) => op === "create-replacement" || op === "delete-replaced");
      assert.deepEqual(order("fixed"), ["delete-replaced", "create-replacement"]);
      assert.deepEqual(order("free"), ["create-replacement", "delete-replaced"]);
    }));

  it("works in the region of the resource, of its provider, and imports from a named one", () =>
    inStack(async (name) => {
      const groupsIn = async (region: string) => {
        const logs = new CloudWatchLogsClient({ ...bench.client, region });
        const { logGroups } = await logs.send(new DescribeLogGroupsCommand({ logGroupNamePrefix: "regional-" }));
        return (logGroups ?? []).map((group) => group.logGroupName).sort();
      };
      const program =
        (region: string): PulumiFn =>
        async () => {
          const provider = new Provider("paris", { region: "eu-west-3" });
          new LogGroup("own", { name: "regional-own", region });
          new LogGroup("provided", { name: "regional-provided" }, { provider });
          new LogGroup("plain", { name: "regional-plain" });
        };
      await bench.up(program("us-east-1"), name);
      assert.deepEqual(await groupsIn("us-east-1"), ["regional-own"]);
      assert.deepEqual(await groupsIn("eu-west-3"), ["regional-provided"]);
      assert.deepEqual(await groupsIn("eu-central-1"), ["regional-plain"]);
      assert.deepEqual((await bench.up(program("us-west-2"), name)).operations, { own: "replace" });
      assert.deepEqual(await groupsIn("us-east-1"), []);
      await inStack(async (other) => {
        const importing: PulumiFn = async () => {
          const args = { name: "regional-own", region: "us-west-2" };
          new LogGroup("own", args, { import: "regional-own@us-west-2" });
        };
        assert.deepEqual((await bench.up(importing, other)).operations, { own: "import" });
      });
    }));

  it("refuses an account that is not allowed", async () => {
    const guarded = await startBench({ config: { "aws:allowedAccountIds": '["123456789012"]' } });
    try {
      const program: PulumiFn = async () => void new Bucket("b", {});
      await assert.rejects(
        guarded.up(program),
        /AWS account \d{12} is not allowed: aws:allowedAccountIds has 123456789012/,
      );
    } finally {
      await guarded.close();
    }
  });

  it("acts as the role and in the account that a provider names", () =>
    inStack(async (name) => {
      const policy = JSON.stringify({
        Version: "2012-10-17",
        Statement: [{ Effect: "Allow", Action: "*", Resource: "*" }],
      });
      const found: Record<string, string> = {};
      await bench.up(async () => {
        const anyone = JSON.stringify({
          Version: "2012-10-17",
          Statement: [{ Effect: "Allow", Principal: { AWS: bench.account }, Action: "sts:AssumeRole" }],
        });
        const role = new Role("deployer", { name: "deployer", assumeRolePolicy: anyone });
        const rights = new RolePolicy("rights", { role, policy });
        const assumed = new Provider("assumed", { assumeRoles: [{ roleArn: role.arn, sessionName: "deploy" }] });
        const other = new Provider("other", { accessKey: "210987654321", secretKey: "x" });
        const asRole = getCallerIdentityOutput({}, { provider: assumed, dependsOn: [rights] });
        asRole.arn.apply((arn) => Object.assign(found, { arn }));
        getCallerIdentityOutput({}, { provider: other }).accountId.apply((id) => Object.assign(found, { id }));
      }, name);
      assert.match(found.arn ?? "", /:assumed-role\/deployer\/deploy$/);
      assert.equal(found.id, "210987654321");
    }));

  it("ignores what the program ignores", () =>
    inStack(async (name) => {
      const program =
        (description: string): PulumiFn =>
        async () => {
          const args = { name: "ignoring", assumeRolePolicy: trust(), description };
          new Role("ignoring", args, { ignoreChanges: ["description"] });
        };
      await bench.up(program("first"), name);
      assert.deepEqual((await bench.up(program("second"), name)).operations, {});
      const { Role: role } = await new IAMClient(bench.client).send(new GetRoleCommand({ RoleName: "ignoring" }));
      assert.equal(role?.Description, "first");
    }));

  it("says why AWS refuses to delete, and deletes when it no longer does", () =>
    inStack(async (name) => {
      const program: PulumiFn = async () =>
        void new Role("kept", { name: "kept", assumeRolePolicy: trust(), forceDetachPolicies: true });
      await bench.up(program, name);
      const policy = JSON.stringify({
        Version: "2012-10-17",
        Statement: [{ Effect: "Deny", Action: "*", Resource: "*" }],
      });
      const request = { RoleName: "kept", PolicyName: "intruder", PolicyDocument: policy };
      await new IAMClient(bench.client).send(new PutRolePolicyCommand(request));
      await bench.destroy(name);
      await assert.rejects(
        new IAMClient(bench.client).send(new GetRoleCommand({ RoleName: "kept" })),
        /NoSuchEntity|not found|cannot be found/i,
      );
    }));

  it("answers functions about the caller, the region and its zones", () =>
    inStack(async (name) => {
      const found: Record<string, unknown> = {};
      await bench.up(async () => {
        const [identity, region, partition, zones] = await Promise.all([
          getCallerIdentity(),
          getRegion(),
          getPartition(),
          getAvailabilityZones({ state: "available" }),
        ]);
        Object.assign(found, { identity, region, partition, zones });
        getCallerIdentityOutput().accountId.apply((id) => Object.assign(found, { id }));
        getPolicyDocumentOutput({ statements: [{ actions: ["s3:*"], resources: ["*"] }] }).json.apply((json) =>
          Object.assign(found, { json }),
        );
      }, name);
      const { identity, region, partition, zones } = found as Record<string, Record<string, unknown>>;
      assert.equal(identity?.accountId, bench.account);
      assert.equal(found.id, bench.account);
      assert.equal(region?.region, "eu-central-1");
      assert.equal(region?.description, "Europe (Frankfurt)");
      assert.deepEqual([partition?.partition, partition?.dnsSuffix], ["aws", "amazonaws.com"]);
      assert.deepEqual(zones?.names, ["eu-central-1a", "eu-central-1b", "eu-central-1c"]);
      assert.equal(JSON.parse(String(found.json)).Statement[0].Action, "s3:*");
    }));
});
