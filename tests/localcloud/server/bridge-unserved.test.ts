import assert from "node:assert/strict";
import { type BridgeFixture, bridgeFixture } from "./bridge-fixture.js";

/** A signed request; of the signature only the account, the region and the service are looked at. */
const signedFor = (service: string) =>
  `AWS4-HMAC-SHA256 Credential=111122223333/20260101/eu-central-1/${service}/aws4_request, SignedHeaders=host, Signature=0`;

describe("bridge: services of AWS that the local cloud does not serve", () => {
  let bridge: BridgeFixture;
  before(async function () {
    this.timeout(60_000);
    bridge = await bridgeFixture();
  });
  after(() => bridge.stop());
  const ask = (service: string, path: string, headers: Record<string, string>, body?: string) =>
    fetch(`${bridge.endpoint}${path}`, {
      ...(body === undefined ? {} : { method: "POST", body }),
      headers: { authorization: signedFor(service), ...headers },
    });

  it("are refused in JSON, with a code, a message and a request id", async () => {
    const answer = await ask("polly", "/v1/voices", {});
    assert.equal(answer.status, 400);
    assert.equal(answer.headers.get("x-amzn-errortype"), "UnknownService");
    assert.match(answer.headers.get("x-amzn-requestid") ?? "", /^[0-9a-f-]{36}$/);
    assert.deepEqual(await answer.json(), {
      __type: "UnknownService",
      message: "The local cloud does not serve polly",
    });
  });

  it("are refused in XML where they speak the query protocol", async () => {
    const form = { "content-type": "application/x-www-form-urlencoded" };
    const answer = await ask("cloudsearch", "/", form, "Action=DescribeDomains&Version=2013-01-01");
    assert.equal(answer.status, 400);
    const text = await answer.text();
    assert.match(text, /<Error><Type>Sender<\/Type><Code>UnknownService<\/Code>/);
    assert.match(text, /<Message>The local cloud does not serve cloudsearch<\/Message>/);
  });

  it("are told from names that are no service's, which are S3's as before", async () => {
    const answer = await ask("no-such-service", "/bucket-of-nobody", {});
    assert.match(await answer.text(), /<Code>(?:NoSuchBucket|AccessDenied)<\/Code>/);
  });
});
