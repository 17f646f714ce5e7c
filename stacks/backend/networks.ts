// The three networks, each a unit: for EMR clusters, for jobs, and for the address validation service.
import type * as pulumi from "@pulumi/pulumi";
import { Network } from "../../components/ec2/network.js";
import type { StackContext } from "../context.js";
import type { UnitOutputs } from "../unit-outputs.js";
import { backendScope } from "./scope.js";
import type { NetworkName } from "./settings.js";

const TITLES: Record<NetworkName, string> = { emr: "Emr", general: "General", melissa: "Melissa" };

/** The outputs of a network's unit. */
const outputKeys = (name: NetworkName) => ({
  vpcId: `Backend${TITLES[name]}VpcId`,
  privateSubnetIds: `Backend${TITLES[name]}SubnetIds`,
  securityGroupId: `Backend${TITLES[name]}SecurityGroupId`,
});

export function deployNetwork(name: NetworkName) {
  return (context: StackContext): Record<string, pulumi.Output<unknown>> => {
    const { settings, names, child, below } = backendScope(context);
    const network = new Network(
      child(`network-${name}`),
      {
        name: names.of(`vpc4${name}`),
        region: settings.region,
        securityGroupName: names.of(`containers-${name}`),
        ...settings.networks[name],
      },
      below,
    );
    const keys = outputKeys(name);
    return {
      [keys.vpcId]: network.vpcId,
      [keys.privateSubnetIds]: network.privateSubnetIds,
      [keys.securityGroupId]: network.securityGroupId,
    };
  };
}

/** A network that was deployed, here or in another stack. */
export interface DeployedNetwork {
  vpcId: pulumi.Output<string>;
  privateSubnetIds: pulumi.Output<string[]>;
  securityGroupId: pulumi.Output<string>;
}

export function networkOf(name: NetworkName, outputs: UnitOutputs): DeployedNetwork {
  const keys = outputKeys(name);
  return {
    vpcId: outputs.get(keys.vpcId),
    privateSubnetIds: outputs.get<string[]>(keys.privateSubnetIds),
    securityGroupId: outputs.get(keys.securityGroupId),
  };
}
