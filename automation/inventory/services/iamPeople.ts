// IAM's users, groups and virtual MFA devices. DeleteUser and DeleteGroup refuse while anything hangs on them (IAM User Guide,
// "Removing an IAM user"): it goes first.
import {
  DeactivateMFADeviceCommand,
  DeleteAccessKeyCommand,
  DeleteGroupCommand,
  DeleteGroupPolicyCommand,
  DeleteLoginProfileCommand,
  DeleteServiceSpecificCredentialCommand,
  DeleteSigningCertificateCommand,
  DeleteSSHPublicKeyCommand,
  DeleteUserCommand,
  DeleteUserPolicyCommand,
  DeleteVirtualMFADeviceCommand,
  DetachGroupPolicyCommand,
  DetachUserPolicyCommand,
  GetGroupCommand,
  type IAMClient,
  ListAccessKeysCommand,
  ListAttachedGroupPoliciesCommand,
  ListAttachedUserPoliciesCommand,
  ListGroupPoliciesCommand,
  ListGroupsCommand,
  ListGroupsForUserCommand,
  ListMFADevicesCommand,
  ListServiceSpecificCredentialsCommand,
  ListSigningCertificatesCommand,
  ListSSHPublicKeysCommand,
  ListUserPoliciesCommand,
  ListUsersCommand,
  ListVirtualMFADevicesCommand,
  RemoveUserFromGroupCommand,
} from "@aws-sdk/client-iam";
import { codeOf } from "../../errors.js";
import type { InventoryItem } from "../item.js";
import { allPages } from "../pages.js";

export async function people(api: IAMClient): Promise<InventoryItem[]> {
  const [users, groups, devices] = await Promise.all([
    allPages(async (Marker) => {
      const page = await api.send(new ListUsersCommand({ Marker }));
      return { items: page.Users?.map(({ UserName }) => UserName), token: page.Marker };
    }),
    allPages(async (Marker) => {
      const page = await api.send(new ListGroupsCommand({ Marker }));
      return { items: page.Groups?.map(({ GroupName }) => GroupName), token: page.Marker };
    }),
    allPages(async (Marker) => {
      // Those of a user go with the user.
      const page = await api.send(new ListVirtualMFADevicesCommand({ AssignmentStatus: "Unassigned", Marker }));
      return { items: page.VirtualMFADevices?.map(({ SerialNumber }) => SerialNumber), token: page.Marker };
    }),
  ]);
  return [
    ...users.map((UserName) => ({
      type: "AWS::IAM::User",
      id: UserName,
      async remove() {
        await removeCredentials(api, UserName);
        await removeRights(api, UserName);
        await api.send(new DeleteUserCommand({ UserName }));
      },
    })),
    ...groups.map((GroupName) => ({
      type: "AWS::IAM::Group",
      id: GroupName,
      async remove() {
        await emptyGroup(api, GroupName);
        await api.send(new DeleteGroupCommand({ GroupName }));
      },
    })),
    ...devices.map((SerialNumber) => ({
      type: "AWS::IAM::VirtualMFADevice",
      id: SerialNumber.slice(SerialNumber.lastIndexOf("/") + 1),
      remove: () => api.send(new DeleteVirtualMFADeviceCommand({ SerialNumber })),
    })),
  ];
}

/** What a user signs in with. */
async function removeCredentials(api: IAMClient, UserName: string): Promise<void> {
  const keys = await allPages(async (Marker) => {
    const page = await api.send(new ListAccessKeysCommand({ UserName, Marker }));
    return { items: page.AccessKeyMetadata, token: page.Marker };
  });
  for (const { AccessKeyId } of keys) await api.send(new DeleteAccessKeyCommand({ UserName, AccessKeyId }));
  await api.send(new DeleteLoginProfileCommand({ UserName })).catch((error: unknown) => {
    if (codeOf(error) !== "NoSuchEntity" && codeOf(error) !== "NoSuchEntityException") throw error;
  });
  const devices = await allPages(async (Marker) => {
    const page = await api.send(new ListMFADevicesCommand({ UserName, Marker }));
    return { items: page.MFADevices, token: page.Marker };
  });
  for (const { SerialNumber } of devices) {
    await api.send(new DeactivateMFADeviceCommand({ UserName, SerialNumber }));
    // One in hardware has no ARN, and is nobody's then.
    if (SerialNumber?.startsWith("arn:")) await api.send(new DeleteVirtualMFADeviceCommand({ SerialNumber }));
  }
  const sshKeys = await allPages(async (Marker) => {
    const page = await api.send(new ListSSHPublicKeysCommand({ UserName, Marker }));
    return { items: page.SSHPublicKeys, token: page.Marker };
  });
  for (const { SSHPublicKeyId } of sshKeys) await api.send(new DeleteSSHPublicKeyCommand({ UserName, SSHPublicKeyId }));
  const credentials = await allPages(async () => {
    const page = await api.send(new ListServiceSpecificCredentialsCommand({ UserName }));
    return { items: page.ServiceSpecificCredentials, token: undefined };
  });
  for (const { ServiceSpecificCredentialId } of credentials)
    await api.send(new DeleteServiceSpecificCredentialCommand({ UserName, ServiceSpecificCredentialId }));
  const certificates = await allPages(async (Marker) => {
    const page = await api.send(new ListSigningCertificatesCommand({ UserName, Marker }));
    return { items: page.Certificates, token: page.Marker };
  });
  for (const { CertificateId } of certificates)
    await api.send(new DeleteSigningCertificateCommand({ UserName, CertificateId }));
}

/** What a user may do. */
async function removeRights(api: IAMClient, UserName: string): Promise<void> {
  const attached = await allPages(async (Marker) => {
    const page = await api.send(new ListAttachedUserPoliciesCommand({ UserName, Marker }));
    return { items: page.AttachedPolicies, token: page.Marker };
  });
  for (const { PolicyArn } of attached) await api.send(new DetachUserPolicyCommand({ UserName, PolicyArn }));
  const inline = await allPages(async (Marker) => {
    const page = await api.send(new ListUserPoliciesCommand({ UserName, Marker }));
    return { items: page.PolicyNames, token: page.Marker };
  });
  for (const PolicyName of inline) await api.send(new DeleteUserPolicyCommand({ UserName, PolicyName }));
  const groups = await allPages(async (Marker) => {
    const page = await api.send(new ListGroupsForUserCommand({ UserName, Marker }));
    return { items: page.Groups, token: page.Marker };
  });
  for (const { GroupName } of groups) await api.send(new RemoveUserFromGroupCommand({ UserName, GroupName }));
}

async function emptyGroup(api: IAMClient, GroupName: string): Promise<void> {
  const members = await allPages(async (Marker) => {
    const page = await api.send(new GetGroupCommand({ GroupName, Marker }));
    return { items: page.Users, token: page.Marker };
  });
  for (const { UserName } of members) await api.send(new RemoveUserFromGroupCommand({ UserName, GroupName }));
  const attached = await allPages(async (Marker) => {
    const page = await api.send(new ListAttachedGroupPoliciesCommand({ GroupName, Marker }));
    return { items: page.AttachedPolicies, token: page.Marker };
  });
  for (const { PolicyArn } of attached) await api.send(new DetachGroupPolicyCommand({ GroupName, PolicyArn }));
  const inline = await allPages(async (Marker) => {
    const page = await api.send(new ListGroupPoliciesCommand({ GroupName, Marker }));
    return { items: page.PolicyNames, token: page.Marker };
  });
  for (const PolicyName of inline) await api.send(new DeleteGroupPolicyCommand({ GroupName, PolicyName }));
}
