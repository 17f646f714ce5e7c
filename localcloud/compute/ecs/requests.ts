// Request bodies, parsed once: what the Amazon ECS API requires of their form. What a value must be is the operations' to say.
import { z } from "zod";
import { EcsError } from "./errors.js";

/**
 * Parses a request's JSON.
 *
 * @throws InvalidParameterException or SerializationException naming the first member that has the wrong form
 */
export function parseRequest<T>(schema: z.ZodType<T>, body: unknown): T {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const member = issue?.path.join(".") || "request";
  if (issue?.code === "invalid_type" && !/received undefined/.test(issue.message))
    throw new EcsError("SerializationException", `${member}: ${issue.message}`);
  if (issue?.code === "invalid_type") throw new EcsError("InvalidParameterException", `${member} cannot be empty.`);
  throw new EcsError("InvalidParameterException", `${member}: ${issue?.message}`);
}

const text = z.string();
const texts = z.array(text);
const integer = z.number().int();
const keyValue = z.looseObject({ name: text.optional(), value: text.optional() });

export const tagList = z.array(z.looseObject({ key: text.optional(), value: text.optional() }));
export const paging = { maxResults: integer.optional(), nextToken: text.optional() };
export const cluster = text.optional();

const strategy = z.array(
  z.looseObject({ capacityProvider: text, weight: integer.optional(), base: integer.optional() }),
);
const settings = z.array(z.looseObject({ name: text.optional(), value: text.optional() }));
const network = z.looseObject({
  awsvpcConfiguration: z
    .looseObject({
      subnets: texts.optional(),
      securityGroups: texts.optional(),
      assignPublicIp: z.enum(["ENABLED", "DISABLED"]).optional(),
    })
    .optional(),
});

export const createCluster = z.looseObject({
  clusterName: text.optional(),
  tags: tagList.optional(),
  settings: settings.optional(),
  configuration: z.looseObject({}).optional(),
  capacityProviders: texts.optional(),
  defaultCapacityProviderStrategy: strategy.optional(),
  serviceConnectDefaults: z.looseObject({ namespace: text }).optional(),
});

export const updateCluster = z.looseObject({
  cluster: text,
  settings: settings.optional(),
  configuration: z.looseObject({}).optional(),
  serviceConnectDefaults: z.looseObject({ namespace: text }).optional(),
});

export const putClusterCapacityProviders = z.looseObject({
  cluster: text,
  capacityProviders: texts,
  defaultCapacityProviderStrategy: strategy,
});

const containerDefinition = z.looseObject({
  name: text.optional(),
  image: text.optional(),
  cpu: integer.optional(),
  memory: integer.nullish().transform((value) => value ?? undefined),
  memoryReservation: integer.nullish().transform((value) => value ?? undefined),
  essential: z.boolean().optional(),
  entryPoint: texts.optional(),
  command: texts.optional(),
  workingDirectory: text.optional(),
  environment: z.array(keyValue).optional(),
  environmentFiles: z.array(z.looseObject({ value: text, type: text })).optional(),
  secrets: z.array(z.looseObject({ name: text, valueFrom: text })).optional(),
  dependsOn: z.array(z.looseObject({ containerName: text, condition: text })).optional(),
  startTimeout: integer.optional(),
  stopTimeout: integer.optional(),
  mountPoints: z.array(z.looseObject({})).optional(),
  volumesFrom: z.array(z.looseObject({})).optional(),
  portMappings: z.array(z.looseObject({})).optional(),
  logConfiguration: z
    .looseObject({
      logDriver: text,
      options: z.record(text, text).optional(),
      secretOptions: z.array(z.looseObject({})).optional(),
    })
    .optional(),
  healthCheck: z
    .looseObject({
      command: texts,
      interval: integer.optional(),
      timeout: integer.optional(),
      retries: integer.optional(),
      startPeriod: integer.optional(),
    })
    .optional(),
  restartPolicy: z
    .looseObject({
      enabled: z.boolean(),
      ignoredExitCodes: z.array(integer).optional(),
      restartAttemptPeriod: integer.optional(),
    })
    .optional(),
});

