// aws:lambda/permission:Permission: one statement of a function's policy.
import { randomBytes } from "node:crypto";
import {
  AddPermissionCommand,
  type FunctionUrlAuthType,
  GetPolicyCommand,
  LambdaClient,
  RemovePermissionCommand,
} from "@aws-sdk/client-lambda";
import { resource } from "../../descriptor.js";
import { flag, type State, text } from "../../properties.js";

const properties = {
  function: text({ required: true, replace: true, equals: (left, right) => nameOf(left) === nameOf(right) }),
  action: text({ required: true, replace: true }),
  principal: text({ required: true, replace: true }),
  qualifier: text({ replace: true }),
  statementId: text({ computed: true, replace: true, max: 100 }),
  statementIdPrefix: text({ replace: true, unread: true }),
  sourceArn: text({ replace: true }),
  sourceAccount: text({ replace: true }),
  eventSourceToken: text({ replace: true }),
  functionUrlAuthType: text({ replace: true }),
  invokedViaFunctionUrl: flag({ replace: true }),
  principalOrgId: text({ replace: true }),
};

interface Statement {
  Sid: string;
  Action: string;
  Principal: string | { Service?: string; AWS?: string };
  Condition?: Record<string, Record<string, string>>;
}

export const permission = resource({
  type: "aws:lambda/permission:Permission",
  properties,
  identity: ["function", "statementId", "qualifier"],

  async create(inputs, context) {
    const random = randomBytes(13).toString("hex");
    const StatementId = inputs.statementId ?? `${inputs.statementIdPrefix ?? "pulumi-"}${random}`;
    const request = new AddPermissionCommand({
      FunctionName: inputs.function,
      StatementId,
      Action: inputs.action,
      Principal: inputs.principal,
      Qualifier: inputs.qualifier,
      SourceArn: inputs.sourceArn,
      SourceAccount: inputs.sourceAccount,
      EventSourceToken: inputs.eventSourceToken,
      FunctionUrlAuthType: inputs.functionUrlAuthType as FunctionUrlAuthType | undefined,
      InvokedViaFunctionUrl: inputs.invokedViaFunctionUrl,
      PrincipalOrgID: inputs.principalOrgId,
    });
    await context.client(LambdaClient).send(request);
    return StatementId;
  },

  async read(id, context, known) {
    const place = known.function === undefined ? placeOf(id) : { ...known, statementId: id };
    const { function: FunctionName, qualifier: Qualifier, statementId } = place;
    const { Policy } = await context.client(LambdaClient).send(new GetPolicyCommand({ FunctionName, Qualifier }));
    const statements = (JSON.parse(Policy ?? "{}").Statement ?? []) as Statement[];
    const found = statements.find(({ Sid }) => Sid === statementId);
    if (!found) return undefined;
    const { Principal, Condition = {} } = found;
    const condition = (key: string) =>
      Object.values(Condition).flatMap((operator) =>
        Object.entries(operator).flatMap(([name, value]) => (name.toLowerCase() === key.toLowerCase() ? [value] : [])),
      )[0];
    return {
      id: statementId,
      function: FunctionName,
      qualifier: Qualifier,
      statementId,
      action: found.Action,
      principal: typeof Principal === "string" ? Principal : (Principal.Service ?? Principal.AWS),
      sourceArn: condition("AWS:SourceArn"),
      sourceAccount: condition("AWS:SourceAccount"),
      eventSourceToken: condition("lambda:EventSourceToken"),
      functionUrlAuthType: condition("lambda:FunctionUrlAuthType"),
      principalOrgId: condition("aws:PrincipalOrgID"),
      invokedViaFunctionUrl: condition("lambda:InvokedViaFunctionUrl") === "true" ? true : undefined,
    } as State<typeof properties> & { id: string };
  },

  async delete(id, state, context) {
    const request = { FunctionName: state.function, StatementId: id, Qualifier: state.qualifier };
    await context.client(LambdaClient).send(new RemovePermissionCommand(request));
  },
});

/** A function is given by its name or its ARN. */
function nameOf(text: string): string {
  return text.startsWith("arn:") ? (text.split(":")[6] ?? text) : text;
}

/** A permission is imported by `<function>[:<qualifier>]/<statement id>`. */
function placeOf(id: string): { function: string; qualifier?: string; statementId: string } {
  const [, name, qualifier, statementId] = /^([^/:]+)(?::([^/]+))?\/(.+)$/.exec(id) ?? [];
  if (!name || !statementId) throw new Error(`a permission is imported by <function>/<statement id>, not by ${id}`);
  return { function: name, qualifier, statementId };
}
