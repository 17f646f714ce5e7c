// aws:lambda/functionRecursionConfig:FunctionRecursionConfig: whether chains of a function's own invocations are stopped.
import {
  GetFunctionRecursionConfigCommand,
  LambdaClient,
  PutFunctionRecursionConfigCommand,
  type RecursiveLoop,
} from "@aws-sdk/client-lambda";
import { type Context, resource } from "../../descriptor.js";
import { type State, text } from "../../properties.js";

const properties = {
  functionName: text({ required: true, replace: true }),
  recursiveLoop: text({ required: true, values: ["Allow", "Terminate"] }),
};

export const functionRecursionConfig = resource({
  type: "aws:lambda/functionRecursionConfig:FunctionRecursionConfig",
  properties,
  identity: ["functionName"],

  async create(inputs, context) {
    await put(inputs.functionName, inputs.recursiveLoop, context);
    return inputs.functionName;
  },

  async read(id, context) {
    const found = await context.client(LambdaClient).send(new GetFunctionRecursionConfigCommand({ FunctionName: id }));
    return { functionName: id, recursiveLoop: found.RecursiveLoop } as State<typeof properties>;
  },

  async update({ id, inputs }, context) {
    await put(id, inputs.recursiveLoop, context);
  },

  async delete(id, _state, context) {
    await put(id, "Terminate", context);
  },
});

async function put(FunctionName: string, RecursiveLoop: string, context: Context): Promise<void> {
  await context
    .client(LambdaClient)
    .send(new PutFunctionRecursionConfigCommand({ FunctionName, RecursiveLoop: RecursiveLoop as RecursiveLoop }));
}
