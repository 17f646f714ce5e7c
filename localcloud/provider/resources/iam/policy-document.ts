// aws:iam/getPolicyDocument:getPolicyDocument: policy JSON, letter for letter as the official provider writes it, so that a stack
// moved between the two sees no change. Asks nothing of AWS.
import { crc32 } from "node:zlib";
import { func } from "../../descriptor.js";
import { type Inputs, list, object, output, set, text } from "../../properties.js";
import {
  type Condition,
  type Document,
  mergeDocument,
  type Principal,
  parseDocument,
  renderDocument,
  type Statement,
} from "./document.js";

const principals = set(object({ type: text({ required: true }), identifiers: set(text(), { required: true }) }));

const statement = {
  sid: text(),
  effect: text({ default: "Allow", values: ["Allow", "Deny"] }),
  actions: set(text()),
  notActions: set(text()),
  resources: set(text()),
  notResources: set(text()),
  principals,
  notPrincipals: principals,
  conditions: list(
    object({
      test: text({ required: true }),
      variable: text({ required: true }),
      values: list(text(), { required: true }),
    }),
  ),
};

export const getPolicyDocument = func({
  token: "aws:iam/getPolicyDocument:getPolicyDocument",
  global: true,
  properties: {
    policyId: text(),
    version: text({ default: "2012-10-17", values: ["2008-10-17", "2012-10-17"] }),
    statements: list(object(statement)),
    sourcePolicyDocuments: list(text()),
    overridePolicyDocuments: list(text()),
    sourceJson: text(),
    overrideJson: text(),
    id: output(text()),
    json: output(text()),
    minifiedJson: output(text()),
  },

  async run(args) {
    const { sourceJson, overrideJson, sourcePolicyDocuments = [], overridePolicyDocuments = [] } = args;
    const merged: Document = { statements: [] };
    if (sourceJson) mergeDocument(merged, parseDocument(sourceJson, "sourceJson"));
    sourcePolicyDocuments.forEach((text, at) => {
      const source = parseDocument(text, `sourcePolicyDocuments[${at}]`);
      refuseRepeatedSids([...merged.statements, ...source.statements], `sourcePolicyDocuments[${at}]`);
      mergeDocument(merged, source);
    });
    const statements = (args.statements ?? []).map((each) => toStatement(each, args.version));
    refuseRepeatedSids(statements, "statements");
    mergeDocument(merged, { id: args.policyId, version: args.version, statements });
    overridePolicyDocuments.forEach((text, at) => {
      mergeDocument(merged, parseDocument(text, `overridePolicyDocuments[${at}]`));
    });
    if (overrideJson) mergeDocument(merged, parseDocument(overrideJson, "overrideJson"));
    const json = renderDocument(merged, 2);
    return { ...args, id: String(crc32(json)), json, minifiedJson: renderDocument(merged, 0) };
  },
});

function refuseRepeatedSids(statements: readonly Statement[], where: string): void {
  const sids = statements.map((each) => each.sid).filter(Boolean);
  const repeated = sids.find((sid, at) => sids.indexOf(sid) < at);
  if (repeated) throw new Error(`${where}: the Sid ${repeated} occurs twice; a Sid must be unique in a document`);
}

function toStatement(given: Inputs<typeof statement>, version: string): Statement {
  const values = (items: readonly string[] | undefined, what: string) =>
    items && items.length > 0 ? oneOrDescending(items.map((item) => replaceVariables(item, version, what))) : undefined;
  const toPrincipals = (items: Inputs<typeof statement>["principals"]): Principal[] =>
    (items ?? []).map(({ type, identifiers }) => ({ type, identifiers: values(identifiers, "identifiers") ?? [] }));
  const conditions: Condition[] = (given.conditions ?? []).map(({ test, variable, values: items }) => ({
    test,
    variable,
    values: items.map((item) => replaceVariables(item, version, "values")),
  }));
  return {
    sid: given.sid,
    effect: given.effect,
    action: values(given.actions, "actions"),
    notAction: values(given.notActions, "notActions"),
    resource: values(given.resources, "resources"),
    notResource: values(given.notResources, "notResources"),
    principals: toPrincipals(given.principals),
    notPrincipals: toPrincipals(given.notPrincipals),
    conditions,
  };
}

/** One value stands alone; several are in descending order. */
function oneOrDescending(items: readonly string[]): string | string[] {
  const [only, ...others] = items;
  return only !== undefined && others.length === 0 ? only : [...items].sort().reverse();
}

/** `&{aws:username}` is IAM's `${aws:username}`, which programs could not write in Terraform's language. */
function replaceVariables(item: string, version: string, what: string): string {
  if (!item.includes("&{")) return item;
  if (version !== "2012-10-17")
    throw new Error(`${what}: found &{ sequence in (${item}), which is not supported in document version ${version}`);
  return item.replaceAll("&{", "${");
}
