import {
  DeleteFlowLogsCommand,
  DeleteKeyPairCommand,
  DeleteLaunchTemplateCommand,
  DeleteVolumeCommand,
  DescribeFlowLogsCommand,
  DescribeInstancesCommand,
  DescribeKeyPairsCommand,
  DescribeLaunchTemplatesCommand,
  DescribeVolumesCommand,
  EC2Client,
  TerminateInstancesCommand,
} from "@aws-sdk/client-ec2";
import type { InventoryItem, InventorySource } from "../item.js";
import { allPages, tagValue } from "../pages.js";

/** What EC2 has besides networks, which `vpc` lists. */
export const ec2: InventorySource = {
  service: "ec2",
  otherKinds: [
    "image",
    "snapshot",
    "placement_group",
    "dhcp_option",
    "vpc_peering",
    "egress_igw",
    "customer_gateway",
    "vpn_gateway",
    "vpn_connection",
  ],
  async list(client) {
    const api = client(EC2Client);
    return (await Promise.all([instances(api), volumes(api), templates(api), keyPairs(api), flowLogs(api)])).flat();
  },
};

async function instances(api: EC2Client): Promise<InventoryItem[]> {
  const found = await allPages(async (NextToken) => {
    const page = await api.send(new DescribeInstancesCommand({ NextToken }));
    return { items: page.Reservations?.flatMap(({ Instances = [] }) => Instances), token: page.NextToken };
  });
  return found
    .filter(({ State }) => State?.Name !== "terminated")
    .map(({ InstanceId = "", Tags }) => {
      const name = tagValue(Tags, "Name");
      return {
        type: "AWS::EC2::Instance",
        id: InstanceId,
        ...(name && { name }),
        remove: () => api.send(new TerminateInstancesCommand({ InstanceIds: [InstanceId] })),
      };
    });
}

async function volumes(api: EC2Client): Promise<InventoryItem[]> {
  const found = await allPages(async (NextToken) => {
    const page = await api.send(new DescribeVolumesCommand({ NextToken }));
    return { items: page.Volumes, token: page.NextToken };
  });
  return found.map(({ VolumeId = "", Tags }) => {
    const name = tagValue(Tags, "Name");
    return {
      type: "AWS::EC2::Volume",
      id: VolumeId,
      ...(name && { name }),
      remove: () => api.send(new DeleteVolumeCommand({ VolumeId })),
    };
  });
}

async function templates(api: EC2Client): Promise<InventoryItem[]> {
  const found = await allPages(async (NextToken) => {
    const page = await api.send(new DescribeLaunchTemplatesCommand({ NextToken }));
    return { items: page.LaunchTemplates, token: page.NextToken };
  });
  return found.map(({ LaunchTemplateId, LaunchTemplateName = "" }) => ({
    type: "AWS::EC2::LaunchTemplate",
    id: LaunchTemplateName,
    remove: () => api.send(new DeleteLaunchTemplateCommand({ LaunchTemplateId })),
  }));
}

async function keyPairs(api: EC2Client): Promise<InventoryItem[]> {
  const { KeyPairs = [] } = await api.send(new DescribeKeyPairsCommand({}));
  return KeyPairs.map(({ KeyName = "" }) => ({
    type: "AWS::EC2::KeyPair",
    id: KeyName,
    remove: () => api.send(new DeleteKeyPairCommand({ KeyName })),
  }));
}

async function flowLogs(api: EC2Client): Promise<InventoryItem[]> {
  const found = await allPages(async (NextToken) => {
    const page = await api.send(new DescribeFlowLogsCommand({ NextToken }));
    return { items: page.FlowLogs, token: page.NextToken };
  });
  return found.map(({ FlowLogId = "" }) => ({
    type: "AWS::EC2::FlowLog",
    id: FlowLogId,
    remove: () => api.send(new DeleteFlowLogsCommand({ FlowLogIds: [FlowLogId] })),
  }));
}
