// Credentials for containers, by URL, as the ECS agent gives them: a session of the container's role, renewed in time.
import { randomBytes, timingSafeEqual } from "node:crypto";
import type { CredentialBroker, SessionCredentials } from "./service.js";

/** A session is replaced when less than this is left of it; SDKs ask again some minutes before its end. */
const RENEW_BEFORE_MS = 15 * 60_000;

/** Opens a session of a role; rejects with AccessDenied. */
export type OpenSession = (input: {
  account: string;
  region: string;
  roleArn: string;
  sessionName: string;
  service: string;
}) => Promise<SessionCredentials>;

interface Grant {
  token: Buffer;
  roleArn: string;
  session: SessionCredentials;
  renew(): Promise<SessionCredentials>;
  /** Under way; requests that come together share it. */
  renewal?: Promise<unknown>;
}

/** Answer to a request for credentials, with the status that the container's SDK sees. */
export interface CredentialAnswer {
  status: number;
  body: Record<string, string>;
}

/** Keeps the grants and answers `GET /credentials/<id>`. */
export class Credentials implements CredentialBroker {
  readonly #grants = new Map<string, Grant>();

  /**
   * @param url gives the loopback URL of the compute plane, without a path
   * @param open opens a session
   * @param now the clock that sessions are measured by
   */
  constructor(
    private readonly url: () => string,
    private readonly open: OpenSession,
    private readonly now: () => Date,
  ) {}

  async grant(input: { account: string; region: string; roleArn: string; sessionName: string; service?: string }) {
    const renew = () => this.open({ ...input, service: input.service ?? "ecs-tasks.amazonaws.com" });
    const session = await renew();
    const id = randomBytes(12).toString("hex");
    const token = randomBytes(24).toString("hex");
    this.#grants.set(id, {
      token: Buffer.from(token),
      roleArn: input.roleArn,
      session,
      renew,
    });
    return { uri: `${this.url()}/credentials/${id}`, token };
  }

  revoke(uri: string): void {
    this.#grants.delete(uri.slice(uri.lastIndexOf("/") + 1));
  }

  /** The session of a grant, for whoever shows its token. */
  async answer(id: string, authorization: string): Promise<CredentialAnswer> {
    const grant = this.#grants.get(id);
    const given = Buffer.from(authorization);
    if (!grant || given.length !== grant.token.length || !timingSafeEqual(given, grant.token))
      return { status: 401, body: { code: "AccessDenied", message: "unknown credentials or wrong token" } };
    if (this.#left(grant) < RENEW_BEFORE_MS) {
      grant.renewal ??= grant
        .renew()
        .then((session) => {
          grant.session = session;
        })
        .finally(() => {
          grant.renewal = undefined;
        });
      try {
        await grant.renewal;
      } catch (error) {
        // What is left of the old one is still good.
        if (this.#left(grant) <= 0)
          return { status: 403, body: { code: "AccessDenied", message: (error as Error).message } };
      }
    }
    const { session } = grant;
    return {
      status: 200,
      body: {
        RoleArn: grant.roleArn,
        AccessKeyId: session.accessKeyId,
        SecretAccessKey: session.secretAccessKey,
        Token: session.sessionToken,
        Expiration: session.expiration.toISOString().replace(/\.\d+Z$/, "Z"),
      },
    };
  }

  #left({ session }: Grant): number {
    return session.expiration.getTime() - this.now().getTime();
  }
}
