// aws:ec2/securityGroup:SecurityGroup and aws:ec2/defaultSecurityGroup:DefaultSecurityGroup (which takes over the one that AWS makes
// with a VPC).
import {
  CreateSecurityGroupCommand,
  DeleteSecurityGroupCommand,
  DescribeSecurityGroupsCommand,
  EC2Client,
  type SecurityGroup,
} from "@aws-sdk/client-ec2";
import { type Context, resource } from "../../descriptor.js";
import { hasCode, orAbsent } from "../../errors.js";
import { flag, output, tagged, text } from "../../properties.js";
import { tagState } from "../../tags.js";
import { applyRules, groupAtoms, readAtoms, rulesProperty } from "./permissions.js";
import { ec2Arn, tagSpecifications, updateTags } from "./tags.js";

async function describe(id: string, context: Context): Promise<SecurityGroup | undefined> {
  const found = await context.client(EC2Client).send(new DescribeSecurityGroupsCommand({ GroupIds: [id] }));
  return found.SecurityGroups?.[0];
}

async function stateOf(group: SecurityGroup, context: Context) {
  const id = group.GroupId as string;
  const [ingress, egress] = await Promise.all([readAtoms(id, "ingress", context), readAtoms(id, "egress", context)]);
  return {
    name: group.GroupName,
    description: group.Description,
    vpcId: group.VpcId,
    ingress: groupAtoms(ingress),
    egress: groupAtoms(egress),
    ...tagState(group.Tags),
    arn: group.SecurityGroupArn ?? (await ec2Arn(`security-group/${id}`, context, group.OwnerId)),
    ownerId: group.OwnerId,
  };
}

const shared = {
  ingress: rulesProperty(),
  egress: rulesProperty(),
  revokeRulesOnDelete: flag({ default: false, unread: true }),
  ...tagged,
  arn: output(text()),
  ownerId: output(text()),
};

export const securityGroup = resource({
  type: "aws:ec2/securityGroup:SecurityGroup",
  properties: {
    name: text({
      computed: true,
      replace: true,
      max: 255,
      check: (name) => (name.startsWith("sg-") ? 'a security group\'s name must not begin with "sg-"' : undefined),
      autoName: { max: 255, prefixFrom: "namePrefix" },
    }),
    namePrefix: text({ replace: true, unread: true, max: 100 }),
    description: text({ default: "Managed by Pulumi", replace: true, max: 255 }),
    vpcId: text({ computed: true, replace: true }),
    ...shared,
  },
  identity: ["name", "vpcId"],

  async create(inputs, context) {
    const made = await context.client(EC2Client).send(
      new CreateSecurityGroupCommand({
        GroupName: inputs.name,
        Description: inputs.description,
        VpcId: inputs.vpcId,
        TagSpecifications: tagSpecifications("security-group", inputs.tags),
      }),
    );
    const id = made.GroupId as string;
    context.created(id);
    await context.waitFor(`security group ${id} to be there`, () => orAbsent(describe(id, context)), 60);
    if (inputs.ingress) await applyRules(id, "ingress", inputs.ingress, context);
    // AWS begins with a rule that lets everything out. As in the official provider, only what the program says is let out.
    await applyRules(id, "egress", inputs.egress ?? [], context);
    return id;
  },

  async read(id, context) {
    const group = await describe(id, context);
    return group && (await stateOf(group, context));
  },

  async update({ id, old, inputs, changes }, context) {
    if (changes("ingress") && inputs.ingress) await applyRules(id, "ingress", inputs.ingress, context);
    if (changes("egress") && inputs.egress) await applyRules(id, "egress", inputs.egress, context);
    if (changes("tags")) await updateTags(id, old.tags, inputs.tags, context);
  },

  async delete(id, state, context) {
    if (state.revokeRulesOnDelete && (await orAbsent(describe(id, context)))) {
      await applyRules(id, "ingress", [], context);
      await applyRules(id, "egress", [], context);
    }
    // Network interfaces of services that were just deleted hold on to their groups for a while.
    await context.retry(
      () => context.client(EC2Client).send(new DeleteSecurityGroupCommand({ GroupId: id })),
      (error) => hasCode(error, ["DependencyViolation", "InvalidGroup.InUse"]),
      900,
    );
  },
});

export const defaultSecurityGroup = resource({
  type: "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup",
  properties: {
    vpcId: text({ computed: true, replace: true }),
    ...shared,
    name: output(text()),
    description: output(text()),
  },

  async create(inputs, context) {
    const Filters = [{ Name: "group-name", Values: ["default"] }];
    if (inputs.vpcId) Filters.push({ Name: "vpc-id", Values: [inputs.vpcId] });
    const found = await context.client(EC2Client).send(new DescribeSecurityGroupsCommand({ Filters }));
    const group = found.SecurityGroups?.[0];
    if (!group?.GroupId) throw new Error(`the VPC ${inputs.vpcId ?? "(default)"} has no default security group`);
    await applyRules(group.GroupId, "ingress", inputs.ingress ?? [], context);
    await applyRules(group.GroupId, "egress", inputs.egress ?? [], context);
    await updateTags(group.GroupId, tagState(group.Tags).tags, inputs.tags, context);
    return group.GroupId;
  },

  async read(id, context) {
    const group = await describe(id, context);
    return group && (await stateOf(group, context));
  },

  async update({ id, old, inputs, changes }, context) {
    if (changes("ingress") && inputs.ingress) await applyRules(id, "ingress", inputs.ingress, context);
    if (changes("egress") && inputs.egress) await applyRules(id, "egress", inputs.egress, context);
    if (changes("tags")) await updateTags(id, old.tags, inputs.tags, context);
  },

  async delete() {},
});
