import assert from "node:assert/strict";
import {
  awsEnvironment,
  clientSettings,
  processEnvironment,
  providerSettings,
  stackConfig,
} from "../../../automation/environments/settings.js";
import { aJournal } from "../support.js";

const ENDPOINT = "http://127.0.0.1:40123";
const HOST = {
  PATH: "/bin",
  AWS_PROFILE: "mine",
  AWS_ACCESS_KEY_ID: "AKIA",
  PULUMI_ACCESS_TOKEN: "pul-1",
  HOME: "/root",
};

describe("what an environment's processes are told", () => {
  it("configures the stack from the journal", () => {
    const settings = { sanders: { network: { natGateways: 0 } } };
    assert.deepEqual(stackConfig(aJournal({ settings })), {
      "aws:region": "eu-central-1",
      "crucible:environment": "dev",
      "crucible:units": ["sanders"],
      "crucible:suffix": "k3x9",
      "crucible:throwaway": true,
      "crucible:suffixAll": false,
      "crucible:sanders": { network: { natGateways: 0 } },
    });
  });

  it("gives every name its suffix in an account that is shared", () => {
    assert.equal(stackConfig(aJournal({ target: "aws" }))["crucible:suffixAll"], true);
    assert.equal(stackConfig(aJournal({ target: ENDPOINT }))["crucible:suffixAll"], true);
  });

  it("acts as the environment's account on the local cloud, whatever the host's own credentials are", () => {
    const journal = aJournal();
    assert.deepEqual(clientSettings(journal, ENDPOINT), {
      region: "eu-central-1",
      endpoint: ENDPOINT,
      credentials: { accessKeyId: "234567890123", secretAccessKey: "local" },
    });
    const variables = processEnvironment(journal, ENDPOINT, HOST);
    assert.equal(variables.AWS_ACCESS_KEY_ID, "234567890123");
    assert.equal(variables.AWS_ENDPOINT_URL, ENDPOINT);
    assert.equal(variables.AWS_PROFILE, undefined);
    assert.equal(variables.PULUMI_ACCESS_TOKEN, undefined);
    assert.equal(variables.HOME, "/root");
    assert.equal(variables.AWS_CONFIG_FILE, "/dev/null");
  });

  it("uses the host's credentials and the official provider on AWS", () => {
    const journal = aJournal({ target: "aws", account: null });
    assert.equal(providerSettings(journal, undefined), null);
    assert.deepEqual(clientSettings(journal, undefined), { region: "eu-central-1" });
    const variables = processEnvironment(journal, undefined, HOST);
    assert.equal(variables.AWS_PROFILE, "mine");
    assert.equal(variables.AWS_REGION, "eu-central-1");
    assert.equal(variables.PULUMI_ACCESS_TOKEN, undefined);
    assert.equal(awsEnvironment(journal, undefined).AWS_ENDPOINT_URL, undefined);
  });

  it("uses the host's credentials and our provider at any other endpoint", () => {
    const journal = aJournal({ target: ENDPOINT });
    assert.deepEqual(providerSettings(journal, ENDPOINT), { region: "eu-central-1", endpoint: ENDPOINT });
    assert.equal(awsEnvironment(journal, ENDPOINT).AWS_ENDPOINT_URL, ENDPOINT);
    assert.equal(processEnvironment(journal, ENDPOINT, HOST).AWS_ACCESS_KEY_ID, "AKIA");
  });
});
