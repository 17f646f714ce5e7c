// aws:lambda/alias:Alias
import {
  CreateAliasCommand,
  DeleteAliasCommand,
  GetAliasCommand,
  LambdaClient,
  UpdateAliasCommand,
} from "@aws-sdk/client-lambda";
import { resource } from "../../descriptor.js";
import { type Inputs, map, number, object, output, type State, text } from "../../properties.js";

const properties = {
  name: text({ computed: true, replace: true, max: 128, autoName: { max: 128 } }),
  functionName: text({ required: true, replace: true, equals: (left, right) => nameOf(left) === nameOf(right) }),
  functionVersion: text({ required: true }),
  description: text(),
  routingConfig: object({ additionalVersionWeights: map(number({ integer: false, min: 0, max: 1 })) }),
  arn: output(text()),
  invokeArn: output(text()),
};

export const alias = resource({
  type: "aws:lambda/alias:Alias",
  properties,
  identity: ["name", "functionName"],

  async create(inputs, context) {
    const made = await context.client(LambdaClient).send(new CreateAliasCommand(request(inputs)));
    return made.AliasArn as string;
  },

  async read(id, context, known) {
    // Imported by `<function>/<alias>`; its own id is the ARN.
    const [, , , , , , fromArn, aliasOfArn] = id.split(":");
    const [name, aliasName] = id.startsWith("arn:") ? [fromArn, aliasOfArn] : id.split("/");
    const FunctionName = known.functionName ?? name;
    const found = await context.client(LambdaClient).send(new GetAliasCommand({ FunctionName, Name: aliasName }));
    const weights = found.RoutingConfig?.AdditionalVersionWeights;
    return {
      id: found.AliasArn,
      name: found.Name,
      functionName: FunctionName,
      functionVersion: found.FunctionVersion,
      description: found.Description || undefined,
      routingConfig: weights && Object.keys(weights).length > 0 ? { additionalVersionWeights: weights } : undefined,
      arn: found.AliasArn,
      invokeArn: `arn:${context.partition}:apigateway:${context.region}:lambda:path/2015-03-31/functions/${found.AliasArn}/invocations`,
    } as State<typeof properties> & { id: string };
  },

  async update({ inputs }, context) {
    const RoutingConfig = { AdditionalVersionWeights: inputs.routingConfig?.additionalVersionWeights ?? {} };
    const { Description = "", ...rest } = request(inputs);
    await context.client(LambdaClient).send(new UpdateAliasCommand({ ...rest, Description, RoutingConfig }));
  },

  async delete(_id, { name: Name, functionName: FunctionName }, context) {
    await context.client(LambdaClient).send(new DeleteAliasCommand({ FunctionName, Name }));
  },
});

function request(inputs: Inputs<typeof properties>) {
  const weights = inputs.routingConfig?.additionalVersionWeights;
  return {
    FunctionName: inputs.functionName,
    Name: inputs.name as string,
    FunctionVersion: inputs.functionVersion,
    Description: inputs.description,
    RoutingConfig: weights && { AdditionalVersionWeights: weights },
  };
}

/** A function is given by its name or its ARN. */
function nameOf(text: string): string {
  return text.startsWith("arn:") ? (text.split(":")[6] ?? text) : text;
}
