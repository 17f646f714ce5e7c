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
