// aws:scheduler/scheduleGroup:ScheduleGroup
import {
  CreateScheduleGroupCommand,
  DeleteScheduleGroupCommand,
  GetScheduleGroupCommand,
  ListTagsForResourceCommand,
  SchedulerClient,
  TagResourceCommand,
  UntagResourceCommand,
} from "@aws-sdk/client-scheduler";
import { type Context, resource } from "../../descriptor.js";
import { hasCode, orAbsent } from "../../errors.js";
import { output, tagged, text } from "../../properties.js";
import { applyTags, tagList, tagState } from "../../tags.js";

export const scheduleGroup = resource({
  type: "aws:scheduler/scheduleGroup:ScheduleGroup",
  properties: {
    name: text({ computed: true, replace: true, max: 64, autoName: { max: 64, prefixFrom: "namePrefix" } }),
    namePrefix: text({ replace: true, unread: true, max: 38 }),
    ...tagged,
    arn: output(text()),
    creationDate: output(text()),
    lastModificationDate: output(text(), { volatile: true }),
    state: output(text()),
  },

  async create(inputs, context) {
    const name = inputs.name as string;
    const tags = tagList(inputs.tags);
    await context
      .client(SchedulerClient)
      .send(new CreateScheduleGroupCommand({ Name: name, Tags: tags.length > 0 ? tags : undefined }));
    context.created(name);
    await context.waitFor(
      `schedule group ${name} to be active`,
      async () => ((await describe(name, context))?.State === "ACTIVE" ? true : undefined),
      300,
    );
    return name;
  },

  async read(id, context) {
    const found = await describe(id, context);
    if (!found || found.State === "DELETING") return undefined;
    const tags = await context.client(SchedulerClient).send(new ListTagsForResourceCommand({ ResourceArn: found.Arn }));
    return {
      name: found.Name,
      ...tagState(tags.Tags),
      arn: found.Arn,
      creationDate: found.CreationDate?.toISOString(),
      lastModificationDate: found.LastModificationDate?.toISOString(),
      state: found.State,
    };
  },

  async update({ old, inputs }, context) {
    const scheduler = context.client(SchedulerClient);
    await applyTags(old.tags, inputs.tags, {
      set: (set) => scheduler.send(new TagResourceCommand({ ResourceArn: old.arn, Tags: tagList(set) })),
      remove: (TagKeys) => scheduler.send(new UntagResourceCommand({ ResourceArn: old.arn, TagKeys })),
    });
  },

  async delete(id, _state, context) {
    await context.retry(
      () => context.client(SchedulerClient).send(new DeleteScheduleGroupCommand({ Name: id })),
      (error) => hasCode(error, ["ConflictException"]),
    );
    await context.waitFor(
      `schedule group ${id} to be deleted`,
      async () => ((await orAbsent(describe(id, context))) ? undefined : true),
      300,
    );
  },
});

function describe(name: string, context: Context) {
  return context.client(SchedulerClient).send(new GetScheduleGroupCommand({ Name: name }));
}
