// One rule of a bucket's lifecycle, in Pulumi's properties and in S3's, both ways.
import type { LifecycleRule, LifecycleRuleFilter, TransitionStorageClass } from "@aws-sdk/client-s3";
import { flag, type Inputs, map, number, object, set, text } from "../../properties.js";

const STORAGE_CLASSES = ["GLACIER", "STANDARD_IA", "ONEZONE_IA", "INTELLIGENT_TIERING", "DEEP_ARCHIVE", "GLACIER_IR"];

/** A date is a moment; its spellings (`2026-01-01`, `2026-01-01T00:00:00Z`) mean the same. */
const date = text({ equals: (left, right) => Date.parse(left) === Date.parse(right) });

const sizes = {
  prefix: text(),
  objectSizeGreaterThan: number({ min: 0 }),
  objectSizeLessThan: number({ min: 1 }),
};

export const rule = {
  id: text({ required: true, max: 255 }),
  status: text({ required: true, values: ["Enabled", "Disabled"] }),
  /** Deprecated by AWS in favour of `filter`. */
  prefix: text(),
  filter: object({
    ...sizes,
    tag: object({ key: text({ required: true }), value: text({ required: true }) }),
    and: object({ ...sizes, tags: map(text()) }),
  }),
  abortIncompleteMultipartUpload: object({ daysAfterInitiation: number({ min: 1 }) }),
  expiration: object({ date, days: number(), expiredObjectDeleteMarker: flag() }),
  noncurrentVersionExpiration: object({
    noncurrentDays: number({ required: true, min: 1 }),
    newerNoncurrentVersions: number({ min: 1 }),
  }),
  noncurrentVersionTransitions: set(
    object({
      noncurrentDays: number({ required: true, min: 0 }),
      newerNoncurrentVersions: number({ min: 1 }),
      storageClass: text({ required: true, values: STORAGE_CLASSES }),
    }),
  ),
  transitions: set(
    object({ date, days: number({ min: 0 }), storageClass: text({ required: true, values: STORAGE_CLASSES }) }),
  ),
};

type Rule = Inputs<typeof rule>;

export function ruleToAws(given: Rule): LifecycleRule {
  const { expiration, noncurrentVersionExpiration: noncurrent } = given;
  return {
    ID: given.id,
    Status: given.status as "Enabled" | "Disabled",
    // S3 wants one of the two; an empty filter is every object.
    ...(given.prefix && !given.filter ? { Prefix: given.prefix } : { Filter: filterToAws(given.filter) }),
    ...(given.abortIncompleteMultipartUpload && {
      AbortIncompleteMultipartUpload: { DaysAfterInitiation: given.abortIncompleteMultipartUpload.daysAfterInitiation },
    }),
    ...(expiration && {
      Expiration: {
        Date: expiration.date ? new Date(expiration.date) : undefined,
        Days: expiration.days || undefined,
        // S3 takes the marker alone only.
        ExpiredObjectDeleteMarker:
          expiration.days || expiration.date ? undefined : (expiration.expiredObjectDeleteMarker ?? undefined),
      },
    }),
    ...(noncurrent && {
      NoncurrentVersionExpiration: {
        NoncurrentDays: noncurrent.noncurrentDays,
        NewerNoncurrentVersions: noncurrent.newerNoncurrentVersions,
      },
    }),
    NoncurrentVersionTransitions: given.noncurrentVersionTransitions?.map((each) => ({
      NoncurrentDays: each.noncurrentDays,
      NewerNoncurrentVersions: each.newerNoncurrentVersions,
      StorageClass: each.storageClass as TransitionStorageClass,
    })),
    Transitions: given.transitions?.map((each) => ({
      Date: each.date ? new Date(each.date) : undefined,
      Days: each.date ? undefined : (each.days ?? 0),
      StorageClass: each.storageClass as TransitionStorageClass,
    })),
  };
}

function filterToAws(filter: Rule["filter"]): LifecycleRuleFilter {
  const and = filter?.and;
  if (and)
    return {
      And: {
        Prefix: and.prefix,
        ObjectSizeGreaterThan: and.objectSizeGreaterThan,
        ObjectSizeLessThan: and.objectSizeLessThan,
        Tags: and.tags && Object.entries(and.tags).map(([Key, Value]) => ({ Key, Value })),
      },
    };
  if (filter?.tag) return { Tag: { Key: filter.tag.key, Value: filter.tag.value } };
  if (filter?.objectSizeGreaterThan !== undefined) return { ObjectSizeGreaterThan: filter.objectSizeGreaterThan };
  if (filter?.objectSizeLessThan !== undefined) return { ObjectSizeLessThan: filter.objectSizeLessThan };
  return { Prefix: filter?.prefix ?? "" };
}

export function ruleToState(found: LifecycleRule): Rule {
  const { Expiration: expiration, NoncurrentVersionExpiration: noncurrent } = found;
  const aborted = found.AbortIncompleteMultipartUpload?.DaysAfterInitiation;
  return {
    id: found.ID ?? "",
    status: found.Status ?? "",
    ...(found.Prefix && { prefix: found.Prefix }),
    ...(found.Filter && { filter: filterToState(found.Filter) }),
    ...(aborted && { abortIncompleteMultipartUpload: { daysAfterInitiation: aborted } }),
    ...(expiration && {
      expiration: {
        ...(expiration.Date && { date: expiration.Date.toISOString() }),
        ...(expiration.Days !== undefined && { days: expiration.Days }),
        ...(expiration.ExpiredObjectDeleteMarker !== undefined && {
          expiredObjectDeleteMarker: expiration.ExpiredObjectDeleteMarker,
        }),
      },
    }),
    ...(noncurrent && {
      noncurrentVersionExpiration: {
        noncurrentDays: noncurrent.NoncurrentDays ?? 0,
        ...(noncurrent.NewerNoncurrentVersions && { newerNoncurrentVersions: noncurrent.NewerNoncurrentVersions }),
      },
    }),
    noncurrentVersionTransitions: (found.NoncurrentVersionTransitions ?? []).map((each) => ({
      noncurrentDays: each.NoncurrentDays ?? 0,
      ...(each.NewerNoncurrentVersions && { newerNoncurrentVersions: each.NewerNoncurrentVersions }),
      storageClass: each.StorageClass ?? "",
    })),
    transitions: (found.Transitions ?? []).map((each) => ({
      ...(each.Date ? { date: each.Date.toISOString() } : { days: each.Days ?? 0 }),
      storageClass: each.StorageClass ?? "",
    })),
  };
}

function filterToState(filter: LifecycleRuleFilter): NonNullable<Rule["filter"]> {
  const { And: and, Tag: tag } = filter;
  return {
    ...(filter.Prefix !== undefined && { prefix: filter.Prefix }),
    ...sizesToState(filter),
    ...(tag && { tag: { key: tag.Key ?? "", value: tag.Value ?? "" } }),
    ...(and && {
      and: {
        ...(and.Prefix !== undefined && { prefix: and.Prefix }),
        ...sizesToState(and),
        ...(and.Tags && { tags: Object.fromEntries(and.Tags.map((each) => [each.Key ?? "", each.Value ?? ""])) }),
      },
    }),
  };
}

function sizesToState(found: { ObjectSizeGreaterThan?: number; ObjectSizeLessThan?: number }) {
  return {
    ...(found.ObjectSizeGreaterThan !== undefined && { objectSizeGreaterThan: found.ObjectSizeGreaterThan }),
    ...(found.ObjectSizeLessThan !== undefined && { objectSizeLessThan: found.ObjectSizeLessThan }),
  };
}
