import assert from "node:assert/strict";
import {
  DeleteLifecyclePolicyCommand,
  DescribeRepositoriesCommand,
  ECRClient,
  PutImageTagMutabilityCommand,
  SetRepositoryPolicyCommand,
} from "@aws-sdk/client-ecr";
import { LifecyclePolicy } from "@pulumi/aws/ecr/lifecyclePolicy.js";
import { Repository } from "@pulumi/aws/ecr/repository.js";
import { RepositoryPolicy } from "@pulumi/aws/ecr/repositoryPolicy.js";
import { type Life, testLives } from "../lifecycle.js";

const access = (action: string) => ({
  Version: "2012-10-17",
  Statement: [{ Sid: "pull", Effect: "Allow", Principal: { Service: "batch.amazonaws.com" }, Action: [action] }],
});

const lives: Life[] = [
  {
    name: "platform",
    declare: (version, options) =>
      new Repository(
        "platform",
        {
          name: version === "replaced" ? "platform-b" : "platform",
          imageScanningConfiguration: { scanOnPush: version !== "created" },
          imageTagMutability: version === "created" ? undefined : "IMMUTABLE",
          forceDelete: true,
          tags: { Version: version },
        },
        options,
      ),
    unimportable: ["forceDelete"],
    outputs: {
      created: (outputs) => {
        assert.match(String(outputs.arn), /^arn:aws:ecr:eu-central-1:\d{12}:repository\/platform$/);
        assert.match(String(outputs.repositoryUrl), /\/platform$/);
        assert.equal(outputs.imageTagMutability, "MUTABLE");
      },
    },
    disturb: async (id, { client }) => {
      const request = { repositoryName: id, imageTagMutability: "MUTABLE" as const };
      await new ECRClient(client).send(new PutImageTagMutabilityCommand(request));
    },
  },
  {
    name: "expiry",
    declare: (version, options, others) =>
      new LifecyclePolicy(
        "expiry",
        {
          repository: (others.platform as Repository).name,
          policy: {
            rules: [
              {
                rulePriority: 1,
                description: "keep few",
                selection: {
                  tagStatus: "any",
                  countType: "imageCountMoreThan",
                  countNumber: version === "created" ? 10 : 20,
                },
                action: { type: "expire" },
              },
            ],
          },
        },
        options,
      ),
    disturb: async (id, { client }) => {
      await new ECRClient(client).send(new DeleteLifecyclePolicyCommand({ repositoryName: id }));
    },
  },
  {
    name: "access",
    declare: (version, options, others) =>
      new RepositoryPolicy(
        "access",
        {
          repository: (others.platform as Repository).name,
          policy: JSON.stringify(access(version === "created" ? "ecr:BatchGetImage" : "ecr:GetDownloadUrlForLayer")),
        },
        options,
      ),
    disturb: async (id, { client }) => {
      const request = { repositoryName: id, policyText: JSON.stringify(access("ecr:*")) };
      await new ECRClient(client).send(new SetRepositoryPolicyCommand(request));
    },
  },
];

testLives("provider: ecr", lives, async ({ client }) => {
  const found = await new ECRClient(client).send(new DescribeRepositoriesCommand({}));
  return (found.repositories ?? []).map((repository) => repository.repositoryName ?? "");
});
