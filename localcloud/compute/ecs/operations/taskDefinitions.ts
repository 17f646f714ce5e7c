// Task definitions: registered as revisions of a family, described, listed, deregistered, deleted.
import { z } from "zod";
import { ecsArn, NAME, parseEcsArn } from "../arn.js";
import { contentOf } from "../definitions/register.js";
import { clientException, invalidParameter } from "../errors.js";
import type { TaskDefinition } from "../model.js";
import { paginate } from "../paging.js";
import { paging, parseRequest, registerTaskDefinition } from "../requests.js";
import type { EcsRegion } from "../store.js";
import { tagsView, toTags } from "../tags.js";
import type { Operations } from "./operation.js";

/** How many DeleteTaskDefinitions takes at once. */
const MOST_DELETED = 10;

const UNABLE = "Unable to describe task definition.";

export const operations: Operations = {
  RegisterTaskDefinition({ region, principalArn, body, world }) {
    const request = parseRequest(registerTaskDefinition, body);
    const { family } = request;
    if (!family) throw clientException("Family should not be null or empty.");
    if (!NAME.test(family)) throw clientException("Family contains invalid characters.");
    const content = contentOf(request);
    const of = region.families.get(family) ?? { revisions: [], last: 0 };
    of.last += 1;
    const definition: TaskDefinition = {
      account: region.account,
      region: region.region,
      family,
      revision: of.last,
      arn: ecsArn(region, `task-definition/${family}:${of.last}`),
      status: "ACTIVE",
      content,
      registeredAt: world.now(),
      registeredBy: principalArn,
      tags: toTags(request.tags),
    };
    of.revisions.push(definition);
    region.families.set(family, of);
    return { taskDefinition: definitionView(definition), tags: tagsView(definition.tags) };
  },

  DescribeTaskDefinition({ region, body }) {
    const request = parseRequest(z.looseObject({ taskDefinition: z.string(), include }), body);
    const found = findDefinition(region, request.taskDefinition);
    if (!found) throw clientException(UNABLE);
    return {
      taskDefinition: definitionView(found),
      ...(request.include?.includes("TAGS") && { tags: tagsView(found.tags) }),
    };
  },

  DeregisterTaskDefinition({ region, body, world }) {
    const { taskDefinition } = parseRequest(z.looseObject({ taskDefinition: z.string() }), body);
    if (!/:\d+$/.test(taskDefinition)) throw clientException("Revision is missing.");
    const found = findDefinition(region, taskDefinition);
    if (!found) throw clientException("The specified task definition does not exist.");
    if (found.status === "ACTIVE") {
      found.status = "INACTIVE";
      found.deregisteredAt = world.now();
    }
    return { taskDefinition: definitionView(found) };
  },

  DeleteTaskDefinitions({ region, body }) {
    const { taskDefinitions } = parseRequest(z.looseObject({ taskDefinitions: z.array(z.string()) }), body);
    if (taskDefinitions.length === 0 || taskDefinitions.length > MOST_DELETED)
      throw invalidParameter(`Between 1 and ${MOST_DELETED} task definitions can be deleted at once.`);
    const deleted: TaskDefinition[] = [];
    const failures: { arn: string; reason: string; detail?: string }[] = [];
    for (const arn of taskDefinitions) {
      const found = /:\d+$/.test(arn) ? findDefinition(region, arn) : undefined;
      if (!found)
        failures.push({
          arn,
          reason:
            "The specified task definition does not exist. Specify a valid account, family, revision and try again.",
        });
      else if (found.status === "ACTIVE")
        failures.push({
          arn,
          reason:
            "The specified task definition is still in ACTIVE status. Please deregister the target and try again.",
        });
      else deleted.push(found);
    }
    for (const definition of deleted) remove(region, definition);
    return { taskDefinitions: deleted.map(definitionView), failures };
  },

  ListTaskDefinitions({ region, body }) {
    const request = parseRequest(
      z.looseObject({
        familyPrefix: z.string().optional(),
        status: z.enum(["ACTIVE", "INACTIVE", "DELETE_IN_PROGRESS"]).optional(),
        sort: z.enum(["ASC", "DESC"]).optional(),
        ...paging,
      }),
      body,
    );
    const { familyPrefix, status = "ACTIVE", sort = "ASC" } = request;
    const all = [...region.families.values()]
      .flatMap(({ revisions }) => revisions)
      .filter(
        (definition) => definition.status === status && (familyPrefix ?? definition.family) === definition.family,
      );
    const key = ({ family, revision }: TaskDefinition) => `${family} ${String(revision).padStart(9, "0")}`;
    const { items, nextToken } = paginate(all, key, request, { descending: sort === "DESC" });
    return { taskDefinitionArns: items.map(({ arn }) => arn), nextToken };
  },

  ListTaskDefinitionFamilies({ region, body }) {
    const request = parseRequest(
      z.looseObject({
        familyPrefix: z.string().optional(),
        status: z.enum(["ACTIVE", "INACTIVE", "ALL"]).optional(),
        ...paging,
      }),
      body,
    );
    const { familyPrefix = "", status = "ACTIVE" } = request;
    const families = [...region.families].flatMap(([family, { revisions }]) => {
      const isActive = revisions.some((each) => each.status === "ACTIVE");
      const isMeant = status === "ALL" || (status === "ACTIVE") === isActive;
      return revisions.length > 0 && isMeant && family.startsWith(familyPrefix) ? [family] : [];
    });
    const { items, nextToken } = paginate(families, (family) => family, request);
    return { families: items, nextToken };
  },
};

