import assert from "node:assert/strict";
import {
  AttachRolePolicyCommand,
  CreatePolicyVersionCommand,
  DeleteRolePolicyCommand,
  DetachRolePolicyCommand,
  GetInstanceProfileCommand,
  GetPolicyCommand,
  GetRoleCommand,
  IAMClient,
  ListInstanceProfilesCommand,
  ListPoliciesCommand,
  ListRolesCommand,
  PutRolePolicyCommand,
  RemoveRoleFromInstanceProfileCommand,
  UpdateRoleCommand,
} from "@aws-sdk/client-iam";
import { InstanceProfile } from "@pulumi/aws/iam/instanceProfile.js";
import { Policy } from "@pulumi/aws/iam/policy.js";
import { Role } from "@pulumi/aws/iam/role.js";
import { RolePolicy } from "@pulumi/aws/iam/rolePolicy.js";
import { RolePolicyAttachment } from "@pulumi/aws/iam/rolePolicyAttachment.js";
import { type Life, type Surroundings, testLives } from "../lifecycle.js";

const iam = ({ client }: Surroundings) => new IAMClient(client);

const trust = (service: string) => ({
  Version: "2012-10-17" as const,
  Statement: [{ Effect: "Allow" as const, Action: "sts:AssumeRole", Principal: { Service: service } }],
});
const allow = (...actions: string[]) =>
  JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: actions, Resource: "*" }] });

const lives: Life[] = [
  {
    name: "job",
    declare: (version, options) =>
      new Role(
        "job",
        {
          name: version === "replaced" ? "job-b" : "job-a",
          assumeRolePolicy: trust(version === "created" ? "ecs-tasks.amazonaws.com" : "batch.amazonaws.com"),
          description: version === "created" ? "runs jobs" : "runs the jobs",
          maxSessionDuration: version === "created" ? undefined : 7200,
          tags: { System: version },
        },
        options,
      ),
    outputs: {
      created: (outputs) => {
        assert.match(String(outputs.arn), /^arn:aws:iam::\d{12}:role\/job-a$/);
        assert.equal(outputs.maxSessionDuration, 3600);
        assert.equal("region" in outputs, false);
      },
    },
    verify: {
      updated: async (id, surroundings) => {
        const { Role: role } = await iam(surroundings).send(new GetRoleCommand({ RoleName: id }));
        assert.equal(role?.MaxSessionDuration, 7200);
        assert.match(decodeURIComponent(role?.AssumeRolePolicyDocument ?? ""), /batch\.amazonaws\.com/);
        assert.deepEqual(role?.Tags, [{ Key: "System", Value: "updated" }]);
      },
    },
    disturb: async (id, surroundings) => {
      await iam(surroundings).send(
        new UpdateRoleCommand({ RoleName: id, Description: "mine now", MaxSessionDuration: 3600 }),
      );
    },
  },
  {
    name: "governed",
    declare: (version, options) =>
      new Role(
        "governed",
        {
          path: version === "replaced" ? "/service/" : "/",
          name: version === "replaced" ? "governed-b" : "governed-a",
          assumeRolePolicy: JSON.stringify(trust("ecs-tasks.amazonaws.com")),
          inlinePolicies: [
            { name: "read", policy: allow("s3:GetObject") },
            ...(version === "created" ? [] : [{ name: "write", policy: allow("s3:PutObject") }]),
          ],
          managedPolicyArns: [
            version === "created"
              ? "arn:aws:iam::aws:policy/ReadOnlyAccess"
              : "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy",
          ],
        },
        options,
      ),
    disturb: async (id, surroundings) => {
      const client = iam(surroundings);
      await client.send(new DeleteRolePolicyCommand({ RoleName: id, PolicyName: "write" }));
      const PolicyArn = "arn:aws:iam::aws:policy/ReadOnlyAccess";
      await client.send(new AttachRolePolicyCommand({ RoleName: id, PolicyArn }));
    },
  },
  {
    name: "inline",
    declare: (version, options, others) =>
      new RolePolicy(
        "inline",
        {
          role: others.job as Role,
          name: version === "replaced" ? "inline-b" : "inline-a",
          policy: allow(version === "created" ? "logs:PutLogEvents" : "logs:CreateLogStream"),
        },
        options,
      ),
    outputs: { created: (outputs) => assert.equal(outputs.role, "job-a") },
    disturb: async (id, surroundings) => {
      const [RoleName, PolicyName] = id.split(":");
      const request = { RoleName, PolicyName, PolicyDocument: allow("*") };
      await iam(surroundings).send(new PutRolePolicyCommand(request));
    },
  },
  {
    name: "managed",
    declare: (version, options) =>
      new Policy(
        "managed",
        {
          name: version === "replaced" ? "managed-b" : "managed-a",
          description: "what jobs may do",
          policy: allow("s3:ListBucket", ...(version === "created" ? [] : ["s3:GetObject"])),
          tags: { Version: version },
        },
        options,
      ),
    outputs: { created: (outputs) => assert.match(String(outputs.arn), /^arn:aws:iam::\d{12}:policy\/managed-a$/) },
    drifting: ["attachmentCount"],
    verify: {
      updated: async (id, surroundings) => {
        const { Policy: policy } = await iam(surroundings).send(new GetPolicyCommand({ PolicyArn: id }));
        assert.notEqual(policy?.DefaultVersionId, "v1");
      },
    },
    disturb: async (id, surroundings) => {
      const request = { PolicyArn: id, PolicyDocument: allow("*"), SetAsDefault: true };
      await iam(surroundings).send(new CreatePolicyVersionCommand(request));
    },
  },
  {
    name: "attachment",
    declare: (_, options, others) =>
      new RolePolicyAttachment(
        "attachment",
        { role: others.job as Role, policyArn: (others.managed as Policy).arn },
        options,
      ),
    updated: "same",
    disturb: async (id, surroundings) => {
      const slash = id.indexOf("/");
      const request = { RoleName: id.slice(0, slash), PolicyArn: id.slice(slash + 1) };
      await iam(surroundings).send(new DetachRolePolicyCommand(request));
    },
  },
  {
    name: "profile",
    declare: (version, options, others) =>
      new InstanceProfile(
        "profile",
        {
          name: version === "replaced" ? "profile-b" : "profile-a",
          role: version === "created" ? (others.governed as Role).name : (others.job as Role).name,
          tags: { Version: version },
        },
        options,
      ),
    verify: {
      updated: async (id, surroundings) => {
        const request = new GetInstanceProfileCommand({ InstanceProfileName: id });
        const { InstanceProfile: found } = await iam(surroundings).send(request);
        assert.deepEqual(
          found?.Roles?.map((role) => role.RoleName),
          ["job-a"],
        );
      },
    },
    disturb: async (id, surroundings) => {
      const request = { InstanceProfileName: id, RoleName: "job-a" };
      await iam(surroundings).send(new RemoveRoleFromInstanceProfileCommand(request));
    },
  },
];

testLives("provider: iam", lives, async (surroundings) => {
  const client = iam(surroundings);
  const [roles, policies, profiles] = await Promise.all([
    client.send(new ListRolesCommand({})),
    client.send(new ListPoliciesCommand({ Scope: "Local" })),
    client.send(new ListInstanceProfilesCommand({})),
  ]);
  return [
    ...(roles.Roles ?? []).filter((role) => !role.Path?.startsWith("/aws-service-role/")).map((role) => role.Arn ?? ""),
    ...(policies.Policies ?? []).map((policy) => policy.Arn ?? ""),
    ...(profiles.InstanceProfiles ?? []).map((profile) => profile.Arn ?? ""),
  ];
});
