// How Step Functions spells members: for optimized integrations the API's own name with a capital; for `aws-sdk` the AWS SDK for Java 2's.

export const upperFirst = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1);

export const lowerFirst = (name: string): string => name.charAt(0).toLowerCase() + name.slice(1);

/**
 * The name as the AWS SDK for Java 2 makes it: words begin with a capital, acronyms and versions are words too.
 * `DBInstanceIdentifier` → `DbInstanceIdentifier`, `SSEKMSKeyId` → `SsekmsKeyId`, `CloudWatch Logs` → `CloudWatchLogs`.
 */
export function javaName(name: string): string {
  const words = name
    .replace(/[^A-Za-z0-9]+/g, " ")
    .replace(/([^a-z]{2,})v([0-9]+)/g, "$1 v$2 ")
    .replace(/([^A-Z]{2,})V([0-9]+)/g, "$1 V$2 ")
    .replace(/([a-z])(?=[A-Z][A-Za-z0-9])/g, "$1 ")
    .replace(/([A-Z]+)([A-Z][a-z])/g, "$1 $2")
    .replace(/([0-9])(?=[a-zA-Z])/g, "$1 ")
    .trim()
    .split(/ +/);
  return words.map((word) => upperFirst(word.toLowerCase())).join("");
}

/** A member's name: one would hide a method that every object of Java has. Source: "Learning to use AWS service SDK integrations", API naming conventions. */
export const javaMember = (name: string): string => (/^equals$/i.test(name) ? "EqualsValue" : javaName(name));

/** A service's name as the AWS SDK for Java 2 makes it of the service's own, e.g. `DatabaseMigration`; in small letters, resources have it. */
export const serviceName = (serviceId: string): string =>
  javaName(serviceId)
    .replace(/^(?:Amazon|Aws)(?=.)/, "")
    .replace(/(?<=.)Service$/, "");

/** The class of an error in Java: it always ends in `Exception`. */
export const exceptionName = (name: string): string => (name.endsWith("Exception") ? name : `${name}Exception`);

/** The same for the AWS SDK for Java 2, which respells the name and drops `Fault`. */
export const javaExceptionName = (name: string): string => exceptionName(javaName(name.replace(/Fault$/, "")));
