import { DeleteSecretCommand, ListSecretsCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import type { InventorySource } from "../item.js";
import { allPages } from "../pages.js";

export const secretsManager: InventorySource = {
  service: "secretsmanager",
  async list(client) {
    const api = client(SecretsManagerClient);
    const secrets = await allPages(async (NextToken) => {
      const page = await api.send(new ListSecretsCommand({ NextToken }));
      return { items: page.SecretList, token: page.NextToken };
    });
    return secrets
      .filter((secret) => secret.DeletedDate === undefined)
      .map(({ Name = "", ARN }) => ({
        type: "AWS::SecretsManager::Secret",
        id: Name,
        remove: () => api.send(new DeleteSecretCommand({ SecretId: ARN, ForceDeleteWithoutRecovery: true })),
      }));
  },
};
