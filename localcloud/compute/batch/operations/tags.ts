// Tags: TagResource, UntagResource, ListTagsForResource of the AWS Batch API Reference.
import { z } from "zod";
import { parseBatchArn } from "../arn.js";
import { clientException, invalidRequest } from "../errors.js";
import type { Tags } from "../model.js";
import { MOST_TAGS, parseRequest, tags } from "../requests.js";
import { type BatchRegion, taggedResource } from "../store.js";
import type { Operation } from "./operation.js";

const addressed = z.looseObject({ resourceArn: z.string() });

export const list: Operation = ({ region, body }) => ({
  tags: tagsOf(region, parseRequest(addressed, body).resourceArn),
});

export const tag: Operation = ({ region, body }) => {
  const request = parseRequest(addressed.extend({ tags }), body);
  const merged = { ...tagsOf(region, request.resourceArn), ...request.tags };
  if (Object.keys(merged).length > MOST_TAGS) throw invalidRequest(`A resource can have at most ${MOST_TAGS} tags.`);
  setTags(region, request.resourceArn, merged);
  return {};
};

export const untag: Operation = ({ region, body }) => {
  const request = parseRequest(addressed.extend({ tagKeys: z.array(z.string()) }), body);
  const kept = Object.entries(tagsOf(region, request.resourceArn)).filter(([key]) => !request.tagKeys.includes(key));
  setTags(region, request.resourceArn, Object.fromEntries(kept));
  return {};
};

function tagsOf(region: BatchRegion, arn: string): Tags {
  const found = taggedResource(region, arn) ?? taggedJob(region, arn);
  if (!found) throw clientException(`${arn} does not exist`);
  return found.tags;
}

function setTags(region: BatchRegion, arn: string, value: Tags): void {
  const job = taggedJob(region, arn);
  if (job) region.table.jobs.set(job.id, { ...job, tags: value });
  const resource = taggedResource(region, arn);
  if (resource) resource.tags = value;
}

/** Jobs bear tags, the children of an array do not (TagResource, AWS Batch API Reference). */
function taggedJob(region: BatchRegion, arn: string) {
  const parsed = parseBatchArn(arn);
  const job = parsed?.type === "job" ? region.table.jobs.get(parsed.name) : undefined;
  return job?.child ? undefined : job;
}
