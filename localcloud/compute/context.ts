// The ComputeContext of a running cloud: what services of the compute plane reach the rest of the cloud through.
import { z } from "zod";
import { postJson } from "../server/request.js";
import { Credentials } from "./credentials.js";
import type { ComputeContext, SessionCredentials } from "./service.js";

const Session = z.object({
  accessKeyId: z.string(),
  secretAccessKey: z.string(),
  sessionToken: z.string(),
  expiration: z.coerce.date(),
});

const Permission = z.object({ permitted: z.boolean() });

/** Where the cloud is, and the secret that its processes share. */
export interface CloudAddress {
  endpoint: string;
  computeUrl: string;
  token: string;
  dataDir: string;
}

/**
 * The context of a cloud at `address`.
 *
 * @param log takes one line for the cloud's log
 */
export function computeContext(
  address: CloudAddress,
  log: (message: string) => void,
): ComputeContext & { credentials: Credentials } {
  const control = (operation: string, message: unknown) =>
    postJson(`${address.endpoint}/_crucible/${operation}`, address.token, message);
  const assumeRole: ComputeContext["assumeRole"] = async (input): Promise<SessionCredentials> =>
    Session.parse(await control("session", input));
  const now = () => new Date();
  return {
    endpoint: address.endpoint,
    computeUrl: address.computeUrl,
    dataDir: address.dataDir,
    clientConfig: (account, region) => ({
      endpoint: address.endpoint,
      region,
      // Twelve digits as access key are that account's root, whatever the secret.
      credentials: { accessKeyId: account, secretAccessKey: "local" },
    }),
    async putEvent(account, region, event) {
      const entry = {
        Source: event.source,
        DetailType: event.detailType,
        Detail: JSON.stringify(event.detail),
        Resources: event.resources,
      };
      await control("events", { account, region, entries: [entry] });
    },
    assumeRole,
    permits: async (input) => Permission.parse(await control("permits", input)).permitted,
    credentials: new Credentials(() => address.computeUrl, assumeRole, now),
    now,
    log,
  };
}
