// aws:ec2/flowLog:FlowLog. AWS changes nothing but the tags of a flow log.
import {
  CreateFlowLogsCommand,
  DeleteFlowLogsCommand,
  DescribeFlowLogsCommand,
  EC2Client,
  type FlowLogsResourceType,
  type LogDestinationType,
  type TrafficType,
} from "@aws-sdk/client-ec2";
import { resource } from "../../descriptor.js";
import { hasCode } from "../../errors.js";
import { flag, number, object, output, tagged, text } from "../../properties.js";
import { tagState } from "../../tags.js";
import { ec2Arn, updateTags } from "./tags.js";

/** What is watched: the property that names it, and AWS's type. */
const WATCHED = {
  vpcId: "VPC",
  subnetId: "Subnet",
  eniId: "NetworkInterface",
  transitGatewayId: "TransitGateway",
  transitGatewayAttachmentId: "TransitGatewayAttachment",
} as const;
type Watched = keyof typeof WATCHED;
const WATCHED_NAMES = Object.keys(WATCHED) as Watched[];

export const flowLog = resource({
  type: "aws:ec2/flowLog:FlowLog",
  properties: {
    vpcId: text({ replace: true }),
    subnetId: text({ replace: true }),
    eniId: text({ replace: true }),
    transitGatewayId: text({ replace: true }),
    transitGatewayAttachmentId: text({ replace: true }),
    trafficType: text({ replace: true, values: ["ACCEPT", "REJECT", "ALL"] }),
    iamRoleArn: text({ replace: true }),
    deliverCrossAccountRole: text({ replace: true }),
    logDestination: text({ computed: true, replace: true }),
    logDestinationType: text({
      default: "cloud-watch-logs",
      replace: true,
      values: ["cloud-watch-logs", "s3", "kinesis-data-firehose"],
    }),
    logFormat: text({ computed: true, replace: true }),
    maxAggregationInterval: number({ default: 600, replace: true }),
    destinationOptions: object(
      {
        fileFormat: text({ default: "plain-text" }),
        hiveCompatiblePartitions: flag({ default: false }),
        perHourPartition: flag({ default: false }),
      },
      { replace: true },
    ),
    ...tagged,
    arn: output(text()),
  },

  check(inputs) {
    return WATCHED_NAMES.filter((name) => inputs[name] !== undefined).length === 1
      ? []
      : [{ property: "vpcId", reason: `exactly one of ${WATCHED_NAMES.join(", ")} is needed` }];
  },

  async create(inputs, context) {
    const watched = WATCHED_NAMES.find((name) => inputs[name] !== undefined) as Watched;
    const options = inputs.destinationOptions;
    const request = new CreateFlowLogsCommand({
      ResourceIds: [inputs[watched] as string],
      ResourceType: WATCHED[watched] as FlowLogsResourceType,
      TrafficType: inputs.trafficType as TrafficType,
      DeliverLogsPermissionArn: inputs.iamRoleArn,
      DeliverCrossAccountRole: inputs.deliverCrossAccountRole,
      LogDestination: inputs.logDestination,
      LogDestinationType: inputs.logDestinationType as LogDestinationType,
      LogFormat: inputs.logFormat,
      MaxAggregationInterval: inputs.maxAggregationInterval,
      DestinationOptions: options && {
        FileFormat: options.fileFormat as "plain-text",
        HiveCompatiblePartitions: options.hiveCompatiblePartitions,
        PerHourPartition: options.perHourPartition,
      },
    });
    const made = await context.retry(
      () => context.client(EC2Client).send(request),
      (error) => hasCode(error, ["InvalidParameter"], /Unable to assume given IAM role/),
    );
    const failure = made.Unsuccessful?.[0]?.Error;
    if (failure) throw new Error(`${failure.Code}: ${failure.Message}`);
    const id = made.FlowLogIds?.[0] as string;
    context.created(id);
    // Not with the creation: clouds do not agree on the name of a flow log's type there.
    await updateTags(id, undefined, inputs.tags, context);
    return id;
  },

  async read(id, context, known) {
    const { FlowLogs } = await context.client(EC2Client).send(new DescribeFlowLogsCommand({ FlowLogIds: [id] }));
    const found = FlowLogs?.find((each) => each.FlowLogId === id);
    if (!found) return undefined;
    const options = found.DestinationOptions;
    const watched: { [name in Watched]?: string } = { [watchedOf(found.ResourceId ?? "")]: found.ResourceId };
    return {
      ...watched,
      trafficType: found.TrafficType,
      // What AWS always tells, other clouds may leave out: then what was asked for holds.
      iamRoleArn: found.DeliverLogsPermissionArn ?? known.iamRoleArn,
      deliverCrossAccountRole: found.DeliverCrossAccountRole ?? known.deliverCrossAccountRole,
      logDestination: found.LogDestination,
      logDestinationType: found.LogDestinationType,
      logFormat: found.LogFormat ?? known.logFormat,
      maxAggregationInterval: found.MaxAggregationInterval ?? known.maxAggregationInterval ?? 600,
      destinationOptions: options
        ? {
            fileFormat: options.FileFormat ?? "plain-text",
            hiveCompatiblePartitions: options.HiveCompatiblePartitions ?? false,
            perHourPartition: options.PerHourPartition ?? false,
          }
        : known.destinationOptions,
      ...tagState(found.Tags),
      arn: await ec2Arn(`vpc-flow-log/${id}`, context),
    };
  },

  async update({ id, old, inputs }, context) {
    await updateTags(id, old.tags, inputs.tags, context);
  },

  async delete(id, _state, context) {
    await context.client(EC2Client).send(new DeleteFlowLogsCommand({ FlowLogIds: [id] }));
  },

  isGone: (error) => hasCode(error, ["InvalidFlowLogId.NotFound"]),
});

function watchedOf(resourceId: string): Watched {
  const prefixes: [string, Watched][] = [
    ["vpc-", "vpcId"],
    ["subnet-", "subnetId"],
    ["eni-", "eniId"],
    ["tgw-attach-", "transitGatewayAttachmentId"],
    ["tgw-", "transitGatewayId"],
  ];
  return prefixes.find(([prefix]) => resourceId.startsWith(prefix))?.[1] ?? "vpcId";
}
