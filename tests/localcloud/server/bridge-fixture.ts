// ministack with the bridge, in front of a compute plane whose Batch only records what reaches it.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import { computeContext } from "../../../localcloud/compute/context.js";
import { openComputePlane } from "../../../localcloud/compute/plane.js";
import type { ServiceRequest, ServiceResponse, TargetInvocation } from "../../../localcloud/compute/service.js";
import { launchMinistack } from "../../../localcloud/server/ministack.js";
import { projectPython } from "../../../localcloud/server/paths.js";

export interface BridgeFixture {
  endpoint: string;
  context: ReturnType<typeof computeContext>;
  token: string;
  requests: ServiceRequest[];
  invocations: TargetInvocation[];
  /** What an invocation of a target comes to; replaced by tests. */
  invoked(): Promise<void>;
  /** What the recording Batch answers; replaced by tests. */
  answer(request: ServiceRequest): ServiceResponse;
  /** A role of the account that the service may assume, with one inline policy. Returns its ARN. */
  role(account: string, service: string, statements: object[], condition?: object): Promise<string>;
  stop(): Promise<void>;
}

export async function bridgeFixture(): Promise<BridgeFixture> {
  const token = "fixture-token";
  const dataDir = mkdtempSync(join(tmpdir(), "crucible-bridge-"));
  const plane = await openComputePlane(token);
  const ministack = launchMinistack(projectPython(), 0, dataDir);
  const port = await ministack.configure({ services: ["batch"], computeUrl: plane.url, token });
  const endpoint = `http://127.0.0.1:${port}`;
  const context = computeContext({ endpoint, computeUrl: plane.url, token, dataDir }, () => {});
  let roles = 0;
  const fixture: BridgeFixture = {
    endpoint,
    context,
    token,
    requests: [],
    invocations: [],
    invoked: async () => {},
    answer: () => ({ status: 200, headers: { "content-type": "application/json" }, body: "{}" }),
    async role(account, service, statements, condition) {
      const iam = new IAMClient(context.clientConfig(account, "us-east-1"));
      roles += 1;
      const RoleName = `role-${roles}`;
      const trust = {
        Effect: "Allow",
        Principal: { Service: service },
        Action: "sts:AssumeRole",
        Condition: condition,
      };
      const created = await iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: policy([trust]) }));
      const document = { RoleName, PolicyName: "inline", PolicyDocument: policy(statements) };
      if (statements.length > 0) await iam.send(new PutRolePolicyCommand(document));
      return created.Role?.Arn ?? "";
    },
    async stop() {
      await ministack.stop();
      plane.close();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
  plane.attach({
    services: [
      {
        name: "batch",
        async handle(request) {
          fixture.requests.push(request);
          return fixture.answer(request);
        },
        async invokeTarget(invocation) {
          fixture.invocations.push(invocation);
          await fixture.invoked();
        },
        async close() {},
      },
    ],
    credentials: context.credentials,
  });
  return fixture;
}

export function policy(statements: object[]): string {
  return JSON.stringify({ Version: "2012-10-17", Statement: statements });
}
