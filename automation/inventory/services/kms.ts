import {
  DeleteAliasCommand,
  DescribeKeyCommand,
  KMSClient,
  ListAliasesCommand,
  ListKeysCommand,
  ScheduleKeyDeletionCommand,
} from "@aws-sdk/client-kms";
import type { InventorySource } from "../item.js";
import { allPages } from "../pages.js";

/** The shortest time AWS lets a key wait for its deletion. */
const PENDING_DAYS = 7;

/** Keys of AWS's own, and those already waiting for their deletion, are not listed. */
export const kms: InventorySource = {
  service: "kms",
  async list(client) {
    const api = client(KMSClient);
    const ids = await allPages(async (Marker) => {
      const page = await api.send(new ListKeysCommand({ Marker }));
      return { items: page.Keys?.map(({ KeyId }) => KeyId), token: page.NextMarker };
    });
    const keys = await Promise.all(
      ids.map(async (KeyId) => (await api.send(new DescribeKeyCommand({ KeyId }))).KeyMetadata),
    );
    const aliases = await allPages(async (Marker) => {
      const page = await api.send(new ListAliasesCommand({ Marker }));
      return { items: page.Aliases?.map(({ AliasName }) => AliasName), token: page.NextMarker };
    });
    return [
      ...aliases
        .filter((name) => !name.startsWith("alias/aws/"))
        .map((AliasName) => ({
          type: "AWS::KMS::Alias",
          id: AliasName,
          remove: () => api.send(new DeleteAliasCommand({ AliasName })),
        })),
      ...keys
        .filter((key) => key?.KeyManager !== "AWS" && key?.KeyState !== "PendingDeletion")
        .map((key) => ({
          type: "AWS::KMS::Key",
          id: key?.KeyId ?? "",
          ...(key?.Description && { name: key.Description }),
          remove: () =>
            api.send(new ScheduleKeyDeletionCommand({ KeyId: key?.KeyId, PendingWindowInDays: PENDING_DAYS })),
        })),
    ];
  },
};
