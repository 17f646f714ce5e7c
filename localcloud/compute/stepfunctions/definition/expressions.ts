// JSONata expressions in a definition: that they can be parsed, and read nothing that is not there.
// Source: "Transforming data with JSONata in Step Functions" in the Developer Guide, and AWS's answers for the wording.
import { checkExpression, expressionOf, isExpression, syntaxOf } from "../language/jsonata.js";
import type { Report } from "./report.js";

/** Which members of `$states` a field may read, besides `input` and `context`. */
export interface Reach {
  result?: boolean;
  errorOutput?: boolean;
}

const ALWAYS = ["input", "context"];

/** Checks a text of a JSONata state that may be an expression. */
export function checkText(value: string, report: Report, reach: Reach = {}): void {
  const isWhole: boolean = isExpression(value);
  if (!isWhole) {
    if (value.startsWith("{%") || value.endsWith("%}"))
      report.error("JSONata string must start with {% and end with %}");
    return;
  }
  const source = expressionOf(value);
  try {
    checkExpression(source);
  } catch (error) {
    report.error((error as Error).message, "INVALID_JSONATA_EXPRESSION");
    return;
  }
  const tree = syntaxOf(source) as Node;
  const found = new Set<string>();
  topLevel(tree, found);
  for (const reference of found) report.error(reference, "UNSUPPORTED_JSONATA_EXPRESSION");
  for (const member of statesMembers(tree))
    if (!ALWAYS.includes(member) && !reach[member as keyof Reach])
      report.error(`Field '$states.${member}' does not exist.`, "UNSUPPORTED_JSONATA_EXPRESSION");
}

interface Node {
  type?: string;
  value?: unknown;
  steps?: Node[];
  lhs?: Node | [Node, Node][];
  rhs?: Node;
  expression?: Node;
  expressions?: Node[];
  procedure?: Node;
  arguments?: Node[];
  body?: Node;
  condition?: Node;
  then?: Node;
  else?: Node;
}

/**
 * What an expression reads of a context that does not exist: `$$`, and names in the first step of a path. Later steps, predicates and
 * groups have a context, the value of the step before; the body of a function has that of the place where it is written.
 */
function topLevel(node: Node, found: Set<string>): void {
  if (node.type === "name") found.add(`Reference to '${node.value}' at the top level is not supported.`);
  else if (node.type === "variable" && node.value === "$") found.add("Reference to '$$' is not supported.");
  else for (const part of partsAtTop(node)) if (part) topLevel(part, found);
}

/** The parts of an expression that are evaluated where it stands. */
function partsAtTop(node: Node): (Node | undefined)[] {
  if (node.type === "path") return [node.steps?.[0]];
  if (node.type === "condition") return [node.condition, node.then, node.else];
  if (node.type === "bind") return [node.rhs];
  const pairs = Array.isArray(node.lhs) ? node.lhs.flat() : [node.lhs];
  const single = [node.rhs, node.expression, node.procedure, node.body];
  return [...pairs, ...single, ...(node.expressions ?? []), ...(node.arguments ?? [])].filter(
    (part) => typeof part === "object",
  );
}

/** The members of `$states` that an expression names anywhere. */
function statesMembers(tree: unknown): Set<string> {
  const members = new Set<string>();
  const visit = (node: unknown): void => {
    if (typeof node !== "object" || node === null) return;
    const { type, steps } = node as Node;
    const [first, second] = type === "path" ? (steps ?? []) : [];
    if (first?.type === "variable" && first.value === "states" && second?.type === "name")
      members.add(String(second.value));
    for (const part of Object.values(node)) visit(part);
  };
  visit(tree);
  return members;
}
