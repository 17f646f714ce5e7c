// aws:glue/job:Job
import {
  CreateJobCommand,
  DeleteJobCommand,
  type ExecutionClass,
  GetJobCommand,
  GlueClient,
  type JobMode,
  type JobUpdate,
  UpdateJobCommand,
  type WorkerType,
} from "@aws-sdk/client-glue";
import { resource } from "../../descriptor.js";
import { flag, type Inputs, list, map, number, object, output, tagged, text } from "../../properties.js";
import { glueArn, isRoleTooNew, orNothing, readTags, updateTags } from "./tags.js";

const properties = {
  name: text({ computed: true, replace: true, min: 1, max: 255, autoName: { max: 255 } }),
  roleArn: text({ required: true }),
  command: object(
    {
      name: text({ default: "glueetl" }),
      scriptLocation: text({ required: true }),
      pythonVersion: text({ computed: true, values: ["2", "3", "3.9"] }),
      runtime: text({ computed: true }),
    },
    { required: true },
  ),
  connections: list(text()),
  defaultArguments: map(text()),
  nonOverridableArguments: map(text()),
  description: text({ max: 2048 }),
  executionClass: text({ computed: true, values: ["FLEX", "STANDARD"] }),
  executionProperty: object({ maxConcurrentRuns: number({ default: 1, min: 1 }) }, { computed: true }),
  glueVersion: text({ computed: true }),
  jobMode: text({ computed: true, values: ["SCRIPT", "VISUAL", "NOTEBOOK"] }),
  jobRunQueuingEnabled: flag(),
  maintenanceWindow: text(),
  maxCapacity: number({ computed: true, integer: false }),
  maxRetries: number({ default: 0, min: 0, max: 10 }),
  notificationProperty: object({ notifyDelayAfter: number({ min: 1 }) }, { computed: true }),
  numberOfWorkers: number({ computed: true, min: 1 }),
  workerType: text({ computed: true }),
  securityConfiguration: text(),
  timeout: number({ computed: true, min: 1 }),
  ...tagged,
  arn: output(text()),
};

export const job = resource({
  type: "aws:glue/job:Job",
  properties,

  check({ workerType, numberOfWorkers, maxCapacity }) {
    if (maxCapacity === undefined || (workerType === undefined && numberOfWorkers === undefined)) return [];
    return [{ property: "maxCapacity", reason: "conflicts with workerType and numberOfWorkers" }];
  },

  async create(inputs, context) {
    const request = new CreateJobCommand({ Name: inputs.name, ...definition(inputs), Tags: inputs.tags });
    await context.retry(() => context.client(GlueClient).send(request), isRoleTooNew);
    return inputs.name as string;
  },

  async read(id, context) {
    const { Job: found } = await context.client(GlueClient).send(new GetJobCommand({ JobName: id }));
    if (!found) return undefined;
    const arn = await glueArn(context, `job/${id}`);
    return {
      name: found.Name,
      roleArn: found.Role,
      command: found.Command && {
        name: found.Command.Name ?? "glueetl",
        scriptLocation: found.Command.ScriptLocation ?? "",
        pythonVersion: found.Command.PythonVersion,
        runtime: found.Command.Runtime,
      },
      connections: found.Connections?.Connections?.length ? found.Connections.Connections : undefined,
      defaultArguments: orNothing(found.DefaultArguments),
      nonOverridableArguments: orNothing(found.NonOverridableArguments),
      description: found.Description,
      executionClass: found.ExecutionClass,
      executionProperty: { maxConcurrentRuns: found.ExecutionProperty?.MaxConcurrentRuns ?? 1 },
      glueVersion: found.GlueVersion,
      jobMode: found.JobMode,
      jobRunQueuingEnabled: found.JobRunQueuingEnabled || undefined,
      maintenanceWindow: found.MaintenanceWindow,
      maxCapacity: found.MaxCapacity,
      maxRetries: found.MaxRetries ?? 0,
      notificationProperty: { notifyDelayAfter: found.NotificationProperty?.NotifyDelayAfter },
      numberOfWorkers: found.NumberOfWorkers,
      workerType: found.WorkerType,
      securityConfiguration: found.SecurityConfiguration,
      timeout: found.Timeout,
      ...(await readTags(arn, context)),
      arn,
    };
  },

  async update({ id, old, inputs, changes }, context) {
    if (changes(...(Object.keys(properties).filter((name) => name !== "tags" && name !== "tagsAll") as "name"[]))) {
      const request = new UpdateJobCommand({ JobName: id, JobUpdate: definition(inputs) });
      await context.retry(() => context.client(GlueClient).send(request), isRoleTooNew);
    }
    await updateTags(await glueArn(context, `job/${id}`), old.tags, inputs.tags, context);
  },

  async delete(id, _state, context) {
    await context.client(GlueClient).send(new DeleteJobCommand({ JobName: id }));
  },
});

/** The definition that inputs amount to. Capacity is said in workers or in units, whichever the program has. */
function definition(
  inputs: Inputs<typeof properties>,
): JobUpdate & { Role: string; Command: NonNullable<JobUpdate["Command"]> } {
  const { command, notificationProperty, connections } = inputs;
  const capacity = inputs.workerType
    ? { WorkerType: inputs.workerType as WorkerType, NumberOfWorkers: inputs.numberOfWorkers }
    : { MaxCapacity: inputs.maxCapacity };
  return {
    Role: inputs.roleArn,
    Command: {
      Name: command.name,
      ScriptLocation: command.scriptLocation,
      PythonVersion: command.pythonVersion,
      Runtime: command.runtime,
    },
    Connections: connections && { Connections: connections },
    DefaultArguments: inputs.defaultArguments,
    NonOverridableArguments: inputs.nonOverridableArguments,
    Description: inputs.description,
    ExecutionClass: inputs.executionClass as ExecutionClass | undefined,
    ExecutionProperty: inputs.executionProperty && { MaxConcurrentRuns: inputs.executionProperty.maxConcurrentRuns },
    GlueVersion: inputs.glueVersion,
    JobMode: inputs.jobMode as JobMode | undefined,
    JobRunQueuingEnabled: inputs.jobRunQueuingEnabled,
    MaintenanceWindow: inputs.maintenanceWindow,
    MaxRetries: inputs.maxRetries,
    NotificationProperty: notificationProperty?.notifyDelayAfter
      ? { NotifyDelayAfter: notificationProperty.notifyDelayAfter }
      : undefined,
    SecurityConfiguration: inputs.securityConfiguration,
    Timeout: inputs.timeout,
    ...capacity,
  };
}
