// aws:glue/workflow:Workflow
import {
  CreateWorkflowCommand,
  DeleteWorkflowCommand,
  GetWorkflowCommand,
  GlueClient,
  UpdateWorkflowCommand,
} from "@aws-sdk/client-glue";
import { resource } from "../../descriptor.js";
import { map, number, output, tagged, text } from "../../properties.js";
import { glueArn, orNothing, readTags, updateTags } from "./tags.js";

export const workflow = resource({
  type: "aws:glue/workflow:Workflow",
  properties: {
    name: text({ computed: true, replace: true, min: 1, max: 255, autoName: { max: 255 } }),
    description: text(),
    defaultRunProperties: map(text()),
    maxConcurrentRuns: number({ min: 1 }),
    ...tagged,
    arn: output(text()),
  },

  async create(inputs, context) {
    const Name = inputs.name as string;
    await context.client(GlueClient).send(
      new CreateWorkflowCommand({
        Name,
        Description: inputs.description,
        DefaultRunProperties: inputs.defaultRunProperties,
        MaxConcurrentRuns: inputs.maxConcurrentRuns,
        Tags: inputs.tags,
      }),
    );
    return Name;
  },

  async read(id, context) {
    const { Workflow: found } = await context.client(GlueClient).send(new GetWorkflowCommand({ Name: id }));
    if (!found) return undefined;
    const arn = await glueArn(context, `workflow/${id}`);
    return {
      name: found.Name,
      description: found.Description || undefined,
      defaultRunProperties: orNothing(found.DefaultRunProperties),
      maxConcurrentRuns: found.MaxConcurrentRuns,
      ...(await readTags(arn, context)),
      arn,
    };
  },

  async update({ id, old, inputs, changes }, context) {
    if (changes("description", "defaultRunProperties", "maxConcurrentRuns"))
      await context.client(GlueClient).send(
        new UpdateWorkflowCommand({
          Name: id,
          Description: inputs.description ?? "",
          DefaultRunProperties: inputs.defaultRunProperties ?? {},
          MaxConcurrentRuns: inputs.maxConcurrentRuns,
        }),
      );
    await updateTags(await glueArn(context, `workflow/${id}`), old.tags, inputs.tags, context);
  },

  async delete(id, _state, context) {
    await context.client(GlueClient).send(new DeleteWorkflowCommand({ Name: id }));
  },
});
