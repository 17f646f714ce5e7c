// aws:cloudtrail/trail:Trail
import {
  AddTagsCommand,
  CloudTrailClient,
  CreateTrailCommand,
  DeleteTrailCommand,
  DescribeTrailsCommand,
  GetInsightSelectorsCommand,
  GetTrailStatusCommand,
  type InsightSelector,
  ListTagsCommand,
  PutInsightSelectorsCommand,
  RemoveTagsCommand,
  StartLoggingCommand,
  StopLoggingCommand,
  type Trail,
  UpdateTrailCommand,
} from "@aws-sdk/client-cloudtrail";
import { type Context, resource } from "../../descriptor.js";
import { hasCode, orAbsent } from "../../errors.js";
import { flag, type Inputs, object, output, set, tagged, text } from "../../properties.js";
import { applyTags, type Tags, tagList, tagState } from "../../tags.js";
import { putSelectors, readSelectors, resetSelectors, selectorProperties } from "./selectors.js";

const properties = {
  name: text({ computed: true, replace: true, min: 3, max: 128, autoName: { max: 128 } }),
  s3BucketName: text({ required: true }),
  s3KeyPrefix: text({ max: 200 }),
  snsTopicName: text(),
  cloudWatchLogsGroupArn: text(),
  cloudWatchLogsRoleArn: text(),
  enableLogFileValidation: flag({ default: false }),
  enableLogging: flag({ default: true }),
  includeGlobalServiceEvents: flag({ default: true }),
  isMultiRegionTrail: flag({ default: false }),
  isOrganizationTrail: flag({ default: false }),
  kmsKeyId: text(),
  ...selectorProperties,
  insightSelectors: set(object({ insightType: text({ required: true }) })),
  ...tagged,
  arn: output(text()),
  homeRegion: output(text()),
  snsTopicArn: output(text(), { volatile: true }),
};
const SETTINGS = [
  "s3BucketName",
  "s3KeyPrefix",
  "snsTopicName",
  "cloudWatchLogsGroupArn",
  "cloudWatchLogsRoleArn",
  "enableLogFileValidation",
  "includeGlobalServiceEvents",
  "isMultiRegionTrail",
  "isOrganizationTrail",
  "kmsKeyId",
] as const;

/** A bucket's policy or a role made a moment ago does not hold everywhere yet. */
const isTransient = (error: Error) =>
  hasCode(
    error,
    ["InvalidCloudWatchLogsRoleArnException", "InvalidCloudWatchLogsLogGroupArnException"],
    /Access denied/i,
  ) || hasCode(error, ["InsufficientS3BucketPolicyException", "InsufficientEncryptionPolicyException"]);

