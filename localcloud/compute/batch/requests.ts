// Request bodies, parsed once: what the AWS Batch API requires of them, as zod schemas.
import { z } from "zod";
import { JOB_NAME, RESOURCE_NAME } from "./arn.js";
import { BatchError } from "./errors.js";

/**
 * Parses a request's JSON.
 *
 * @throws ClientException naming the first member that is missing or has the wrong form
 */
export function parseRequest<T>(schema: z.ZodType<T>, body: unknown): T {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const member = issue?.path.join(".") || "request body";
  const missing = issue?.code === "invalid_type" && /received undefined/.test(issue.message);
  throw new BatchError(
    "ClientException",
    400,
    missing ? `${member} must not be null.` : `${member}: ${issue?.message}`,
    true,
  );
}

const text = z.string();
const name = z.string().min(1);
const integer = z.number().int();
const texts = z.array(text);
/** "Tag restrictions", AWS Batch User Guide. */
export const MOST_TAGS = 50;
const tagKey = z
  .string()
  .min(1, "a tag's key must have 1 to 128 characters")
  .max(128, "a tag's key must have 1 to 128 characters")
  .regex(/^(?!aws:)/i, "a tag's key must not begin with aws:, which is reserved");
const tagValue = z.string().max(256, "a tag's value must have at most 256 characters");
/** A key that is refused is named by itself: zod tells only that some key of a record is wrong. */
export const tags = z.record(text, tagValue).superRefine((value, context) => {
  for (const key of Object.keys(value)) {
    const problem = tagKey.safeParse(key).error?.issues[0]?.message;
    if (problem) context.addIssue({ code: "custom", path: [key], message: problem });
  }
  if (Object.keys(value).length > MOST_TAGS)
    context.addIssue({ code: "custom", message: `a resource can have at most ${MOST_TAGS} tags` });
});

const keyValue = z.looseObject({ name: text.optional(), value: text.optional() });
const resourceRequirement = z.looseObject({ type: z.enum(["VCPU", "MEMORY", "GPU"]), value: text });
const secret = z.looseObject({ name: text, valueFrom: text });
const state = z.enum(["ENABLED", "DISABLED"]);

export const resourceName = z.string().regex(RESOURCE_NAME, "must match [A-Za-z0-9_-]{1,128}");
export const jobName = z.string().regex(JOB_NAME, "Job name should match valid pattern");

export const evaluateOnExit = z.object({
  action: z.string().regex(/^(retry|exit)$/i, "must be RETRY or EXIT"),
  onExitCode: z
    .string()
    .regex(/^[0-9]*\*?$/, "can contain only digits and may end with an asterisk")
    .max(512)
    .optional(),
  onReason: z.string().max(512).optional(),
  onStatusReason: z.string().max(512).optional(),
});

export const retryStrategy = z.object({
  attempts: integer.optional(),
  evaluateOnExit: z.array(evaluateOnExit).max(5).optional(),
});

export const jobTimeout = z.object({ attemptDurationSeconds: integer.optional() });

export const containerProperties = z.looseObject({
  image: name.optional(),
  command: texts.optional(),
  vcpus: integer.optional(),
  memory: integer.optional(),
  jobRoleArn: text.optional(),
  executionRoleArn: text.optional(),
  environment: z.array(keyValue).optional(),
  resourceRequirements: z.array(resourceRequirement).optional(),
  secrets: z.array(secret).optional(),
  privileged: z.boolean().optional(),
  volumes: z.array(z.looseObject({ name: text.optional() })).optional(),
  mountPoints: z.array(z.looseObject({ sourceVolume: text.optional(), containerPath: text.optional() })).optional(),
  logConfiguration: z
    .looseObject({
      logDriver: text,
      options: z.record(text, text).optional(),
      secretOptions: z.array(secret).optional(),
    })
    .optional(),
});

export const containerOverrides = z.looseObject({
  vcpus: integer.optional(),
  memory: integer.optional(),
  command: texts.optional(),
  environment: z.array(keyValue).optional(),
  resourceRequirements: z.array(resourceRequirement).optional(),
});

export const registerJobDefinition = z.looseObject({
  jobDefinitionName: resourceName,
  type: z.enum(["container", "multinode"]),
  parameters: z.record(text, text).optional(),
  schedulingPriority: integer.min(0).max(9999).optional(),
  containerProperties: containerProperties.optional(),
  nodeProperties: z.unknown().optional(),
  ecsProperties: z.unknown().optional(),
  eksProperties: z.unknown().optional(),
  consumableResourceProperties: z.unknown().optional(),
  retryStrategy: retryStrategy.optional(),
  propagateTags: z.boolean().optional(),
  timeout: jobTimeout.optional(),
  tags: tags.optional(),
  platformCapabilities: z.array(z.enum(["EC2", "FARGATE", "MANAGED_INSTANCES"])).optional(),
});
export type RegisterJobDefinition = z.infer<typeof registerJobDefinition>;

