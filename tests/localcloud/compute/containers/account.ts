// An account with what containers need: network, roles and an image whose command says what it does.
import { CreateSecurityGroupCommand, CreateSubnetCommand, CreateVpcCommand, EC2Client } from "@aws-sdk/client-ec2";
import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import { build } from "esbuild";
import type { Cloud } from "../../../../localcloud/server/cloud.js";
import { clientConfig, freshAccount, testCloud } from "../../../support/cloud.js";
import { files, push, REGION, repository } from "../images/fixture.js";

/** What the image does with its command. The SDK is bundled, as in the images that the project builds. */
const MAIN = `
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { SendTaskSuccessCommand, SFNClient } from "@aws-sdk/client-sfn";
import { readFileSync, writeFileSync } from "node:fs";
const [verb, ...rest] = process.argv.slice(2);
const verbs = {
  say: () => console.log(rest.join(" ")),
  fail: () => { console.error("failing with " + rest[0]); process.exitCode = Number(rest[0]); },
  environment: () => console.log(JSON.stringify(process.env)),
  wait: () => { console.log("waiting"); setInterval(() => {}, 1000); },
  hog: () => { const held = []; setInterval(() => held.push(Buffer.alloc(64 * 2 ** 20, 1)), 10); },
  identity: async () => console.log((await new STSClient({}).send(new GetCallerIdentityCommand({}))).Arn),
  read: async () => {
    const { Body } = await new S3Client({ forcePathStyle: true }).send(new GetObjectCommand({ Bucket: rest[0], Key: rest[1] }));
    console.log(await Body.transformToString());
  },
};
Object.assign(verbs, {
  // What the address in a variable answers, and the paths below it.
  fetch: async () => {
    const [variable, ...paths] = rest;
    for (const path of paths) console.log(await (await fetch(process.env[variable] + path)).text());
  },
  write: () => writeFileSync(rest[0], rest.slice(1).join(" ")),
  cat: () => console.log(readFileSync(rest[0], "utf8")),
  // A file that others wait for, until it is told to end.
  ready: () => { writeFileSync(rest[0], "ready"); setInterval(() => {}, 1000); },
  deaf: () => { process.on("SIGTERM", () => console.log("not yet")); setInterval(() => {}, 1000); },
  after: () => { setTimeout(() => { console.log(rest[1]); process.exitCode = Number(rest[2] ?? 0); }, Number(rest[0])); },
  put: async () => {
    const client = new S3Client({ forcePathStyle: true });
    await client.send(new PutObjectCommand({ Bucket: rest[0], Key: rest[1], Body: rest[2] }));
  },
  reply: async () => {
    const output = JSON.stringify({ said: rest[0] });
    await new SFNClient({}).send(new SendTaskSuccessCommand({ taskToken: process.env.TASK_TOKEN, output }));
  },
});
try { await verbs[verb](); } catch (error) { console.error(error.name + ": " + error.message); process.exitCode = 1; }
`;

let main: Promise<string> | undefined;

function bundledMain(): Promise<string> {
  main ??= build({
    stdin: { contents: MAIN, resolveDir: process.cwd() },
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    write: false,
    banner: { js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);' },
  }).then(({ outputFiles }) => outputFiles[0]?.text ?? "");
  return main;
}

/** A new account. */
export interface ContainerAccount {
  readonly cloud: Cloud;
  readonly account: string;
  /** The repository, without a tag. */
  readonly repository: string;
  readonly image: string;
  readonly subnet: string;
  readonly securityGroup: string;
  readonly executionRoleArn: string;
  /** Creates a role that the service may assume; returns its ARN. */
  role(name: string, service: string, allow?: { Action: string[]; Resource: string | string[] }[]): Promise<string>;
  /** SDK configuration of the account's root. */
  config(): ReturnType<typeof clientConfig>;
}

/** Asks until the answer satisfies; a test's timeout ends what never does. */
export async function eventually<T>(ask: () => Promise<T | undefined>, everyMillis = 20): Promise<T> {
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    await new Promise((resolve) => setTimeout(resolve, everyMillis));
  }
}

/** @param started the cloud to have it on. @default the one of this test run */
export async function containerAccount(started?: Cloud): Promise<ContainerAccount> {
  const cloud = started ?? (await testCloud());
  const account = freshAccount();
  const config = () => clientConfig(cloud, account, REGION);
  const [ec2, iam] = [new EC2Client(config()), new IAMClient(config())];
  const role: ContainerAccount["role"] = async (RoleName, Service, allow = []) => {
    const AssumeRolePolicyDocument = JSON.stringify({
      Version: "2012-10-17",
      Statement: [{ Effect: "Allow", Principal: { Service }, Action: "sts:AssumeRole" }],
    });
    const { Role } = await iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument }));
    const PolicyDocument = JSON.stringify({
      Version: "2012-10-17",
      Statement: allow.map((statement) => ({ Effect: "Allow", ...statement })),
    });
    if (allow.length > 0) await iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: "inline", PolicyDocument }));
    return Role?.Arn ?? "";
  };
  const to = await repository(cloud, account, "app");
  const [{ Vpc }, executionRoleArn] = await Promise.all([
    ec2.send(new CreateVpcCommand({ CidrBlock: "10.0.0.0/16" })),
    role("execution", "ecs-tasks.amazonaws.com"),
    bundledMain().then(async (text) =>
      push(to, "latest", [await files({ "app/main.mjs": text })], {
        Entrypoint: ["node", "/app/main.mjs"],
        WorkingDir: "/app",
        Labels: { "io.crucible.runtime": "node20-python3" },
        Env: ["AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED=true"],
      }),
    ),
  ]);
  const [{ Subnet }, { GroupId }] = await Promise.all([
    ec2.send(new CreateSubnetCommand({ VpcId: Vpc?.VpcId, CidrBlock: "10.0.1.0/24" })),
    ec2.send(new CreateSecurityGroupCommand({ VpcId: Vpc?.VpcId, GroupName: "tasks", Description: "tasks" })),
  ]);
  return {
    cloud,
    account,
    repository: to.url,
    image: `${to.url}:latest`,
    subnet: Subnet?.SubnetId ?? "",
    securityGroup: GroupId ?? "",
    executionRoleArn,
    role,
    config,
  };
}
