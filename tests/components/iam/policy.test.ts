import assert from "node:assert/strict";
import { lintPolicy } from "../../../components/iam/lint.js";
import { renderPolicy, type Statement } from "../../../components/iam/policy.js";

const lint = (statement: Statement) => lintPolicy(renderPolicy([statement]));
const bucket = "arn:aws:s3:::lake";

describe("Policies", () => {
  it("are rendered with one order of keys and actions, so that the same policy is the same text", () => {
    const text = (actions: string[]) =>
      JSON.stringify(
        renderPolicy([{ resources: [bucket], actions, sid: "Read", principal: { service: "a.amazonaws.com" } }]),
      );
    assert.equal(text(["s3:PutObject", "s3:GetObject"]), text(["s3:GetObject", "s3:PutObject"]));
    assert.equal(
      text(["s3:GetObject"]),
      '{"Version":"2012-10-17","Statement":[{"Sid":"Read","Effect":"Allow","Principal":{"Service":"a.amazonaws.com"},"Action":"s3:GetObject","Resource":"arn:aws:s3:::lake"}]}',
    );
  });

  it("are found too wide by wildcard actions", () => {
    assert.deepEqual(lint({ sid: "All", actions: ["s3:*"], resources: [bucket] }), ["All: s3:* is a wildcard action"]);
    assert.deepEqual(lint({ actions: ["s3:Get*"], resources: [bucket] }), [
      "statement 1: s3:Get* is a wildcard action",
    ]);
  });

  it("are found too wide by resources that could be named", () => {
    const [finding] = lint({ actions: ["dynamodb:PutItem"], resources: ["*"] });
    assert.match(finding ?? "", /dynamodb:PutItem on \*, though it can be limited to resources/);
    assert.equal(lint({ actions: ["sqs:SendMessage"], resources: ["arn:aws:sqs:*:*:queue"] }).length, 1);
    assert.deepEqual(lint({ actions: ["batch:TerminateJob"], resources: ["arn:aws:batch:eu-central-1:1:job/*"] }), []);
  });

  it("may say * where an action has no resources, but not in company of one that has", () => {
    assert.deepEqual(lint({ actions: ["ecr:GetAuthorizationToken"], resources: ["*"] }), []);
    const [finding] = lint({ actions: ["ecr:GetAuthorizationToken", "ecr:BatchGetImage"], resources: ["*"] });
    assert.match(finding ?? "", /^statement 1: ecr:BatchGetImage/);
  });

  it("are found open to everyone, but may refuse everyone everything", () => {
    assert.deepEqual(lint({ actions: ["s3:GetObject"], resources: [bucket], principal: "*" }), [
      "statement 1: allows everyone, without a condition",
    ]);
    assert.deepEqual(lint({ effect: "Deny", actions: ["s3:*"], resources: ["*"], principal: "*" }), []);
  });

  it("are found to exclude instead of naming", () => {
    const document = { Version: "2012-10-17", Statement: [{ Effect: "Allow", NotAction: "iam:*", Resource: bucket }] };
    assert.deepEqual(lintPolicy(document as never), ["statement 1: NotAction allows everything but what it names"]);
  });
});
