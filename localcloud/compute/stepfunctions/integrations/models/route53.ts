// Route 53 answers with ids that begin with a part of a path, which its requests do not take. The AWS SDK for Java 2 cuts that off
// (`Route53IdInterceptor`), so that tasks can pass an id on.

const OPERATIONS: ReadonlySet<string> = new Set([
  "ChangeResourceRecordSets",
  "CreateHealthCheck",
  "CreateHostedZone",
  "CreateReusableDelegationSet",
  "DeleteHostedZone",
  "GetChange",
  "GetHealthCheck",
  "GetHostedZone",
  "GetReusableDelegationSet",
  "ListHealthChecks",
  "ListHostedZones",
  "ListResourceRecordSets",
  "ListReusableDelegationSets",
]);
const IDS: ReadonlySet<string> = new Set(["HealthCheckId", "HostedZoneId", "Id", "SetIdentifier"]);

/** An operation's output with ids like `Z1D633PJN98FT9` for `/hostedzone/Z1D633PJN98FT9`. */
export const withPlainIds = <Output>(operation: string, output: Output): Output =>
  OPERATIONS.has(operation) ? (plain(output) as Output) : output;

function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [
      name,
      IDS.has(name) && typeof member === "string" ? member.slice(member.lastIndexOf("/") + 1) : plain(member),
    ]),
  );
}
