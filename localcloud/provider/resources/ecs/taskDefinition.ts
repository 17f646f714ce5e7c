// aws:ecs/taskDefinition:TaskDefinition. AWS never changes a revision: every change but of tags registers the next one and
// deregisters the one before.
import {
  type Compatibility,
  DeregisterTaskDefinitionCommand,
  DescribeTaskDefinitionCommand,
  ECSClient,
  type NetworkMode,
  RegisterTaskDefinitionCommand,
  type Volume,
} from "@aws-sdk/client-ecs";
import { type Context, resource } from "../../descriptor.js";
import { hasCode } from "../../errors.js";
import { flag, type Inputs, json, map, number, object, output, set, tagged, text } from "../../properties.js";
import { tagState } from "../../tags.js";
import { isSameContainers } from "./containerDefinitions.js";
import { ecsTags, updateTags } from "./tags.js";

/** `1 vCPU` is 1024 units, `2 GB` are 2048 MiB. */
function isSameSize(left: string, right: string): boolean {
  const figure = (text: string) => Number.parseFloat(text) * (/vcpu|gb/i.test(text) ? 1024 : 1);
  return figure(left) === figure(right);
}

const efsVolume = object({
  fileSystemId: text({ required: true }),
  rootDirectory: text({ default: "/" }),
  transitEncryption: text({ values: ["ENABLED", "DISABLED"] }),
  transitEncryptionPort: number(),
  authorizationConfig: object({ accessPointId: text(), iam: text({ values: ["ENABLED", "DISABLED"] }) }),
});

const dockerVolume = object({
  autoprovision: flag(),
  driver: text(),
  driverOpts: map(text()),
  labels: map(text()),
  scope: text({ computed: true }),
});

const volumeProperties = {
  name: text({ required: true }),
  configureAtLaunch: flag({ computed: true }),
  hostPath: text(),
  efsVolumeConfiguration: efsVolume,
  dockerVolumeConfiguration: dockerVolume,
};

const properties = {
  family: text({ required: true, replace: true, min: 1, max: 255 }),
  containerDefinitions: json({ required: true, replace: true, equals: isSameContainers }),
  cpu: text({ replace: true, equals: isSameSize }),
  memory: text({ replace: true, equals: isSameSize }),
  enableFaultInjection: flag({ computed: true, replace: true }),
  ephemeralStorage: object({ sizeInGib: number({ required: true, min: 21, max: 200 }) }, { replace: true }),
  executionRoleArn: text({ replace: true }),
  taskRoleArn: text({ replace: true }),
  ipcMode: text({ replace: true, values: ["host", "none", "task"] }),
  pidMode: text({ replace: true, values: ["host", "task"] }),
  networkMode: text({ computed: true, replace: true, values: ["bridge", "host", "awsvpc", "none"] }),
  placementConstraints: set(object({ type: text({ required: true }), expression: text() }), { replace: true, max: 10 }),
  requiresCompatibilities: set(text({ values: ["EC2", "FARGATE", "EXTERNAL", "MANAGED_INSTANCES"] }), {
    replace: true,
  }),
  runtimePlatform: object({ cpuArchitecture: text(), operatingSystemFamily: text() }, { replace: true }),
  volumes: set(object(volumeProperties), { replace: true }),
  skipDestroy: flag({ default: false, unread: true }),
  trackLatest: flag({ default: false, unread: true }),
  ...tagged,
  arn: output(text()),
  arnWithoutRevision: output(text()),
  revision: output(number()),
};

