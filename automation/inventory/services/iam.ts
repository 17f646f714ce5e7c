import {
  DeleteInstanceProfileCommand,
  DeleteOpenIDConnectProviderCommand,
  DeletePolicyCommand,
  DeletePolicyVersionCommand,
  DeleteRoleCommand,
  DeleteRolePolicyCommand,
  DeleteSAMLProviderCommand,
  DetachRolePolicyCommand,
  IAMClient,
  ListAttachedRolePoliciesCommand,
  ListInstanceProfilesCommand,
  ListOpenIDConnectProvidersCommand,
  ListPoliciesCommand,
  ListPolicyVersionsCommand,
  ListRolePoliciesCommand,
  ListRolesCommand,
  ListSAMLProvidersCommand,
  RemoveRoleFromInstanceProfileCommand,
} from "@aws-sdk/client-iam";
import type { InventoryItem, InventorySource } from "../item.js";
import { allPages } from "../pages.js";
import { people } from "./iamPeople.js";

/** Roles linked to a service are AWS's, as are its managed policies. */
const AWS_PATH = /^\/(aws-service-role|aws-reserved)\//;

export const iam: InventorySource = {
  service: "iam",
  isGlobal: true,
  async list(client) {
    const api = client(IAMClient);
    return (await Promise.all([profiles(api), roles(api), policies(api), people(api), providers(api)])).flat();
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

async function providers(api: IAMClient): Promise<InventoryItem[]> {
  const web = await allPages(async () => {
    const page = await api.send(new ListOpenIDConnectProvidersCommand({}));
    return { items: page.OpenIDConnectProviderList?.map(({ Arn }) => Arn), token: undefined };
  });
  const saml = await allPages(async () => {
    const page = await api.send(new ListSAMLProvidersCommand({}));
    return { items: page.SAMLProviderList?.map(({ Arn }) => Arn), token: undefined };
  });
  const nameOf = (arn: string) => arn.slice(arn.indexOf("/") + 1);
  return [
    ...web.map((OpenIDConnectProviderArn) => ({
      type: "AWS::IAM::OIDCProvider",
      id: nameOf(OpenIDConnectProviderArn),
      remove: () => api.send(new DeleteOpenIDConnectProviderCommand({ OpenIDConnectProviderArn })),
    })),
    ...saml.map((SAMLProviderArn) => ({
      type: "AWS::IAM::SAMLProvider",
      id: nameOf(SAMLProviderArn),
      remove: () => api.send(new DeleteSAMLProviderCommand({ SAMLProviderArn })),
    })),
  ];
}
