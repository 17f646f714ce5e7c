// What a service of the compute plane is: the one interface behind which Batch, Step Functions, ECS, Glue and EMR stand.

/** A request that ministack authenticated and authorized, forwarded by the bridge. */
export interface ServiceRequest {
  /** 12 digits. */
  account: string;
  region: string;
  /** ARN of the caller (root, user or assumed role). */
  principalArn: string;
  requestId: string;
  method: string;
  path: string;
  query: URLSearchParams;
  /** Names in lower case. */
  headers: Record<string, string>;
  body: Buffer;
}

export interface ServiceResponse {
  status: number;
  headers?: Record<string, string>;
  body: string | Buffer;
}

/** One invocation of a target by EventBridge (a rule) or EventBridge Scheduler (a schedule). */
export interface TargetInvocation {
  account: string;
  region: string;
  /** ARN of the target (a job queue, a state machine, …). */
  arn: string;
  roleArn?: string;
  /** What the target receives after InputPath / Input / InputTransformer, as JSON text. */
  input: string;
  /** The target as it was put, with its BatchParameters, EcsParameters, … */
  target: Record<string, unknown>;
  /** ARN of the rule or schedule. */
  source: string;
}

export interface ComputeService {
  /** ministack's name of the service, e.g. `batch`, `states`. */
  readonly name: string;
  handle(request: ServiceRequest): Promise<ServiceResponse>;
  /** Delivers a target invocation; only services that can be targets have it. */
  invokeTarget?(invocation: TargetInvocation): Promise<void>;
  /** Ends everything the service runs; resolves when no process of it is left. */
  close(): Promise<void>;
}

/** Credentials of a session, as STS hands them out. */
export interface SessionCredentials {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken: string;
  expiration: Date;
}

/** An event that a service of AWS puts on the default bus. */
export interface ServiceEvent {
  /** e.g. `aws.batch`. */
  source: string;
  /** e.g. `Batch Job State Change`. */
  detailType: string;
  detail: unknown;
  resources: string[];
}

/** Hands a container its role's session by URL, the way ECS does: the compute plane serves `/credentials/<id>` and renews the session. */
export interface CredentialBroker {
  /**
   * Opens a session of `roleArn` as `service` and serves it until it is revoked. The values belong into
   * the container's `AWS_CONTAINER_CREDENTIALS_FULL_URI` and `AWS_CONTAINER_AUTHORIZATION_TOKEN`.
   * Rejects with AccessDenied when the role's trust policy does not allow the service.
   */
  grant(input: {
    account: string;
    region: string;
    roleArn: string;
    sessionName: string;
    /** @default ecs-tasks.amazonaws.com */
    service?: string;
  }): Promise<{ uri: string; token: string }>;
  /** Ends what `grant` opened; an unknown URI is ignored. */
  revoke(uri: string): void;
}

/** What the compute plane gives its services: the rest of the cloud, the clock and the machine, passed in so that tests replace them. */
export interface ComputeContext {
  /** Endpoint of the local cloud, e.g. `http://127.0.0.1:4566`. */
  readonly endpoint: string;
  /** Loopback URL of the compute plane itself, e.g. `http://127.0.0.1:40123`. */
  readonly computeUrl: string;
  /** Folder of the cloud's data; a service keeps its own below it. */
  readonly dataDir: string;
  /** AWS SDK configuration that acts as the account's root, for a service's own calls. */
  clientConfig(
    account: string,
    region: string,
  ): {
    endpoint: string;
    region: string;
    credentials: { accessKeyId: string; secretAccessKey: string };
  };
  /** Puts an event on the account's default bus. Resolves when every matching rule's target has been handed its event. */
  putEvent(account: string, region: string, event: ServiceEvent): Promise<void>;
  /** A session of `roleArn` for the service principal `service` (e.g. `ecs-tasks.amazonaws.com`). Rejects with AccessDenied. */
  assumeRole(input: {
    account: string;
    region: string;
    roleArn: string;
    sessionName: string;
    service: string;
    durationSeconds?: number;
    /** What the service acts for, as `aws:SourceArn` of the trust policy's conditions sees it. */
    sourceArn?: string;
  }): Promise<SessionCredentials>;
  /** Whether a session may do all of these actions on the resource, as if it asked for them. */
  permits(input: {
    account: string;
    region: string;
    /** Of the session. */
    accessKeyId: string;
    /** IAM's names, e.g. `events:PutRule`. */
    actions: readonly string[];
    resource: string;
  }): Promise<boolean>;
  /** Delivers role sessions to containers. */
  readonly credentials: CredentialBroker;
  now(): Date;
  log(message: string): void;
}