export const submitJob = z.looseObject({
  jobName,
  jobQueue: name,
  jobDefinition: name,
  shareIdentifier: text.regex(/^[A-Za-z0-9]{0,255}\*?$/, "is limited to 255 alphanumeric characters").optional(),
  schedulingPriorityOverride: integer.min(0).max(9999).optional(),
  arrayProperties: z.object({ size: integer.optional() }).optional(),
  dependsOn: z
    .array(z.object({ jobId: text.optional(), type: z.enum(["N_TO_N", "SEQUENTIAL"]).optional() }))
    .optional(),
  parameters: z.record(text, text).optional(),
  containerOverrides: containerOverrides.optional(),
  nodeOverrides: z.unknown().optional(),
  ecsPropertiesOverride: z.unknown().optional(),
  eksPropertiesOverride: z.unknown().optional(),
  retryStrategy: retryStrategy.optional(),
  propagateTags: z.boolean().optional(),
  timeout: jobTimeout.optional(),
  tags: tags.optional(),
});
export type SubmitJob = z.infer<typeof submitJob>;

const computeResources = z.looseObject({
  type: z.enum(["EC2", "SPOT", "FARGATE", "FARGATE_SPOT", "ECS_MANAGED_INSTANCES"]),
  maxvCpus: integer.min(0).optional(),
  minvCpus: integer.optional(),
  desiredvCpus: integer.optional(),
  subnets: texts.optional(),
  securityGroupIds: texts.optional(),
  instanceTypes: texts.optional(),
  instanceRole: text.optional(),
  allocationStrategy: text.optional(),
  tags: tags.optional(),
});

export const createComputeEnvironment = z.looseObject({
  computeEnvironmentName: resourceName,
  type: z.enum(["MANAGED", "UNMANAGED"]),
  state: state.optional(),
  unmanagedvCpus: integer.optional(),
  computeResources: computeResources.optional(),
  serviceRole: text.optional(),
  tags: tags.optional(),
  eksConfiguration: z.unknown().optional(),
  context: text.optional(),
  ecsSettings: z.looseObject({}).optional(),
});
export type CreateComputeEnvironment = z.infer<typeof createComputeEnvironment>;

export const updateComputeEnvironment = z.looseObject({
  computeEnvironment: name,
  state: state.optional(),
  unmanagedvCpus: integer.optional(),
  computeResources: computeResources.partial().loose().optional(),
  serviceRole: text.optional(),
  updatePolicy: z.looseObject({}).optional(),
  context: text.optional(),
  ecsSettings: z.looseObject({}).optional(),
});
export type UpdateComputeEnvironment = z.infer<typeof updateComputeEnvironment>;

const computeEnvironmentOrder = z.array(z.object({ order: integer, computeEnvironment: name }));
const jobStateTimeLimitActions = z.array(
  z.object({
    reason: text,
    state: z.literal("RUNNABLE"),
    maxTimeSeconds: integer.min(600).max(86_400),
    action: z.enum(["CANCEL", "TERMINATE"]),
  }),
);

export const createJobQueue = z.looseObject({
  jobQueueName: resourceName,
  priority: integer.min(0).max(1000),
  state: state.optional(),
  schedulingPolicyArn: text.optional(),
  computeEnvironmentOrder: computeEnvironmentOrder.optional(),
  serviceEnvironmentOrder: z.array(z.unknown()).optional(),
  jobQueueType: text.optional(),
  jobStateTimeLimitActions: jobStateTimeLimitActions.optional(),
  tags: tags.optional(),
});
export type CreateJobQueue = z.infer<typeof createJobQueue>;

export const updateJobQueue = z.looseObject({
  jobQueue: name,
  priority: integer.min(0).max(1000).optional(),
  state: state.optional(),
  schedulingPolicyArn: text.optional(),
  computeEnvironmentOrder: computeEnvironmentOrder.optional(),
  jobStateTimeLimitActions: jobStateTimeLimitActions.optional(),
});
export type UpdateJobQueue = z.infer<typeof updateJobQueue>;

export const fairsharePolicy = z.looseObject({
  shareDecaySeconds: integer.min(0).max(604_800).optional(),
  computeReservation: integer.min(0).max(99).optional(),
  shareDistribution: z
    .array(z.object({ shareIdentifier: name, weightFactor: z.number().min(0.0001).max(999.9999).optional() }))
    .optional(),
});

export const paging = { maxResults: integer.optional(), nextToken: text.nullish() };

export const listJobs = z.looseObject({
  jobQueue: text.optional(),
  arrayJobId: text.optional(),
  multiNodeJobId: text.optional(),
  jobStatus: z.enum(["SUBMITTED", "PENDING", "RUNNABLE", "STARTING", "RUNNING", "SUCCEEDED", "FAILED"]).optional(),
  filters: z.array(z.object({ name: text.optional(), values: texts.optional() })).optional(),
  ...paging,
});
export type ListJobs = z.infer<typeof listJobs>;
