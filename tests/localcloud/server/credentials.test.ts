import assert from "node:assert/strict";
import { Credentials } from "../../../localcloud/compute/credentials.js";
import { openComputePlane } from "../../../localcloud/compute/plane.js";
import { postJson } from "../../../localcloud/server/request.js";

const MINUTE_MS = 60_000;
const role = { account: "111122223333", region: "eu-central-1", roleArn: "arn:aws:iam::111122223333:role/job" };

/** A broker whose sessions last an hour, with a clock that tests set. */
function broker() {
  const state = { now: 0, opened: [] as string[], refuse: false };
  const credentials = new Credentials(
    () => "http://127.0.0.1:1",
    async ({ service, sessionName }) => {
      if (state.refuse) throw new Error("the role is gone");
      state.opened.push(`${service} ${sessionName}`);
      const number = state.opened.length;
      const expiration = new Date(state.now + 60 * MINUTE_MS);
      return { accessKeyId: `key-${number}`, secretAccessKey: "s", sessionToken: "t", expiration };
    },
    () => new Date(state.now),
  );
  const ask = async ({ uri, token }: { uri: string; token: string }) =>
    credentials.answer(uri.slice(uri.lastIndexOf("/") + 1), token);
  return { state, credentials, ask };
}

describe("credentials of a container", () => {
  it("are a session of its role for ECS tasks, in the shape that SDKs expect", async () => {
    const { credentials, state, ask } = broker();
    const grant = await credentials.grant({ ...role, sessionName: "job-1" });
    assert.deepEqual(state.opened, ["ecs-tasks.amazonaws.com job-1"]);
    assert.match(grant.uri, /^http:\/\/127\.0\.0\.1:1\/credentials\/[0-9a-f]{24}$/);
    assert.deepEqual(await ask(grant), {
      status: 200,
      body: {
        RoleArn: role.roleArn,
        AccessKeyId: "key-1",
        SecretAccessKey: "s",
        Token: "t",
        Expiration: "1970-01-01T01:00:00Z",
      },
    });
  });

  it("are for whoever has the token, and for nobody after they are revoked", async () => {
    const { credentials, ask } = broker();
    const grant = await credentials.grant({ ...role, sessionName: "a" });
    const other = await credentials.grant({ ...role, sessionName: "b" });
    assert.equal((await ask({ ...grant, token: other.token })).status, 401);
    assert.equal((await ask({ ...grant, token: "" })).status, 401);
    credentials.revoke(grant.uri);
    assert.equal((await ask(grant)).status, 401);
    assert.equal((await ask(other)).status, 200);
  });

  it("are renewed before they end, once for all who ask at the same time", async () => {
    const { credentials, state, ask } = broker();
    const grant = await credentials.grant({ ...role, sessionName: "long" });
    state.now = 44 * MINUTE_MS;
    assert.equal((await ask(grant)).body.AccessKeyId, "key-1");
    state.now = 46 * MINUTE_MS;
    const answers = await Promise.all([ask(grant), ask(grant), ask(grant)]);
    assert.deepEqual(
      answers.map((answer) => answer.body.AccessKeyId),
      ["key-2", "key-2", "key-2"],
    );
    assert.equal(state.opened.length, 2);
  });

  it("last to their end when the role can no longer be assumed, say so then, and come back when it can", async () => {
    const { credentials, state, ask } = broker();
    const grant = await credentials.grant({ ...role, sessionName: "a" });
    state.now = 50 * MINUTE_MS;
    state.refuse = true;
    assert.equal((await ask(grant)).body.AccessKeyId, "key-1");
    state.now = 60 * MINUTE_MS;
    assert.deepEqual(await ask(grant), { status: 403, body: { code: "AccessDenied", message: "the role is gone" } });
    state.refuse = false;
    assert.equal((await ask(grant)).body.AccessKeyId, "key-2");
  });

  it("fail the grant when the role does not trust ECS", async () => {
    const { credentials, state } = broker();
    state.refuse = true;
    await assert.rejects(credentials.grant({ ...role, sessionName: "a" }), { message: "the role is gone" });
  });
});

describe("the compute plane's host", () => {
  it("answers nobody without the token, and waits for its services", async () => {
    const plane = await openComputePlane("right");
    try {
      const message = {
        ...{ account: role.account, region: role.region, principalArn: "p", requestId: "1" },
        ...{ method: "POST", path: "/v1/x", query: "a=1&a=2", headers: {}, body: Buffer.from("in").toString("base64") },
      };
      const early = postJson(`${plane.url}/service/echo`, "right", message);
      const { credentials } = broker();
      const handle = async (request: { query: URLSearchParams; body: Buffer }) => ({
        status: 201,
        headers: { "x-a": request.query.getAll("a").join() },
        body: request.body,
      });
      plane.attach({ services: [{ name: "echo", handle, async close() {} }], credentials });
      assert.deepEqual(await early, { status: 201, headers: { "x-a": "1,2" }, body: message.body });
      await assert.rejects(postJson(`${plane.url}/service/echo`, "wrong", message), { status: 403 });
      await assert.rejects(postJson(`${plane.url}/service/none`, "right", message), { status: 404 });
      await assert.rejects(postJson(`${plane.url}/service/echo`, "right", {}), { status: 400 });
      await assert.rejects(postJson(`${plane.url}/elsewhere`, "right", {}), { status: 404 });
    } finally {
      plane.close();
    }
  });
});