export const trail = resource({
  type: "aws:cloudtrail/trail:Trail",
  properties,

  check(inputs) {
    return inputs.eventSelectors !== undefined && inputs.advancedEventSelectors !== undefined
      ? [{ property: "advancedEventSelectors", reason: "cannot be given together with eventSelectors" }]
      : [];
  },

  async create(inputs, context) {
    const name = inputs.name as string;
    const cloudTrail = context.client(CloudTrailClient);
    const made = await context.retry(
      () => cloudTrail.send(new CreateTrailCommand({ Name: name, ...settings(inputs) })),
      isTransient,
      60,
    );
    const arn = made.TrailARN as string;
    context.created(arn);
    // Clouds that take less at the creation take it now; on AWS this changes nothing.
    if (inputs.cloudWatchLogsGroupArn && made.CloudWatchLogsLogGroupArn !== inputs.cloudWatchLogsGroupArn)
      await context.retry(
        () => cloudTrail.send(new UpdateTrailCommand({ Name: arn, ...settings(inputs) })),
        isTransient,
        60,
      );
    await changeTags(arn, undefined, inputs.tags, context);
    if (inputs.eventSelectors?.length || inputs.advancedEventSelectors?.length)
      await putSelectors(arn, inputs, context);
    if (inputs.insightSelectors?.length) await putInsights(arn, inputs.insightSelectors, context);
    if (inputs.enableLogging) await cloudTrail.send(new StartLoggingCommand({ Name: arn }));
    return arn;
  },

  async read(id, context) {
    const cloudTrail = context.client(CloudTrailClient);
    const found = await describe(id, context);
    if (!found) return undefined;
    const arn = found.TrailARN ?? id;
    const [status, tags, selectors, insights] = await Promise.all([
      cloudTrail.send(new GetTrailStatusCommand({ Name: arn })),
      cloudTrail.send(new ListTagsCommand({ ResourceIdList: [arn] })),
      readSelectors(arn, found.HasCustomEventSelectors === true, context),
      found.HasInsightSelectors
        ? orAbsent(cloudTrail.send(new GetInsightSelectorsCommand({ TrailName: arn })), "InsightNotEnabledException")
        : undefined,
    ]);
    return {
      id: arn,
      name: found.Name,
      s3BucketName: found.S3BucketName,
      s3KeyPrefix: found.S3KeyPrefix,
      snsTopicName: found.SnsTopicName ?? found.SnsTopicARN,
      cloudWatchLogsGroupArn: found.CloudWatchLogsLogGroupArn,
      cloudWatchLogsRoleArn: found.CloudWatchLogsRoleArn,
      enableLogFileValidation: found.LogFileValidationEnabled,
      enableLogging: status.IsLogging,
      includeGlobalServiceEvents: found.IncludeGlobalServiceEvents,
      isMultiRegionTrail: found.IsMultiRegionTrail,
      isOrganizationTrail: found.IsOrganizationTrail,
      kmsKeyId: found.KmsKeyId,
      ...selectors,
      insightSelectors: insights?.InsightSelectors?.map((each) => ({ insightType: each.InsightType ?? "" })),
      ...tagState(tags.ResourceTagList?.[0]?.TagsList),
      arn,
      homeRegion: found.HomeRegion,
      snsTopicArn: found.SnsTopicARN ?? "",
    };
  },

  async update({ id, old, inputs, changes }, context) {
    const cloudTrail = context.client(CloudTrailClient);
    if (changes(...SETTINGS)) {
      // What is left out stays as it is, so what shall be empty is said.
      const emptied = Object.fromEntries(Object.entries(settings(inputs)).map(([name, value]) => [name, value ?? ""]));
      await context.retry(() => cloudTrail.send(new UpdateTrailCommand({ Name: id, ...emptied })), isTransient, 60);
    }
    if (changes("eventSelectors", "advancedEventSelectors")) {
      if (inputs.eventSelectors?.length || inputs.advancedEventSelectors?.length)
        await putSelectors(id, inputs, context);
      else await resetSelectors(id, context);
    }
    if (changes("insightSelectors")) await putInsights(id, inputs.insightSelectors ?? [], context);
    if (changes("enableLogging"))
      await (inputs.enableLogging
        ? cloudTrail.send(new StartLoggingCommand({ Name: id }))
        : cloudTrail.send(new StopLoggingCommand({ Name: id })));
    if (changes("tags")) await changeTags(old.arn ?? id, old.tags, inputs.tags, context);
  },

  async delete(id, _state, context) {
    await context.client(CloudTrailClient).send(new DeleteTrailCommand({ Name: id }));
  },
});

async function describe(nameOrArn: string, context: Context): Promise<Trail | undefined> {
  const found = await context
    .client(CloudTrailClient)
    .send(new DescribeTrailsCommand({ trailNameList: [nameOrArn], includeShadowTrails: true }));
  return found.trailList?.[0];
}

function settings(inputs: Inputs<typeof properties>) {
  return {
    S3BucketName: inputs.s3BucketName,
    S3KeyPrefix: inputs.s3KeyPrefix,
    SnsTopicName: inputs.snsTopicName,
    CloudWatchLogsLogGroupArn: inputs.cloudWatchLogsGroupArn,
    CloudWatchLogsRoleArn: inputs.cloudWatchLogsRoleArn,
    EnableLogFileValidation: inputs.enableLogFileValidation,
    IncludeGlobalServiceEvents: inputs.includeGlobalServiceEvents,
    IsMultiRegionTrail: inputs.isMultiRegionTrail,
    IsOrganizationTrail: inputs.isOrganizationTrail,
    KmsKeyId: inputs.kmsKeyId,
  };
}

async function putInsights(arn: string, insights: readonly { insightType: string }[], context: Context): Promise<void> {
  await context.client(CloudTrailClient).send(
    new PutInsightSelectorsCommand({
      TrailName: arn,
      InsightSelectors: insights.map((each) => ({ InsightType: each.insightType }) as InsightSelector),
    }),
  );
}

async function changeTags(arn: string, old: Tags | undefined, tags: Tags | undefined, context: Context): Promise<void> {
  const cloudTrail = context.client(CloudTrailClient);
  await applyTags(old, tags, {
    set: (set) => cloudTrail.send(new AddTagsCommand({ ResourceId: arn, TagsList: tagList(set) })),
    remove: (keys) =>
      cloudTrail.send(new RemoveTagsCommand({ ResourceId: arn, TagsList: keys.map((Key) => ({ Key })) })),
  });
}
