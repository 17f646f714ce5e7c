// Values of a container's secrets: Secrets Manager and Parameter Store, read with the execution role as ECS does.
import type { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import type { Scope } from "../scope.js";
import type { ComputeContext } from "../service.js";

/** What `valueFrom` names: "Specifying sensitive data", Amazon ECS Developer Guide. */
export type SecretReference =
  | {
      readonly service: "secretsmanager";
      readonly region: string;
      readonly secretId: string;
      readonly jsonKey?: string;
      readonly versionStage?: string;
      readonly versionId?: string;
    }
  | { readonly service: "ssm"; readonly region: string; readonly name: string };

/**
 * Parses `valueFrom`: a secret's ARN, optionally followed by `:json-key:version-stage:version-id` (each may be empty), or a
 * parameter's ARN or name.
 */
export function parseSecretReference(valueFrom: string, defaultRegion: string): SecretReference {
  const parts = valueFrom.split(":");
  const [, , service, region = defaultRegion] = parts;
  if (parts[0] !== "arn") return { service: "ssm", region: defaultRegion, name: valueFrom };
  if (service !== "secretsmanager") return { service: "ssm", region, name: valueFrom };
  const [jsonKey, versionStage, versionId] = parts.slice(7).map((part) => part || undefined);
  return { service, region, secretId: parts.slice(0, 7).join(":"), jsonKey, versionStage, versionId };
}

export interface SecretRequest extends Scope {
  /** ARN; a container on EC2 may have none and then reads with the rights of its host. */
  readonly executionRoleArn?: string;
  readonly secrets: readonly { readonly name?: string; readonly valueFrom?: string }[];
  readonly sessionName: string;
}

/** Reads secrets; rejects with an error whose message is AWS's reason for a task that does not start. */
export type SecretReader = (request: SecretRequest) => Promise<Record<string, string>>;

export function secretReader(context: Pick<ComputeContext, "assumeRole" | "clientConfig">): SecretReader {
  return async ({ account, region, executionRoleArn, secrets, sessionName }) => {
    if (secrets.length === 0) return {};
    const config = context.clientConfig(account, region);
    const credentials = executionRoleArn
      ? await context.assumeRole({
          account,
          region,
          roleArn: executionRoleArn,
          sessionName,
          service: "ecs-tasks.amazonaws.com",
        })
      : config.credentials;
    const values = await Promise.all(
      secrets.map(async ({ name = "", valueFrom = "" }) => {
        const reference = parseSecretReference(valueFrom, region);
        return [name, await read(reference, { ...config, region: reference.region, credentials }, valueFrom)] as const;
      }),
    );
    return Object.fromEntries(values);
  };
}

type ClientConfig = ConstructorParameters<typeof SecretsManagerClient>[0] & object;

async function read(reference: SecretReference, config: ClientConfig, valueFrom: string): Promise<string> {
  // Few containers have secrets; the clients are not worth loading before one does.
  if (reference.service === "ssm") {
    const { GetParameterCommand, SSMClient } = await import("@aws-sdk/client-ssm");
    const client = new SSMClient(config as ConstructorParameters<typeof SSMClient>[0] & object);
    const found = await explained(
      client.send(new GetParameterCommand({ Name: reference.name, WithDecryption: true })),
      `unable to retrieve secrets from ssm: service call has been retried 1 time(s)`,
    );
    return found.Parameter?.Value ?? "";
  }
  const { GetSecretValueCommand, SecretsManagerClient } = await import("@aws-sdk/client-secrets-manager");
  const found = await explained(
    new SecretsManagerClient(config).send(
      new GetSecretValueCommand({
        SecretId: reference.secretId,
        VersionStage: reference.versionStage,
        VersionId: reference.versionId,
      }),
    ),
    `unable to retrieve secret from asm: service call has been retried 1 time(s): failed to fetch secret ${reference.secretId} from secrets manager`,
  );
  const text = found.SecretString ?? Buffer.from(found.SecretBinary ?? []).toString();
  if (reference.jsonKey === undefined) return text;
  const value = jsonMember(text, reference.jsonKey);
  if (value !== undefined) return value;
  throw new Error(
    `${PREFIX}: invalid secret: retrieved secret from Secrets Manager did not contain json key ${reference.jsonKey} (${valueFrom})`,
  );
}

const PREFIX =
  "ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed";

async function explained<T>(call: Promise<T>, attempt: string): Promise<T> {
  try {
    return await call;
  } catch (error) {
    const { name, message } = error as Error;
    throw new Error(`${PREFIX}: ${attempt}: ${name}: ${message}`, { cause: error });
  }
}

function jsonMember(text: string, key: string): string | undefined {
  try {
    const value = (JSON.parse(text) as Record<string, unknown>)[key];
    if (value === undefined) return undefined;
    return typeof value === "string" ? value : JSON.stringify(value);
  } catch {
    return undefined;
  }
}
