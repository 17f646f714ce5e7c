// Whether a role lets a Distributed Map start and redrive its child executions. Source: "IAM policies for using Distributed Map states".
import type { SFNClient } from "@aws-sdk/client-sfn";
import type { ComputeContext, SessionCredentials } from "../../service.js";
import type { ChildPermissions } from "../service/world.js";

/** A name that no execution can have. */
const NO_NAME = "*";

/**
 * Asks through the front door, as the session, so that IAM decides as it does for every request. The requests are such as the
 * service refuses once they are authorized: an execution of an invalid name, and a redrive of a child, which goes with its Map Run.
 *
 * @param credentials gives the session that every call is made with
 */
export function sessionPermissions(
  context: Pick<ComputeContext, "clientConfig">,
  account: string,
  region: string,
  credentials: () => Promise<SessionCredentials>,
): ChildPermissions {
  const ask = async (refusal: string, send: (client: SFNClient) => Promise<unknown>): Promise<void> => {
    const { SFNClient: Client } = await import("@aws-sdk/client-sfn");
    const client = new Client({ ...context.clientConfig(account, region), credentials: await credentials() });
    try {
      await send(client);
    } catch (error) {
      if ((error as Error).name !== refusal) throw error;
    } finally {
      client.destroy();
    }
  };
  return {
    async mayStart(stateMachineArn) {
      const { StartExecutionCommand } = await import("@aws-sdk/client-sfn");
      await ask("InvalidName", (client) => client.send(new StartExecutionCommand({ stateMachineArn, name: NO_NAME })));
    },
    async mayRedrive(executionArn) {
      const { RedriveExecutionCommand } = await import("@aws-sdk/client-sfn");
      await ask("ExecutionNotRedrivable", (client) => client.send(new RedriveExecutionCommand({ executionArn })));
    },
  };
}
