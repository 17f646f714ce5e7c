// aws:ec2/internetGateway:InternetGateway, with its attachment to a VPC.
import {
  AttachInternetGatewayCommand,
  CreateInternetGatewayCommand,
  DeleteInternetGatewayCommand,
  DescribeInternetGatewaysCommand,
  DetachInternetGatewayCommand,
  EC2Client,
} from "@aws-sdk/client-ec2";
import { type Context, resource } from "../../descriptor.js";
import { hasCode, orAbsent } from "../../errors.js";
import { output, tagged, text } from "../../properties.js";
import { tagState } from "../../tags.js";
import { ec2Arn, tagSpecifications, updateTags } from "./tags.js";

export const internetGateway = resource({
  type: "aws:ec2/internetGateway:InternetGateway",
  properties: {
    vpcId: text({ computed: true }),
    ...tagged,
    arn: output(text()),
    ownerId: output(text()),
  },

  async create(inputs, context) {
    const made = await context
      .client(EC2Client)
      .send(
        new CreateInternetGatewayCommand({ TagSpecifications: tagSpecifications("internet-gateway", inputs.tags) }),
      );
    const id = made.InternetGateway?.InternetGatewayId as string;
    context.created(id);
    if (inputs.vpcId) await attach(id, inputs.vpcId, context);
    return id;
  },

  async read(id, context) {
    const { InternetGateways } = await context
      .client(EC2Client)
      .send(new DescribeInternetGatewaysCommand({ InternetGatewayIds: [id] }));
    const found = InternetGateways?.[0];
    if (!found) return undefined;
    return {
      vpcId: found.Attachments?.[0]?.VpcId,
      ...tagState(found.Tags),
      arn: await ec2Arn(`internet-gateway/${id}`, context, found.OwnerId),
      ownerId: found.OwnerId,
    };
  },

  async update({ id, old, inputs, changes }, context) {
    if (changes("vpcId")) {
      if (old.vpcId) await detach(id, old.vpcId, context);
      if (inputs.vpcId) await attach(id, inputs.vpcId, context);
    }
    if (changes("tags")) await updateTags(id, old.tags, inputs.tags, context);
  },

  async delete(id, state, context) {
    if (state.vpcId) await detach(id, state.vpcId, context);
    await context.retry(
      () => context.client(EC2Client).send(new DeleteInternetGatewayCommand({ InternetGatewayId: id })),
      (error) => hasCode(error, ["DependencyViolation"]),
      600,
    );
  },
});

async function attach(id: string, vpcId: string, context: Context): Promise<void> {
  const ec2 = context.client(EC2Client);
  await context.retry(
    () => ec2.send(new AttachInternetGatewayCommand({ InternetGatewayId: id, VpcId: vpcId })),
    (error) => hasCode(error, ["InvalidInternetGatewayID.NotFound"]),
  );
}

/** A VPC with mapped public addresses keeps its gateway until they are released, e.g. by a NAT gateway under deletion. */
async function detach(id: string, vpcId: string, context: Context): Promise<void> {
  const ec2 = context.client(EC2Client);
  const attempt = () =>
    context.retry(
      () => ec2.send(new DetachInternetGatewayCommand({ InternetGatewayId: id, VpcId: vpcId })),
      (error) => hasCode(error, ["DependencyViolation"]),
      1200,
    );
  await orAbsent(attempt(), "Gateway.NotAttached");
}
