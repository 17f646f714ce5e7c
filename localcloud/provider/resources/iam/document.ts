// A policy document in parts: parsed from JSON, merged by Sid, and written as Go's encoder writes it (fixed order of elements, sorted
// keys, escaped angle brackets), which is how the official provider does.
import { isRecord } from "../../wire.js";

export interface Document {
  id?: string;
  version?: string;
  statements: Statement[];
}

export interface Statement {
  sid?: string;
  effect?: string;
  action?: unknown;
  notAction?: unknown;
  resource?: unknown;
  notResource?: unknown;
  principals: Principal[];
  notPrincipals: Principal[];
  conditions: Condition[];
}

export interface Principal {
  type: string;
  identifiers: string | string[];
}

export interface Condition {
  test: string;
  variable: string;
  values: string[];
}

/** @throws when the text is not a policy document; `where` names it. */
export function parseDocument(text: string, where: string): Document {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    throw new Error(`${where} is not valid JSON`, { cause: error });
  }
  if (!isRecord(parsed)) throw new Error(`${where} is not a policy document`);
  const { Statement: statement = [] } = parsed;
  const statements = Array.isArray(statement) ? statement : [statement];
  return {
    id: textOf(parsed.Id),
    version: textOf(parsed.Version),
    statements: statements.map((each) => parseStatement(each, where)),
  };
}

function parseStatement(given: unknown, where: string): Statement {
  if (!isRecord(given)) throw new Error(`${where} has a statement that is not an object`);
  return {
    sid: textOf(given.Sid),
    effect: textOf(given.Effect),
    action: given.Action,
    notAction: given.NotAction,
    resource: given.Resource,
    notResource: given.NotResource,
    principals: parsePrincipals(given.Principal),
    notPrincipals: parsePrincipals(given.NotPrincipal),
    conditions: parseConditions(given.Condition),
  };
}

function parsePrincipals(given: unknown): Principal[] {
  if (typeof given === "string") return [{ type: "*", identifiers: ["*"] }];
  if (!isRecord(given)) return [];
  return Object.entries(given).map(([type, ids]) => ({
    type,
    identifiers: Array.isArray(ids) ? ids.map(String) : String(ids),
  }));
}

function parseConditions(given: unknown): Condition[] {
  if (!isRecord(given)) return [];
  return Object.entries(given).flatMap(([test, keys]) =>
    Object.entries(isRecord(keys) ? keys : {}).map(([variable, values]) => ({
      test,
      variable,
      values: (Array.isArray(values) ? values : [values]).map(String),
    })),
  );
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** Adds `other` to `document`: its id holds, the newer version holds, a statement replaces the one of the same Sid. */
export function mergeDocument(document: Document, other: Document): void {
  if (other.id) document.id = other.id;
  if ((other.version ?? "") > (document.version ?? "")) document.version = other.version;
  for (const statement of other.statements) {
    const at = statement.sid ? document.statements.findIndex((each) => each.sid === statement.sid) : -1;
    if (at >= 0) document.statements[at] = statement;
    else document.statements.push(statement);
  }
}

/** The JSON text; `indent` 0 is the minified form. */
export function renderDocument({ version, id, statements }: Document, indent: number): string {
  const text = JSON.stringify(
    { Version: version, Id: id, Statement: statements.map(renderStatement) },
    undefined,
    indent,
  );
  return text.replace(/[<>&\u2028\u2029]/g, (mark) => `\\u${mark.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

function renderStatement(statement: Statement) {
  const { principals, notPrincipals, conditions } = statement;
  return {
    Sid: statement.sid || undefined,
    Effect: statement.effect,
    Action: statement.action,
    NotAction: statement.notAction,
    Resource: statement.resource,
    NotResource: statement.notResource,
    Principal: principals.length > 0 ? renderPrincipals(principals) : undefined,
    NotPrincipal: notPrincipals.length > 0 ? renderPrincipals(notPrincipals) : undefined,
    Condition: conditions.length > 0 ? renderConditions(conditions) : undefined,
  };
}

/** Only `{"*": "*"}` is written `"*"`: a role's trust policy takes `{"AWS": "*"}` alone. */
function renderPrincipals(principals: readonly Principal[]): unknown {
  const [only, ...others] = principals;
  if (only && others.length === 0 && only.type === "*" && [only.identifiers].flat().join() === "*") return "*";
  const byType = new Map<string, string | string[]>();
  for (const { type, identifiers } of principals) {
    const before = byType.get(type);
    const own = Array.isArray(identifiers) ? [...identifiers].sort().reverse() : identifiers;
    byType.set(type, before === undefined ? own : [before, own].flat());
  }
  return sorted(byType);
}

function renderConditions(conditions: readonly Condition[]): unknown {
  const byTest = new Map<string, Map<string, string[]>>();
  for (const { test, variable, values } of conditions) {
    const byVariable = byTest.get(test) ?? new Map<string, string[]>();
    byVariable.set(variable, [...(byVariable.get(variable) ?? []), ...values]);
    byTest.set(test, byVariable);
  }
  const flat = [...byTest].map(([test, byVariable]) => {
    const entries = [...byVariable].map(
      ([variable, values]) => [variable, values.length === 1 ? values[0] : values] as const,
    );
    return [test, sorted(new Map(entries))] as const;
  });
  return sorted(new Map(flat));
}

function sorted(entries: ReadonlyMap<string, unknown>): Record<string, unknown> {
  return Object.fromEntries([...entries].sort(([left], [right]) => (left < right ? -1 : 1)));
}
