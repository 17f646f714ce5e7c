import type { Service } from "../../descriptor.js";
import { mainRouteTableAssociation, routeTableAssociation } from "./associations.js";
import { defaultRouteTable } from "./defaultRouteTable.js";
import { eip } from "./eip.js";
import { flowLog } from "./flowLog.js";
import { getPrefixList, getSecurityGroup, getSubnet, getSubnets, getVpc } from "./functions.js";
import { internetGateway } from "./internetGateway.js";
import { natGateway } from "./natGateway.js";
import { route } from "./route.js";
import { routeTable } from "./routeTable.js";
import { defaultSecurityGroup, securityGroup } from "./securityGroup.js";
import { securityGroupRule } from "./securityGroupRule.js";
import { subnet } from "./subnet.js";
import { vpc } from "./vpc.js";
import { vpcEndpoint } from "./vpcEndpoint.js";
import { securityGroupEgressRule, securityGroupIngressRule } from "./vpcRules.js";

export const resources: Service["resources"] = [
  vpc,
  subnet,
  internetGateway,
  natGateway,
  eip,
  routeTable,
  route,
  routeTableAssociation,
  mainRouteTableAssociation,
  defaultRouteTable,
  securityGroup,
  defaultSecurityGroup,
  securityGroupRule,
  securityGroupIngressRule,
  securityGroupEgressRule,
  vpcEndpoint,
  flowLog,
];
export const functions: Service["functions"] = [getVpc, getSubnet, getSubnets, getSecurityGroup, getPrefixList];
