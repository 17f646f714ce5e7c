import assert from "node:assert/strict";
import {
  GetSecretValueCommand,
  ListSecretsCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
  UpdateSecretCommand,
} from "@aws-sdk/client-secrets-manager";
import { Secret } from "@pulumi/aws/secretsmanager/secret.js";
import { SecretVersion } from "@pulumi/aws/secretsmanager/secretVersion.js";
import { secret } from "@pulumi/pulumi";
import { isSecret, type Life, testLives } from "../lifecycle.js";

const lives: Life[] = [
  {
    name: "password",
    declare: (version, options) =>
      new Secret(
        "password",
        {
          name: version === "replaced" ? "db/password-b" : "db/password",
          description: version === "created" ? "of the database" : "of the warehouse",
          recoveryWindowInDays: 0,
          tags: { Version: version },
        },
        options,
      ),
    unimportable: ["recoveryWindowInDays"],
    outputs: {
      created: (outputs) =>
        assert.match(String(outputs.arn), /^arn:aws:secretsmanager:eu-central-1:\d{12}:secret:db\/password-/),
    },
    disturb: async (id, { client }) => {
      await new SecretsManagerClient(client).send(new UpdateSecretCommand({ SecretId: id, Description: "lost" }));
    },
  },
  {
    name: "value",
    declare: (version, options, others) =>
      new SecretVersion(
        "value",
        {
          secretId: (others.password as Secret).id,
          secretString: secret(version === "created" ? "swordfish" : "marlin"),
          // Said, the stage is held: a value that somebody puts is not current for long.
          versionStages: version === "created" ? undefined : ["AWSCURRENT"],
        },
        options,
      ),
    updated: "replace",
    outputs: {
      created: (outputs) => {
        assert.deepEqual(outputs.versionStages, ["AWSCURRENT"]);
        assert.ok(isSecret(outputs.secretString), "the value is a secret in the state");
      },
    },
    verify: {
      updated: async (id, { client }) => {
        const request = new GetSecretValueCommand({ SecretId: id.split("|")[0] });
        assert.equal((await new SecretsManagerClient(client).send(request)).SecretString, "marlin");
      },
    },
    disturb: async (id, { client }) => {
      const request = { SecretId: id.split("|")[0], SecretString: "pike" };
      await new SecretsManagerClient(client).send(new PutSecretValueCommand(request));
    },
  },
];

testLives("provider: secretsmanager", lives, async ({ client }) => {
  const found = await new SecretsManagerClient(client).send(new ListSecretsCommand({}));
  return (found.SecretList ?? []).map((each) => each.Name ?? "");
});
