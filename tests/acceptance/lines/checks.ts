// What several lines have to show: objects, features and jobs as they really are in the cloud.
import assert from "node:assert/strict";
import { CloudWatchLogsClient, GetLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";
import { DynamoDBDocumentClient, QueryCommand, ScanCommand } from "@aws-sdk/lib-dynamodb";
import type { Platform } from "../platform.js";
import type { Visit } from "./line.js";

/** Trips of each vendor in the whole sample, and how many of its rows cannot be used. */
export const ALL_TRIPS = { "1": 70_597, "2": 123_438, "4": 398 };

export const today = (): string => new Date().toISOString().slice(0, 10);

/** Sizes of a folder's objects by their names in it, bytes. */
export async function objectsBelow(platform: Platform, prefix: string): Promise<Record<string, number>> {
  const s3 = new S3Client({ ...platform.client, forcePathStyle: true });
  const { Contents = [] } = await s3.send(
    new ListObjectsV2Command({ Bucket: platform.outputs.S3BucketName, Prefix: prefix }),
  );
  return Object.fromEntries(Contents.map(({ Key = "", Size = 0 }) => [Key.slice(prefix.length), Size]));
}

/** `trip_count_1d` of each customer on a day, as the feature store has it. */
export async function tripCounts(platform: Platform, date: string): Promise<Record<string, number>> {
  const items = await features(platform, date);
  return Object.fromEntries(items.map(({ customer_id, trip_count_1d }) => [customer_id, Number(trip_count_1d)]));
}

export async function features(platform: Platform, date: string): Promise<Record<string, unknown>[]> {
  const table = DynamoDBDocumentClient.from(new DynamoDBClient(platform.client));
  const { Items = [] } = await table.send(
    new ScanCommand({
      TableName: platform.outputs.DynamoDBTableName,
      FilterExpression: "#date = :date",
      ExpressionAttributeNames: { "#date": "date" },
      ExpressionAttributeValues: { ":date": date },
    }),
  );
  return Items.sort((left, right) => String(left.customer_id).localeCompare(String(right.customer_id)));
}

export async function feature(platform: Platform, customer: string, date: string): Promise<Record<string, unknown>> {
  const table = DynamoDBDocumentClient.from(new DynamoDBClient(platform.client));
  const { Items = [] } = await table.send(
    new QueryCommand({
      TableName: platform.outputs.DynamoDBTableName,
      KeyConditionExpression: "customer_id = :customer and #date = :date",
      ExpressionAttributeNames: { "#date": "date" },
      ExpressionAttributeValues: { ":customer": customer, ":date": date },
    }),
  );
  assert.equal(Items.length, 1, `one item of ${customer} on ${date}`);
  return Items[0] as Record<string, unknown>;
}

/** Notes the job that a submission's answer names. */
export function submitted(answer: string, visit: Visit, name: string): string {
  const { jobId, jobName, jobArn } = JSON.parse(answer);
  assert.equal(jobName, name);
  assert.match(jobArn, new RegExp(`^arn:aws:batch:eu-central-1:${visit.platform.account}:job/${jobId}$`));
  visit.jobs.push(jobId);
  return jobId;
}

/** Waits for a job and fails, with the end of its log, unless it succeeded. */
export async function succeeded(platform: Platform, jobId: string): Promise<void> {
  const job = await platform.ended(jobId);
  if (job.status === "SUCCEEDED") return assert.equal(job.container?.exitCode, 0);
  const log = await logOf(platform, job.container?.logStreamName).catch((error: Error) => [error.message]);
  assert.fail(`job ${job.jobName} is ${job.status} (${job.statusReason}); its log ends:\n${log.slice(-5).join("\n")}`);
}

export async function logOf(platform: Platform, logStreamName: string | undefined): Promise<string[]> {
  const logs = new CloudWatchLogsClient(platform.client);
  const { events = [] } = await logs.send(
    new GetLogEventsCommand({ logGroupName: "/aws/batch/job", logStreamName, startFromHead: true }),
  );
  return events.map(({ message = "" }) => message);
}
