// aws:index/getCallerIdentity:getCallerIdentity, getPartition and getRegion.
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { func } from "../../descriptor.js";
import { output, text } from "../../properties.js";
import { partitionOf, regionDescription } from "../../regions.js";

export const getCallerIdentity = func({
  token: "aws:index/getCallerIdentity:getCallerIdentity",
  global: true,
  properties: {
    id: text(),
    accountId: output(text()),
    arn: output(text()),
    userId: output(text()),
  },
  async run(_, context) {
    const { Account, Arn, UserId } = await context.client(STSClient).send(new GetCallerIdentityCommand({}));
    return { id: Account, accountId: Account, arn: Arn, userId: UserId };
  },
});

export const getPartition = func({
  token: "aws:index/getPartition:getPartition",
  global: true,
  properties: {
    id: text(),
    partition: output(text()),
    dnsSuffix: output(text()),
    reverseDnsPrefix: output(text()),
  },
  async run(_, { partition, dnsSuffix }) {
    return { id: partition, partition, dnsSuffix, reverseDnsPrefix: dnsSuffix.split(".").reverse().join(".") };
  },
});

export const getRegion = func({
  token: "aws:index/getRegion:getRegion",
  global: true,
  properties: {
    region: text(),
    name: text(),
    endpoint: text(),
    id: text(),
    description: output(text()),
  },
  async run(args, context) {
    const fromEndpoint = args.endpoint && /^ec2\.([a-z0-9-]+)\./.exec(args.endpoint)?.[1];
    if (args.endpoint && !fromEndpoint)
      throw new Error(`no region has the EC2 endpoint ${args.endpoint}; expected ec2.<region>.<suffix>`);
    const region = args.region ?? args.name ?? fromEndpoint ?? context.region;
    const { dnsSuffix } = partitionOf(region);
    return {
      id: region,
      region,
      name: region,
      endpoint: `ec2.${region}.${dnsSuffix}`,
      description: regionDescription(region),
    };
  },
});
