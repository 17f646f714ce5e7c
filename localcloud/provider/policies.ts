// When two JSON texts mean the same: keys in any order; and in a policy document, as IAM reads it ("Grammar of the IAM JSON policy
// language"), one value or a list of it, actions in any letter case, lists in any order, an account's id or its root's ARN.
import { isRecord } from "./wire.js";

/** One spelling for all JSON texts of the same meaning; a text that is not JSON is its own spelling. */
export function policyText(value: unknown): string {
  if (typeof value !== "string") return JSON.stringify(sortKeys(value)) ?? "";
  try {
    const parsed: unknown = JSON.parse(value);
    return JSON.stringify(isPolicy(parsed) ? unifyPolicy(parsed) : sortKeys(parsed));
  } catch {
    return value;
  }
}

function isPolicy(value: unknown): value is Record<string, unknown> {
  return isRecord(value) && "Statement" in value && (isRecord(value.Statement) || Array.isArray(value.Statement));
}

function unifyPolicy(policy: Record<string, unknown>): unknown {
  const statements = Array.isArray(policy.Statement) ? policy.Statement : [policy.Statement];
  return sortKeys({ ...policy, Statement: statements.map(unifyStatement).map((each) => sortKeys(each)) });
}

function unifyStatement(statement: unknown): unknown {
  if (!isRecord(statement)) return statement;
  return Object.fromEntries(
    Object.entries(statement)
      // AWS leaves an empty Sid out.
      .filter(([name, value]) => !(name === "Sid" && value === ""))
      .map(([name, value]) => [name, unifyElement(name, value)]),
  );
}

function unifyElement(name: string, value: unknown): unknown {
  switch (name) {
    case "Action":
    case "NotAction":
      return sortedList(value, (action) => String(action).toLowerCase());
    case "Resource":
    case "NotResource":
      return sortedList(value);
    case "Principal":
    case "NotPrincipal":
      if (value === "*") return value;
      return isRecord(value)
        ? Object.fromEntries(Object.entries(value).map(([kind, ids]) => [kind, sortedList(ids, accountOfRoot)]))
        : value;
    case "Condition":
      return isRecord(value) ? unifyConditions(value) : value;
    default:
      return value;
  }
}

function unifyConditions(conditions: Record<string, unknown>): unknown {
  return Object.fromEntries(
    Object.entries(conditions).map(([operator, keys]) => [
      operator,
      isRecord(keys)
        ? Object.fromEntries(Object.entries(keys).map(([key, values]) => [key, sortedList(values, String)]))
        : keys,
    ]),
  );
}

/** `arn:aws:iam::123456789012:root` is the account `123456789012`. */
function accountOfRoot(id: unknown): unknown {
  const account = typeof id === "string" ? /^arn:[^:]+:iam::(\d{12}):root$/.exec(id)?.[1] : undefined;
  return account ?? id;
}

function sortedList(value: unknown, spell: (item: unknown) => unknown = (item) => item): unknown[] {
  const items = (Array.isArray(value) ? value : [value]).map(spell);
  return [...new Set(items)].sort((left, right) => (String(left) < String(right) ? -1 : 1));
}

function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (!isRecord(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([left], [right]) => (left < right ? -1 : 1))
      .map(([name, member]) => [name, sortKeys(member)]),
  );
}
