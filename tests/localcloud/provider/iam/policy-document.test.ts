import assert from "node:assert/strict";
import { checkInputs } from "../../../../localcloud/provider/check.js";
import type { Context } from "../../../../localcloud/provider/descriptor.js";
import { invoke } from "../../../../localcloud/provider/operations.js";
import {
  mergeDocument,
  parseDocument,
  renderDocument,
} from "../../../../localcloud/provider/resources/iam/document.js";
import { getPolicyDocument } from "../../../../localcloud/provider/resources/iam/policy-document.js";

async function documentOf(args: Record<string, unknown>): Promise<{ json: string; minifiedJson: string }> {
  assert.deepEqual(checkInputs(getPolicyDocument.properties, args).failures, []);
  const result = await invoke(getPolicyDocument, {} as Context, { values: args, secrets: new Set() });
  return result as { json: string; minifiedJson: string };
}

describe("provider: getPolicyDocument", () => {
  it("writes a document letter for letter as the official provider does", async () => {
    const { json, minifiedJson } = await documentOf({
      statements: [
        {
          sid: "Read",
          actions: ["s3:GetObject", "s3:ListBucket"],
          resources: ["arn:aws:s3:::a/&{aws:username}/*"],
          conditions: [{ test: "StringLike", variable: "s3:prefix", values: ["b/*", "a/*"] }],
        },
        { effect: "Deny", notActions: ["iam:*"], resources: ["*"], principals: [{ type: "AWS", identifiers: ["*"] }] },
        {
          actions: ["sts:AssumeRole"],
          principals: [{ type: "Service", identifiers: ["batch.amazonaws.com", "ecs-tasks.amazonaws.com"] }],
        },
      ],
    });
    assert.equal(
      json,
      `{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "Read",
      "Effect": "Allow",
      "Action": [
        "s3:ListBucket",
        "s3:GetObject"
      ],
      "Resource": "arn:aws:s3:::a/\${aws:username}/*",
      "Condition": {
        "StringLike": {
          "s3:prefix": [
            "b/*",
            "a/*"
          ]
        }
      }
    },
    {
      "Effect": "Deny",
      "NotAction": "iam:*",
      "Resource": "*",
      "Principal": {
        "AWS": "*"
      }
    },
    {
      "Effect": "Allow",
      "Action": "sts:AssumeRole",
      "Principal": {
        "Service": [
          "ecs-tasks.amazonaws.com",
          "batch.amazonaws.com"
        ]
      }
    }
  ]
}`,
    );
    assert.equal(minifiedJson, JSON.stringify(JSON.parse(json)));
  });

  it("lets statements replace those of source documents with the same Sid, and overrides both", async () => {
    const source = (sid: string, action: string) =>
      JSON.stringify({
        Version: "2012-10-17",
        Statement: [{ Sid: sid, Effect: "Allow", Action: action, Resource: "*" }],
      });
    const { json } = await documentOf({
      sourcePolicyDocuments: [source("A", "s3:a"), source("B", "s3:b")],
      statements: [{ sid: "B", actions: ["s3:own"], resources: ["*"] }],
      overridePolicyDocuments: [source("A", "s3:override"), source("C", "s3:c")],
    });
    const actions = JSON.parse(json).Statement.map(
      (each: { Sid: string; Action: string }) => `${each.Sid} ${each.Action}`,
    );
    assert.deepEqual(actions, ["A s3:override", "B s3:own", "C s3:c"]);
  });

  it("refuses a Sid that occurs twice, and JSON that is none", async () => {
    const twice = { sid: "A", actions: ["s3:*"], resources: ["*"] };
    await assert.rejects(documentOf({ statements: [twice, twice] }), /the Sid A occurs twice/);
    await assert.rejects(documentOf({ sourcePolicyDocuments: ["{"] }), /sourcePolicyDocuments\[0\] is not valid JSON/);
  });

  it("escapes what Go's encoder escapes, and writes anyone as *", () => {
    const document = parseDocument('{"Statement":{"Sid":"a<b&c","Effect":"Allow","Principal":"*"}}', "test");
    mergeDocument(document, { id: "x", statements: [] });
    assert.equal(
      renderDocument(document, 0),
      '{"Id":"x","Statement":[{"Sid":"a\\u003cb\\u0026c","Effect":"Allow","Principal":"*"}]}',
    );
  });
});
