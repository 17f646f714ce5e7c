// What follows from a region's name ("AWS Regions", "Amazon Resource Names").

const PARTITIONS: readonly { partition: string; pattern: RegExp; dnsSuffix: string }[] = [
  { partition: "aws-cn", pattern: /^cn-/, dnsSuffix: "amazonaws.com.cn" },
  { partition: "aws-us-gov", pattern: /^us-gov-/, dnsSuffix: "amazonaws.com" },
  { partition: "aws-iso", pattern: /^us-iso-/, dnsSuffix: "c2s.ic.gov" },
  { partition: "aws-iso-b", pattern: /^us-isob-/, dnsSuffix: "sc2s.sgov.gov" },
  { partition: "aws-eusc", pattern: /^eusc-/, dnsSuffix: "amazonaws.eu" },
];

/** The partition of a region, e.g. `aws`, and the suffix of its hosts' names. */
export function partitionOf(region: string): { partition: string; dnsSuffix: string } {
  return PARTITIONS.find(({ pattern }) => pattern.test(region)) ?? { partition: "aws", dnsSuffix: "amazonaws.com" };
}

/** Names of regions as AWS shows them ("AWS Regions"). */
const DESCRIPTIONS: Readonly<Record<string, string>> = {
  "af-south-1": "Africa (Cape Town)",
  "ap-east-1": "Asia Pacific (Hong Kong)",
  "ap-northeast-1": "Asia Pacific (Tokyo)",
  "ap-northeast-2": "Asia Pacific (Seoul)",
  "ap-northeast-3": "Asia Pacific (Osaka)",
  "ap-south-1": "Asia Pacific (Mumbai)",
  "ap-south-2": "Asia Pacific (Hyderabad)",
  "ap-southeast-1": "Asia Pacific (Singapore)",
  "ap-southeast-2": "Asia Pacific (Sydney)",
  "ap-southeast-3": "Asia Pacific (Jakarta)",
  "ap-southeast-4": "Asia Pacific (Melbourne)",
  "ca-central-1": "Canada (Central)",
  "ca-west-1": "Canada West (Calgary)",
  "eu-central-1": "Europe (Frankfurt)",
  "eu-central-2": "Europe (Zurich)",
  "eu-north-1": "Europe (Stockholm)",
  "eu-south-1": "Europe (Milan)",
  "eu-south-2": "Europe (Spain)",
  "eu-west-1": "Europe (Ireland)",
  "eu-west-2": "Europe (London)",
  "eu-west-3": "Europe (Paris)",
  "il-central-1": "Israel (Tel Aviv)",
  "me-central-1": "Middle East (UAE)",
  "me-south-1": "Middle East (Bahrain)",
  "sa-east-1": "South America (Sao Paulo)",
  "us-east-1": "US East (N. Virginia)",
  "us-east-2": "US East (Ohio)",
  "us-west-1": "US West (N. California)",
  "us-west-2": "US West (Oregon)",
};

/** e.g. `Europe (Frankfurt)`; a region that is newer than this list is its own description. */
export function regionDescription(region: string): string {
  return DESCRIPTIONS[region] ?? region;
}
