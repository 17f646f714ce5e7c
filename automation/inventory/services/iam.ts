import {
  DeleteGroupCommand,
  DeleteInstanceProfileCommand,
  DeletePolicyCommand,
  DeletePolicyVersionCommand,
  DeleteRoleCommand,
  DeleteRolePolicyCommand,
  DeleteUserCommand,
  DetachRolePolicyCommand,
  IAMClient,
  ListAttachedRolePoliciesCommand,
  ListGroupsCommand,
  ListInstanceProfilesCommand,
  ListPoliciesCommand,
  ListPolicyVersionsCommand,
  ListRolePoliciesCommand,
  ListRolesCommand,
  ListUsersCommand,
  RemoveRoleFromInstanceProfileCommand,
} from "@aws-sdk/client-iam";
import type { InventoryItem, InventorySource } from "../item.js";
import { allPages } from "../pages.js";

/** Roles linked to a service are AWS's, as are its managed policies. */
const AWS_PATH = /^\/(aws-service-role|aws-reserved)\//;

export const iam: InventorySource = {
  service: "iam",
  isGlobal: true,
  async list(client) {
    const api = client(IAMClient);
    return (await Promise.all([profiles(api), roles(api), policies(api), people(api)])).flat();
  },
};

async function roles(api: IAMClient): Promise<InventoryItem[]> {
  const found = await allPages(async (Marker) => {
    const page = await api.send(new ListRolesCommand({ Marker }));
    return { items: page.Roles, token: page.Marker };
  });
  return found
    .filter(({ Path = "/" }) => !AWS_PATH.test(Path))
    .map(({ RoleName = "" }) => ({
      type: "AWS::IAM::Role",
      id: RoleName,
      async remove() {
        const { AttachedPolicies = [] } = await api.send(new ListAttachedRolePoliciesCommand({ RoleName }));
        for (const { PolicyArn } of AttachedPolicies)
          await api.send(new DetachRolePolicyCommand({ RoleName, PolicyArn }));
        const { PolicyNames = [] } = await api.send(new ListRolePoliciesCommand({ RoleName }));
        for (const PolicyName of PolicyNames) await api.send(new DeleteRolePolicyCommand({ RoleName, PolicyName }));
        await api.send(new DeleteRoleCommand({ RoleName }));
      },
    }));
}

async function policies(api: IAMClient): Promise<InventoryItem[]> {
  const found = await allPages(async (Marker) => {
    const page = await api.send(new ListPoliciesCommand({ Scope: "Local", Marker }));
    return { items: page.Policies, token: page.Marker };
  });
  return found.map(({ PolicyName = "", Arn }) => ({
    type: "AWS::IAM::ManagedPolicy",
    id: PolicyName,
    async remove() {
      const { Versions = [] } = await api.send(new ListPolicyVersionsCommand({ PolicyArn: Arn }));
      for (const { VersionId, IsDefaultVersion } of Versions)
        if (!IsDefaultVersion) await api.send(new DeletePolicyVersionCommand({ PolicyArn: Arn, VersionId }));
      await api.send(new DeletePolicyCommand({ PolicyArn: Arn }));
    },
  }));
}

async function profiles(api: IAMClient): Promise<InventoryItem[]> {
  const found = await allPages(async (Marker) => {
    const page = await api.send(new ListInstanceProfilesCommand({ Marker }));
    return { items: page.InstanceProfiles, token: page.Marker };
  });
  return found.map(({ InstanceProfileName = "", Roles = [] }) => ({
    type: "AWS::IAM::InstanceProfile",
    id: InstanceProfileName,
    async remove() {
      for (const { RoleName } of Roles)
        await api.send(new RemoveRoleFromInstanceProfileCommand({ InstanceProfileName, RoleName }));
      await api.send(new DeleteInstanceProfileCommand({ InstanceProfileName }));
    },
  }));
}

async function people(api: IAMClient): Promise<InventoryItem[]> {
  const users = await allPages(async (Marker) => {
    const page = await api.send(new ListUsersCommand({ Marker }));
    return { items: page.Users?.map(({ UserName }) => UserName), token: page.Marker };
  });
  const groups = await allPages(async (Marker) => {
    const page = await api.send(new ListGroupsCommand({ Marker }));
    return { items: page.Groups?.map(({ GroupName }) => GroupName), token: page.Marker };
  });
  return [
    ...users.map((UserName) => ({
      type: "AWS::IAM::User",
      id: UserName,
      remove: () => api.send(new DeleteUserCommand({ UserName })),
    })),
    ...groups.map((GroupName) => ({
      type: "AWS::IAM::Group",
      id: GroupName,
      remove: () => api.send(new DeleteGroupCommand({ GroupName })),
    })),
  ];
}
