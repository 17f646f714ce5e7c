// Sessions of the roles that state machines run with, as Step Functions assumes them.
import type { Clock } from "../../clock.js";
import type { ComputeContext, SessionCredentials } from "../../service.js";
import { sessionName } from "../../session-name.js";
import type { Sessions } from "../service/world.js";

/** A session is replaced when it has so long left. */
const RENEW_BEFORE_MS = 5 * 60_000;

/** Neither principal of the service may assume the role; the message is AWS's. */
export class RoleRefused extends Error {
  override readonly name = "AccessDeniedException";

  constructor(cause: unknown) {
    super(
      "Neither the global service principal states.amazonaws.com, nor the regional one is authorized to assume the provided role.",
      { cause },
    );
  }
}

/** The state machine's role may not assume a task's role, or that one does not trust it; the message is AWS's. */
export class TaskRoleRefused extends Error {
  override readonly name = "AccessDeniedException";

  constructor(own: string, role: string, cause: unknown) {
    super(`The role ${own} is not authorized to assume the task state's role, ${role}.`, { cause });
  }
}

/** Whom a session is for. */
interface SessionSubject {
  /** 12 digits. */
  account: string;
  region: string;
  /** What the trust policy's `aws:SourceArn` sees. */
  stateMachineArn: string;
  /** Names the session, which is seen in CloudTrail and in messages of refusal. */
  name: string;
}

/** Opens a session of `roleArn` for whom the role trusts: the global principal, or else the region's own. @throws RoleRefused */
async function assumeAsStates(
  context: Pick<ComputeContext, "assumeRole">,
  subject: SessionSubject,
  roleArn: string,
): Promise<SessionCredentials> {
  const { account, region, stateMachineArn } = subject;
  const input = { account, region, roleArn, sessionName: sessionName(subject.name), sourceArn: stateMachineArn };
  try {
    return await context.assumeRole({ ...input, service: "states.amazonaws.com" });
  } catch {
    try {
      return await context.assumeRole({ ...input, service: `states.${region}.amazonaws.com` });
    } catch (error) {
      throw new RoleRefused(error);
    }
  }
}

/**
 * A session of the role in a task's `Credentials`, assumed with the state machine's own session.
 * Source: "Accessing resources in other AWS accounts in Step Functions".
 *
 * @throws the error of STS when the state machine's role may not assume it, or it does not trust that role
 */
async function assumeWith(
  context: Pick<ComputeContext, "clientConfig">,
  own: SessionCredentials,
  subject: SessionSubject,
  roleArn: string,
): Promise<SessionCredentials> {
  const { STSClient, AssumeRoleCommand } = await import("@aws-sdk/client-sts");
  const client = new STSClient({ ...context.clientConfig(subject.account, subject.region), credentials: own });
  try {
    const { Credentials } = await client.send(
      new AssumeRoleCommand({ RoleArn: roleArn, RoleSessionName: sessionName(subject.name) }),
    );
    if (
      !Credentials?.AccessKeyId ||
      !Credentials.SecretAccessKey ||
      !Credentials.SessionToken ||
      !Credentials.Expiration
    )
      throw new Error(`STS gave no credentials for ${roleArn}`);
    return {
      accessKeyId: Credentials.AccessKeyId,
      secretAccessKey: Credentials.SecretAccessKey,
      sessionToken: Credentials.SessionToken,
      expiration: Credentials.Expiration,
    };
  } finally {
    client.destroy();
  }
}

/** Opens sessions and keeps them until they are about to expire. */
export function roleSessions(
  context: Pick<ComputeContext, "assumeRole" | "clientConfig" | "permits">,
  clock: Pick<Clock, "now">,
): Sessions {
  const known = new Map<string, { session: Promise<SessionCredentials>; expiresMs: number }>();
  const kept = (key: string, open: () => Promise<SessionCredentials>): Promise<SessionCredentials> => {
    const found = known.get(key);
    if (found && found.expiresMs - RENEW_BEFORE_MS > clock.now()) return found.session;
    const entry = { session: open(), expiresMs: Number.POSITIVE_INFINITY };
    known.set(key, entry);
    entry.session.then(
      ({ expiration }) => {
        entry.expiresMs = expiration.getTime();
      },
      () => known.delete(key),
    );
    return entry.session;
  };
  const sessions: Sessions = {
    of({ account, region }, stateMachineArn, roleArn, taskRoleArn) {
      const subject = { account, region, stateMachineArn, name: stateMachineArn.split(":")[6] ?? "" };
      const own = () => kept(`${stateMachineArn} ${roleArn}`, () => assumeAsStates(context, subject, roleArn));
      if (taskRoleArn === undefined) return own();
      return kept(`${stateMachineArn} ${roleArn} ${taskRoleArn}`, async () => {
        const session = await own();
        return assumeWith(context, session, subject, taskRoleArn).catch((error: unknown) => {
          throw (error as Error).name.startsWith("AccessDenied")
            ? new TaskRoleRefused(roleArn, taskRoleArn, error)
            : error;
        });
      });
    },
    async permit(place, stateMachineArn, roleArn, actions, resource) {
      const { account, region } = place;
      const { accessKeyId } = await sessions.of(place, stateMachineArn, roleArn);
      return context.permits({ account, region, accessKeyId, actions, resource });
    },
    forget(stateMachineArn) {
      for (const key of known.keys()) if (key.startsWith(`${stateMachineArn} `)) known.delete(key);
    },
  };
  return sessions;
}
