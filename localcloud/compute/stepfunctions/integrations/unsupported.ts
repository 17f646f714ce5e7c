// Operations that tasks cannot call although their services have them. Source: "Learning to use AWS service SDK integrations", whose table
// of services names them; those that stream their input or output are told by their schemas.
import { hasEventStream, type SchemaRef } from "./schema.js";

const UNSUPPORTED: Readonly<Record<string, readonly string[]>> = {
  applicationdiscovery: ["DescribeExportConfigurations", "ExportConfigurations"],
  bedrockagentruntime: [
    "InvokeAgent",
    "InvokeFlow",
    "InvokeInlineAgent",
    "OptimizePrompt",
    "RetrieveAndGenerateStream",
  ],
  codedeploy: [
    "BatchGetDeploymentInstances",
    "GetDeploymentInstance",
    "ListDeploymentInstances",
    "SkipWaitTimeForInstanceTermination",
  ],
  comprehendmedical: ["DetectEntities"],
  dataexchange: ["SendApiAsset"],
  directconnect: [
    "AllocateConnectionOnInterconnect",
    "DescribeConnectionLoa",
    "DescribeConnectionsOnInterconnect",
    "DescribeInterconnectLoa",
  ],
  efs: ["CreateTags"],
  elastictranscoder: ["TestRole"],
  emr: ["DescribeJobFlows"],
  iot: ["AttachPrincipalPolicy", "DetachPrincipalPolicy", "ListPolicyPrincipals", "ListPrincipalPolicies"],
  iotdeviceadvisor: ["ListTestCases"],
  lambda: ["InvokeAsync"],
  mediapackage: ["RotateChannelCredentials"],
  qbusiness: ["Chat"],
  rdsdata: ["ExecuteSql"],
  shield: ["DeleteSubscription"],
  sts: ["AssumeRole", "AssumeRoleWithSAML", "AssumeRoleWithWebIdentity"],
};

/** @param service its name in `aws-sdk` resources */
export const isUnsupported = (service: string, operation: string, schema: SchemaRef): boolean =>
  (UNSUPPORTED[service]?.includes(operation) ?? false) || hasEventStream(schema);
