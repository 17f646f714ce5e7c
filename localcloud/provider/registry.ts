// Every resource type and function of the provider, by token. A service's descriptors (and its AWS SDK client) are loaded when
// the first token of its Pulumi module is used, so that starting costs nothing for what a program does not use.
import { closestFirst } from "./closest.js";
import type { FunctionDescriptor, ResourceDescriptor, Service } from "./descriptor.js";

/** Pulumi modules (`aws:<module>/…`) to the services with types in them. `cloudwatch` is three services in Pulumi's naming. */
const SERVICES: readonly { modules: readonly string[]; load: () => Promise<Service> }[] = [
  { modules: ["s3"], load: () => import("./resources/s3/index.js") },
  { modules: ["dynamodb"], load: () => import("./resources/dynamodb/index.js") },
  { modules: ["ecr"], load: () => import("./resources/ecr/index.js") },
  { modules: ["iam"], load: () => import("./resources/iam/index.js") },
  { modules: ["cloudwatch"], load: () => import("./resources/logs/index.js") },
  { modules: ["secretsmanager"], load: () => import("./resources/secretsmanager/index.js") },
  { modules: ["sns"], load: () => import("./resources/sns/index.js") },
  { modules: ["index"], load: () => import("./resources/sts/index.js") },
  { modules: ["ec2", "vpc"], load: () => import("./resources/ec2/index.js") },
  { modules: ["batch"], load: () => import("./resources/batch/index.js") },
  { modules: ["sfn"], load: () => import("./resources/sfn/index.js") },
  { modules: ["cloudwatch"], load: () => import("./resources/cloudwatch/index.js") },
  { modules: ["cloudwatch"], load: () => import("./resources/eventbridge/index.js") },
  { modules: ["scheduler"], load: () => import("./resources/scheduler/index.js") },
  { modules: ["budgets"], load: () => import("./resources/budgets/index.js") },
  { modules: ["cloudtrail"], load: () => import("./resources/cloudtrail/index.js") },
  { modules: ["sqs"], load: () => import("./resources/sqs/index.js") },
  { modules: ["lambda"], load: () => import("./resources/lambda/index.js") },
  { modules: ["athena"], load: () => import("./resources/athena/index.js") },
  { modules: ["efs"], load: () => import("./resources/efs/index.js") },
  { modules: ["ecs"], load: () => import("./resources/ecs/index.js") },
  { modules: ["glue"], load: () => import("./resources/glue/index.js") },
];

/** `aws:s3/bucket:Bucket` → `s3`. */
function moduleOf(token: string): string | undefined {
  return /^aws:([^/:]+)/.exec(token)?.[1];
}

async function servicesOf(module: string | undefined): Promise<Service[]> {
  const matching = SERVICES.filter((service) => module !== undefined && service.modules.includes(module));
  return Promise.all(matching.map((service) => service.load()));
}

/** All services, loaded: for listings and the schema. */
export async function allServices(): Promise<Service[]> {
  return Promise.all(SERVICES.map((service) => service.load()));
}

/**
 * The descriptor of a resource type.
 *
 * @throws UnknownToken naming the known types, the closest first.
 */
export async function findResource(type: string): Promise<ResourceDescriptor> {
  for (const service of await servicesOf(moduleOf(type))) {
    const found = service.resources.find((descriptor) => descriptor.type === type);
    if (found) return found;
  }
  const known = (await allServices()).flatMap((service) => service.resources.map((descriptor) => descriptor.type));
  throw new UnknownToken("resource type", type, known);
}

/**
 * The descriptor of a function.
 *
 * @throws UnknownToken naming the known functions, the closest first.
 */
export async function findFunction(token: string): Promise<FunctionDescriptor> {
  for (const service of await servicesOf(moduleOf(token))) {
    const found = service.functions?.find((descriptor) => descriptor.token === token);
    if (found) return found;
  }
  const known = (await allServices()).flatMap((service) => (service.functions ?? []).map((each) => each.token));
  throw new UnknownToken("function", token, known);
}

/** A type or function that the provider does not have. */
export class UnknownToken extends Error {
  constructor(what: string, token: string, known: readonly string[]) {
    const sorted = closestFirst(token, known);
    super(
      `the local provider has no ${what} ${token}. It has ${known.length}, the closest first: ${sorted.join(", ")}. ` +
        "The official AWS provider knows them all: use the target aws, or an endpoint with the official provider installed.",
    );
    this.name = "UnknownToken";
  }
}