export const registerTaskDefinition = z.looseObject({
  family: text.optional(),
  taskRoleArn: text.optional(),
  executionRoleArn: text.optional(),
  networkMode: z.enum(["bridge", "host", "awsvpc", "none"]).optional(),
  containerDefinitions: z.array(containerDefinition).optional(),
  volumes: z.array(z.looseObject({ name: text.optional() })).optional(),
  placementConstraints: z.array(z.looseObject({})).optional(),
  requiresCompatibilities: z.array(z.enum(["EC2", "FARGATE", "EXTERNAL", "MANAGED_INSTANCES"])).optional(),
  cpu: text.optional(),
  memory: text.optional(),
  tags: tagList.optional(),
  runtimePlatform: z
    .looseObject({ cpuArchitecture: text.optional(), operatingSystemFamily: text.optional() })
    .optional(),
  ephemeralStorage: z.looseObject({ sizeInGiB: integer }).optional(),
});
export type RegisterTaskDefinition = z.infer<typeof registerTaskDefinition>;

const containerOverride = z.looseObject({
  name: text.optional(),
  command: texts.optional(),
  environment: z.array(keyValue).optional(),
  environmentFiles: z.array(z.looseObject({ value: text, type: text })).optional(),
  cpu: integer.optional(),
  memory: integer.optional(),
  memoryReservation: integer.optional(),
});

export const taskOverride = z.looseObject({
  containerOverrides: z.array(containerOverride).optional(),
  cpu: text.optional(),
  memory: text.optional(),
  taskRoleArn: text.optional(),
  executionRoleArn: text.optional(),
  ephemeralStorage: z.looseObject({ sizeInGiB: integer }).optional(),
});

export const runTask = z.looseObject({
  cluster,
  taskDefinition: text,
  count: integer.optional(),
  launchType: z.enum(["EC2", "FARGATE", "EXTERNAL"]).optional(),
  capacityProviderStrategy: strategy.optional(),
  platformVersion: text.optional(),
  networkConfiguration: network.optional(),
  overrides: taskOverride.optional(),
  group: text.optional(),
  startedBy: text.optional(),
  referenceId: text.optional(),
  clientToken: text.optional(),
  propagateTags: z.enum(["TASK_DEFINITION", "SERVICE", "NONE"]).optional(),
  enableECSManagedTags: z.boolean().optional(),
  enableExecuteCommand: z.boolean().optional(),
  tags: tagList.optional(),
});
export type RunTask = z.infer<typeof runTask>;

const deploymentConfiguration = z.looseObject({
  maximumPercent: integer.optional(),
  minimumHealthyPercent: integer.optional(),
  deploymentCircuitBreaker: z.looseObject({ enable: z.boolean(), rollback: z.boolean() }).optional(),
});

export const createService = z.looseObject({
  cluster,
  serviceName: text,
  taskDefinition: text.optional(),
  desiredCount: integer.min(0).optional(),
  launchType: z.enum(["EC2", "FARGATE", "EXTERNAL"]).optional(),
  capacityProviderStrategy: strategy.optional(),
  platformVersion: text.optional(),
  networkConfiguration: network.optional(),
  deploymentConfiguration: deploymentConfiguration.optional(),
  schedulingStrategy: z.enum(["REPLICA", "DAEMON"]).optional(),
  deploymentController: z.looseObject({ type: text }).optional(),
  loadBalancers: z.array(z.unknown()).optional(),
  serviceRegistries: z.array(z.unknown()).optional(),
  serviceConnectConfiguration: z.looseObject({ enabled: z.boolean() }).optional(),
  healthCheckGracePeriodSeconds: integer.optional(),
  propagateTags: z.enum(["TASK_DEFINITION", "SERVICE", "NONE"]).optional(),
  enableECSManagedTags: z.boolean().optional(),
  enableExecuteCommand: z.boolean().optional(),
  clientToken: text.optional(),
  tags: tagList.optional(),
});
export type CreateService = z.infer<typeof createService>;

export const updateService = createService.omit({ serviceName: true, tags: true, schedulingStrategy: true }).extend({
  service: text,
  forceNewDeployment: z.boolean().optional(),
});
export type UpdateService = z.infer<typeof updateService>;
