// Scheduling policies: CreateSchedulingPolicy, Describe…, List…, Update…, Delete… of the AWS Batch API Reference.
import type { FairsharePolicy } from "@aws-sdk/client-batch";
import { z } from "zod";
import { batchArn } from "../arn.js";
import { clientException, invalidRequest, notSupported } from "../errors.js";
import type { SchedulingPolicy } from "../model.js";
import { paginate } from "../paging.js";
import { fairsharePolicy, paging, parseRequest, resourceName, tags } from "../requests.js";
import type { BatchRegion } from "../store.js";
import type { Operation } from "./operation.js";

const createRequest = z.looseObject({
  name: resourceName,
  fairsharePolicy: fairsharePolicy.optional(),
  quotaSharePolicy: z.unknown().optional(),
  tags: tags.optional(),
});

export const create: Operation = ({ region, body }) => {
  const request = parseRequest(createRequest, body);
  if (request.quotaSharePolicy) throw notSupported("quotaSharePolicy", "use fairsharePolicy");
  const arn = batchArn(region, "scheduling-policy", request.name);
  if (region.schedulingPolicies.has(arn)) throw clientException("Object already exists");
  const policy: SchedulingPolicy = {
    account: region.account,
    region: region.region,
    name: request.name,
    arn,
    fairsharePolicy: checked(request.fairsharePolicy),
    tags: { ...request.tags },
  };
  region.schedulingPolicies.set(arn, policy);
  return { name: policy.name, arn };
};

const describeRequest = z.looseObject({ arns: z.array(z.string()) });

export const describe: Operation = ({ region, body }) => {
  const { arns } = parseRequest(describeRequest, body);
  const found = arns.flatMap((arn) => region.schedulingPolicies.get(arn) ?? []);
  return {
    schedulingPolicies: found.map(({ name, arn, fairsharePolicy: policy, tags: own }) => ({
      name,
      arn,
      fairsharePolicy: policy,
      tags: own,
    })),
  };
};

export const list: Operation = ({ region, body }) => {
  const request = parseRequest(z.looseObject(paging), body);
  const arns = [...region.schedulingPolicies.keys()].sort();
  const { items, nextToken } = paginate(arns, (arn) => arn, request, 100);
  return { schedulingPolicies: items.map((arn) => ({ arn })), nextToken };
};

const updateRequest = z.looseObject({ arn: z.string(), fairsharePolicy: fairsharePolicy.optional() });

export const update: Operation = ({ region, body, world }) => {
  const request = parseRequest(updateRequest, body);
  const policy = schedulingPolicy(region, request.arn);
  policy.fairsharePolicy = checked(request.fairsharePolicy) ?? policy.fairsharePolicy;
  world.engine.schedule();
  return {};
};

export const remove: Operation = ({ region, body }) => {
  const { arn } = parseRequest(z.looseObject({ arn: z.string() }), body);
  schedulingPolicy(region, arn);
  const isUsed = [...region.jobQueues.values()].some((queue) => queue.schedulingPolicyArn === arn);
  if (isUsed) throw clientException("Cannot delete, found existing JobQueue relationship");
  region.schedulingPolicies.delete(arn);
  return {};
};

function schedulingPolicy(region: BatchRegion, arn: string): SchedulingPolicy {
  const found = region.schedulingPolicies.get(arn);
  if (!found) throw clientException(`${arn} does not exist`);
  return found;
}

/** @throws ClientException when entries overlap, e.g. `UserA*` and `UserA1` (FairsharePolicy, AWS Batch API Reference) */
function checked(policy: z.infer<typeof fairsharePolicy> | undefined): FairsharePolicy | undefined {
  const shares = policy?.shareDistribution?.map(({ shareIdentifier }) => shareIdentifier) ?? [];
  for (const [index, share] of shares.entries()) {
    const prefix = share.endsWith("*") ? share.slice(0, -1) : undefined;
    const clash = shares.find(
      (other, at) => at !== index && (other === share || (prefix !== undefined && other.startsWith(prefix))),
    );
    if (clash) throw invalidRequest(`Share identifiers ${share} and ${clash} overlap.`);
  }
  return policy as FairsharePolicy | undefined;
}