const include = z.array(z.string()).optional();

/**
 * The definition that a text names: an ARN, `family:revision`, or `family` for its latest ACTIVE revision. Undefined where there is none.
 */
export function findDefinition(region: EcsRegion, text: string): TaskDefinition | undefined {
  const parsed = parseEcsArn(text);
  if (text.startsWith("arn:") && parsed?.type !== "task-definition") return undefined;
  if (parsed && (parsed.account !== region.account || parsed.region !== region.region)) return undefined;
  const [family = "", revision] = (parsed?.name ?? text).split(":");
  const revisions = region.families.get(family)?.revisions ?? [];
  if (revision === undefined) return revisions.findLast(({ status }) => status === "ACTIVE");
  return revisions.find((definition) => String(definition.revision) === revision);
}

function remove(region: EcsRegion, definition: TaskDefinition): void {
  const used =
    [...region.tasks.values()].some((task) => task.definition === definition && task.lastStatus !== "STOPPED") ||
    [...region.services.values()].some(
      (service) => service.status !== "INACTIVE" && service.deployments.some((each) => each.definition === definition),
    );
  definition.status = "DELETE_IN_PROGRESS";
  // What still uses it keeps it; AWS, too, deletes it only when nothing does.
  const of = region.families.get(definition.family);
  if (of && !used) of.revisions = of.revisions.filter((each) => each !== definition);
}

/** TaskDefinition of the API. */
export function definitionView(definition: TaskDefinition): Record<string, unknown> {
  const { arn, family, revision, status, content, registeredAt, registeredBy, deregisteredAt } = definition;
  return {
    taskDefinitionArn: arn,
    family,
    revision,
    status,
    ...content,
    requiresAttributes: attributesOf(definition),
    registeredAt,
    registeredBy,
    deregisteredAt,
  };
}

/** What the definition needs of a container instance, derived from its content as AWS does. */
function attributesOf({ content }: TaskDefinition): { name: string }[] {
  const { containerDefinitions, taskRoleArn, executionRoleArn, networkMode, volumes } = content;
  const drivers = new Set(containerDefinitions.flatMap(({ logConfiguration }) => logConfiguration?.logDriver ?? []));
  const capability = (name: string) => `ecs.capability.${name}`;
  const names = [
    ...[...drivers].map((driver) => `com.amazonaws.ecs.capability.logging-driver.${driver}`),
    ...(executionRoleArn && drivers.has("awslogs") ? [capability("execution-role-awslogs")] : []),
    ...(containerDefinitions.some(({ image }) => /\.dkr\.ecr\./.test(image))
      ? ["com.amazonaws.ecs.capability.ecr-auth", ...(executionRoleArn ? [capability("execution-role-ecr-pull")] : [])]
      : []),
    ...(taskRoleArn ? ["com.amazonaws.ecs.capability.task-iam-role"] : []),
    ...(networkMode === "awsvpc" ? [capability("task-eni")] : []),
    ...(containerDefinitions.some(({ secrets }) =>
      secrets?.some(({ valueFrom }) => valueFrom?.includes(":secretsmanager:")),
    )
      ? [capability("secrets.asm.environment-variables")]
      : []),
    ...(containerDefinitions.some(({ secrets }) =>
      secrets?.some(({ valueFrom }) => !valueFrom?.includes(":secretsmanager:")),
    )
      ? [capability("secrets.ssm.environment-variables")]
      : []),
    ...(containerDefinitions.some(({ healthCheck }) => healthCheck) ? [capability("container-health-check")] : []),
    ...(containerDefinitions.some(({ dependsOn }) => dependsOn?.length) ? [capability("container-ordering")] : []),
    ...(volumes?.some(({ efsVolumeConfiguration }) => efsVolumeConfiguration)
      ? [capability("efsAuth"), capability("efs")]
      : []),
    "com.amazonaws.ecs.capability.docker-remote-api.1.18",
  ];
  return [...new Set(names)].map((name) => ({ name }));
}
