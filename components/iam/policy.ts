// IAM policies as typed statements, rendered with one key order, so that a difference in a preview is a difference in meaning.
import * as pulumi from "@pulumi/pulumi";

/** Who a resource's or a role's policy speaks of. */
export type Principal = { service: string | readonly string[] } | { aws: string | readonly string[] } | "*";

/** Operator → condition key → value, e.g. `{ StringEquals: { "aws:SourceAccount": "123456789012" } }`. */
export type Conditions = Record<string, Record<string, pulumi.Input<string> | pulumi.Input<string>[]>>;

export interface Statement {
  /** Says what the statement is for; letters and digits only. */
  sid?: string;
  /** @default "Allow" */
  effect?: "Allow" | "Deny";
  /** Whole names, e.g. `s3:GetObject`; a wildcard is what `lintPolicy` complains of. */
  actions: readonly string[];
  /** ARNs. Absent in a trust policy. */
  resources?: readonly pulumi.Input<string>[];
  /** Absent in an identity's policy. */
  principal?: Principal;
  conditions?: Conditions;
}

/** A policy as IAM reads it ("IAM JSON policy elements reference"). */
export interface PolicyDocument {
  Version: "2012-10-17";
  Statement: {
    Sid?: string;
    Effect: "Allow" | "Deny";
    Principal?: unknown;
    Action: string | string[];
    Resource?: string | string[];
    Condition?: Record<string, Record<string, string | string[]>>;
  }[];
}

/** The policy as JSON text: actions sorted, single values as IAM itself writes them back. */
export function policyDocument(statements: readonly Statement[]): pulumi.Output<string> {
  return pulumi
    .output(statements as pulumi.Input<Statement[]>)
    .apply((known) => JSON.stringify(renderPolicy(known as unknown as Statement[])));
}

/** A role's trust policy: `service` may assume it, on behalf of `account` only where the service says for whom it acts. */
export function trustPolicy(service: string, account?: pulumi.Input<string>): pulumi.Output<string> {
  return policyDocument([
    {
      actions: ["sts:AssumeRole"],
      principal: { service },
      ...(account !== undefined && { conditions: { StringEquals: { "aws:SourceAccount": account } } }),
    },
  ]);
}

/** Statements whose values are known as a document. */
export function renderPolicy(statements: readonly Statement[]): PolicyDocument {
  return {
    Version: "2012-10-17",
    Statement: statements.map((statement) => ({
      ...(statement.sid !== undefined && { Sid: statement.sid }),
      Effect: statement.effect ?? "Allow",
      ...(statement.principal !== undefined && { Principal: renderPrincipal(statement.principal) }),
      Action: single([...statement.actions].sort()),
      ...(statement.resources !== undefined && { Resource: single(statement.resources as string[]) }),
      ...(statement.conditions !== undefined && {
        Condition: statement.conditions as Record<string, Record<string, string | string[]>>,
      }),
    })),
  };
}

function renderPrincipal(principal: Principal): unknown {
  if (principal === "*") return "*";
  return "service" in principal
    ? { Service: single([principal.service].flat()) }
    : { AWS: single([principal.aws].flat()) };
}

function single(values: readonly string[]): string | string[] {
  return values.length === 1 ? (values[0] as string) : [...values];
}