export const taskDefinition = resource({
  type: "aws:ecs/taskDefinition:TaskDefinition",
  properties,

  async create(inputs, context) {
    const { taskDefinition: made } = await context.client(ECSClient).send(
      new RegisterTaskDefinitionCommand({
        family: inputs.family,
        containerDefinitions: JSON.parse(inputs.containerDefinitions),
        cpu: inputs.cpu,
        memory: inputs.memory,
        enableFaultInjection: inputs.enableFaultInjection,
        ephemeralStorage: inputs.ephemeralStorage && { sizeInGiB: inputs.ephemeralStorage.sizeInGib },
        executionRoleArn: inputs.executionRoleArn,
        taskRoleArn: inputs.taskRoleArn,
        ipcMode: inputs.ipcMode as "task" | undefined,
        pidMode: inputs.pidMode as "task" | undefined,
        networkMode: inputs.networkMode as NetworkMode | undefined,
        placementConstraints: inputs.placementConstraints?.map((each) => ({ ...each, type: each.type as "memberOf" })),
        requiresCompatibilities: inputs.requiresCompatibilities as Compatibility[] | undefined,
        runtimePlatform: inputs.runtimePlatform as { cpuArchitecture?: "X86_64"; operatingSystemFamily?: "LINUX" },
        volumes: inputs.volumes?.map(toVolume),
        tags: inputs.tags && Object.keys(inputs.tags).length > 0 ? ecsTags(inputs.tags) : undefined,
      }),
    );
    return made?.family as string;
  },

  async read(id, context, known) {
    // After a change only the inputs are known, and the family's latest revision is what the change has made.
    const asked = (known.trackLatest ? known.family : known.arn) ?? id;
    const answer = await describe(asked, context);
    const found = answer?.taskDefinition;
    if (found?.status !== "ACTIVE") return undefined;
    const { taskDefinitionArn: arn = "" } = found;
    return {
      id: found.family,
      family: found.family,
      containerDefinitions: JSON.stringify(found.containerDefinitions ?? []),
      cpu: found.cpu,
      memory: found.memory,
      enableFaultInjection: found.enableFaultInjection ?? false,
      ephemeralStorage: found.ephemeralStorage && { sizeInGib: found.ephemeralStorage.sizeInGiB ?? 0 },
      executionRoleArn: found.executionRoleArn,
      taskRoleArn: found.taskRoleArn,
      ipcMode: found.ipcMode,
      pidMode: found.pidMode,
      networkMode: found.networkMode ?? "bridge",
      placementConstraints: found.placementConstraints?.map((each) => ({ ...each, type: each.type ?? "" })),
      requiresCompatibilities: found.requiresCompatibilities,
      runtimePlatform: found.runtimePlatform,
      volumes: found.volumes?.map(fromVolume),
      ...tagState(answer?.tags),
      arn,
      arnWithoutRevision: arn.replace(/:\d+$/, ""),
      revision: found.revision,
    };
  },

  async update({ old, inputs, changes }, context) {
    if (changes("tags")) await updateTags(old.arn ?? "", old.tags, inputs.tags, context);
  },

  async delete(_id, state, context) {
    if (state.skipDestroy || !state.arn) return;
    await context.client(ECSClient).send(new DeregisterTaskDefinitionCommand({ taskDefinition: state.arn }));
  },

  isGone: (error) => hasCode(error, ["ClientException"], /does not exist|Unable to describe task definition/),
});

/** A definition, by ARN, `family:revision` or family. @throws ClientException when there is none */
export function describe(named: string, context: Context) {
  return context
    .client(ECSClient)
    .send(new DescribeTaskDefinitionCommand({ taskDefinition: named, include: ["TAGS"] }));
}

function toVolume({ hostPath, configureAtLaunch, ...rest }: Inputs<typeof volumeProperties>): Volume {
  return {
    ...(rest as Volume),
    configuredAtLaunch: configureAtLaunch,
    host: hostPath ? { sourcePath: hostPath } : undefined,
  };
}

function fromVolume({ name = "", configuredAtLaunch, host, efsVolumeConfiguration: efs, ...rest }: Volume) {
  const { dockerVolumeConfiguration: docker } = rest;
  return {
    name,
    configureAtLaunch: configuredAtLaunch ?? false,
    hostPath: host?.sourcePath,
    efsVolumeConfiguration: efs && {
      ...efs,
      fileSystemId: efs.fileSystemId ?? "",
      rootDirectory: efs.rootDirectory ?? "/",
    },
    dockerVolumeConfiguration: docker,
  };
}
