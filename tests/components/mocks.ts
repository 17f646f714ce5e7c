// Runs Pulumi programs against mocks that know each call they expect and throw on any other.
import * as pulumi from "@pulumi/pulumi";
import { getMonitor } from "@pulumi/pulumi/runtime/settings.js";

export const ACCOUNT = "123456789012";
export const REGION = "eu-central-1";

/** A resource as it was registered. */
export interface Registered {
  type: string;
  name: string;
  inputs: Record<string, unknown>;
  protect: boolean;
  retainOnDelete: boolean;
}

/** Outputs that AWS adds to a resource's inputs, by type. A type that is not here is unexpected. */
const OUTPUTS: Record<string, (inputs: Inputs, name: string) => Inputs> = {
  "aws:athena/namedQuery:NamedQuery": () => ({}),
  "aws:athena/workgroup:Workgroup": named("athena", (name) => `workgroup/${name}`),
  "aws:batch/computeEnvironment:ComputeEnvironment": named("batch", (name) => `compute-environment/${name}`),
  "aws:batch/jobDefinition:JobDefinition": ({ name }) => ({
    arn: arn("batch", `job-definition/${name}:1`),
    arnPrefix: arn("batch", `job-definition/${name}`),
    revision: 1,
  }),
  "aws:batch/jobQueue:JobQueue": named("batch", (name) => `job-queue/${name}`),
  "aws:budgets/budget:Budget": () => ({}),
  "aws:cloudtrail/trail:Trail": named("cloudtrail", (name) => `trail/${name}`),
  "aws:cloudwatch/dashboard:Dashboard": () => ({}),
  "aws:cloudwatch/eventRule:EventRule": named("events", (name) => `rule/${name}`),
  "aws:cloudwatch/eventTarget:EventTarget": () => ({}),
  "aws:cloudwatch/logGroup:LogGroup": named("logs", (name) => `log-group:${name}`),
  "aws:cloudwatch/logResourcePolicy:LogResourcePolicy": () => ({}),
  "aws:cloudwatch/metricAlarm:MetricAlarm": named("cloudwatch", (name) => `alarm:${name}`),
  "aws:dynamodb/table:Table": named("dynamodb", (name) => `table/${name}`),
  "aws:ec2/securityGroup:SecurityGroup": () => ({}),
  "aws:ec2/vpcEndpoint:VpcEndpoint": () => ({}),
  "aws:ecr/lifecyclePolicy:LifecyclePolicy": () => ({}),
  "aws:ecr/repository:Repository": ({ name }) => ({
    arn: arn("ecr", `repository/${name}`),
    repositoryUrl: `${ACCOUNT}.dkr.ecr.${REGION}.amazonaws.com/${name}`,
  }),
  "aws:ecs/cluster:Cluster": named("ecs", (name) => `cluster/${name}`),
  "aws:ecs/taskDefinition:TaskDefinition": ({ family }) => ({
    arn: arn("ecs", `task-definition/${family}:1`),
    arnWithoutRevision: arn("ecs", `task-definition/${family}`),
    revision: 1,
  }),
  "aws:efs/accessPoint:AccessPoint": (_, name) => ({ arn: arn("elasticfilesystem", `access-point/${name}`) }),
  "aws:efs/backupPolicy:BackupPolicy": () => ({}),
  "aws:efs/fileSystem:FileSystem": (_, name) => ({ arn: arn("elasticfilesystem", `file-system/${name}`) }),
  "aws:efs/fileSystemPolicy:FileSystemPolicy": () => ({}),
  "aws:efs/mountTarget:MountTarget": () => ({}),
  "aws:glue/catalogDatabase:CatalogDatabase": named("glue", (name) => `database/${name}`),
  "aws:glue/catalogTable:CatalogTable": () => ({}),
  "aws:glue/crawler:Crawler": named("glue", (name) => `crawler/${name}`),
  "aws:glue/job:Job": named("glue", (name) => `job/${name}`),
  "aws:iam/instanceProfile:InstanceProfile": ({ name }) => ({
    arn: `arn:aws:iam::${ACCOUNT}:instance-profile/${name}`,
  }),
  "aws:iam/role:Role": ({ name }) => ({ arn: `arn:aws:iam::${ACCOUNT}:role/${name}` }),
  "aws:iam/rolePolicy:RolePolicy": () => ({}),
  "aws:iam/rolePolicyAttachment:RolePolicyAttachment": () => ({}),
  "aws:lambda/functionRecursionConfig:FunctionRecursionConfig": () => ({}),
  "aws:lambda/layerVersion:LayerVersion": ({ layerName }) => ({ arn: arn("lambda", `layer:${layerName}:1`) }),
  "aws:lambda/permission:Permission": () => ({}),
  "aws:lambda/function:Function": named("lambda", (name) => `function:${name}`),
  "aws:s3/bucket:Bucket": ({ bucket }) => ({ arn: `arn:aws:s3:::${bucket}` }),
  "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": () => ({}),
  "aws:s3/bucketNotification:BucketNotification": () => ({}),
  "aws:s3/bucketObjectv2:BucketObjectv2": () => ({}),
  "aws:s3/bucketPolicy:BucketPolicy": () => ({}),
  "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": () => ({}),
  "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": () => ({}),
  "aws:s3/bucketVersioning:BucketVersioning": () => ({}),
  "aws:scheduler/schedule:Schedule": named("scheduler", (name) => `schedule/default/${name}`),
  "aws:secretsmanager/secret:Secret": ({ name }) => ({ arn: arn("secretsmanager", `secret:${name}-a1b2c3`) }),
  "aws:secretsmanager/secretVersion:SecretVersion": () => ({}),
  "aws:sfn/stateMachine:StateMachine": named("states", (name) => `stateMachine:${name}`),
  "aws:sns/topic:Topic": ({ name }) => ({ arn: arn("sns", String(name)) }),
  "aws:sns/topicPolicy:TopicPolicy": () => ({}),
  "aws:sns/topicSubscription:TopicSubscription": () => ({}),
  "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": () => ({}),
  "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": () => ({}),
  "awsx:ec2:Vpc": (_, name) => ({
    vpcId: `vpc-${name}`,
    privateSubnetIds: ["subnet-a", "subnet-b"],
    publicSubnetIds: ["subnet-c", "subnet-d"],
    routeTables: ["rtb-a", "rtb-b", "rtb-c", "rtb-d"],
  }),
};

type Inputs = Record<string, unknown>;

function arn(service: string, resource: string): string {
  return `arn:aws:${service}:${REGION}:${ACCOUNT}:${resource}`;
}

function named(service: string, resource: (name: unknown) => string): (inputs: Inputs) => Inputs {
  return ({ name }) => ({ arn: arn(service, resource(name)) });
}

/** What a program registered, by type and name, and what it gave. */
export interface Run<T> {
  resources: Registered[];
  result: T;
}

/**
 * Runs a program to its end, as `pulumi up` would, and gives what it made.
 *
 * @param config Pulumi configuration, e.g. `{ "crucible:environment": "prod" }`
 * @throws what the program throws, and for a resource type or a function that is not expected
 */
export async function run<T>(
  program: () => T | Promise<T>,
  config: Record<string, string> = { "aws:region": REGION },
): Promise<Run<T>> {
  const resources: Registered[] = [];
  const unexpected: string[] = [];
  await pulumi.runtime.setMocks(
    {
      newResource({ type, name, inputs, custom }) {
        const isOwnComponent = !custom && /^(crucible|pulumi):/.test(type);
        const outputs = OUTPUTS[type];
        if (!outputs && !isOwnComponent) {
          unexpected.push(`the resource ${name} of type ${type}`);
          throw new Error(`Unexpected resource type ${type}`);
        }
        return { id: `${name}-id`, state: { ...inputs, ...outputs?.(inputs, name) } };
      },
      call({ token, inputs }) {
        if (token === "aws:index/getCallerIdentity:getCallerIdentity") return { accountId: ACCOUNT };
        if (token === "aws:index/getPartition:getPartition") return { partition: "aws" };
        if (token === "aws:ec2/getPrefixList:getPrefixList") return { id: `pl-${inputs.name}` };
        if (token === "aws:s3/getBucket:getBucket") {
          if (String(inputs.bucket).startsWith("absent")) throw new Error(`there is no bucket ${inputs.bucket}`);
          return { bucket: inputs.bucket };
        }
        unexpected.push(`the function ${token}`);
        throw new Error(`Unexpected function ${token}`);
      },
    },
    "crucible",
    "test",
    false,
  );
  pulumi.runtime.setAllConfig(config);
  watchOptions(resources);
  // Also of a program that throws: what it had begun would end in the middle of the next one.
  const result = await Promise.resolve()
    .then(program)
    .finally(() => pulumi.runtime.disconnect());
  if (unexpected.length > 0) throw new Error(`Not expected: ${unexpected.join(", ")}`);
  // Resources register when their inputs are known, in no fixed order.
  resources.sort((left, right) => (`${left.type} ${left.name}` < `${right.type} ${right.name}` ? -1 : 1));
  return { resources, result };
}

/** Mocks are not told of resource options; the monitor that they stand behind is. */
function watchOptions(resources: Registered[]): void {
  const monitor = getMonitor() as unknown as {
    registerResource(request: RegisterRequest, callback: (error: unknown, response: unknown) => void): Promise<void>;
  };
  const register = monitor.registerResource.bind(monitor);
  monitor.registerResource = async (request, callback) => {
    if (!/^(crucible|pulumi):/.test(request.getType()))
      resources.push({
        type: request.getType(),
        name: request.getName(),
        inputs: request.getObject()?.toJavaScript() ?? {},
        protect: request.getProtect(),
        retainOnDelete: request.getRetainondelete(),
      });
    await register(request, callback);
  };
}

interface RegisterRequest {
  getType(): string;
  getName(): string;
  getObject(): { toJavaScript(): Record<string, unknown> } | undefined;
  getProtect(): boolean;
  getRetainondelete(): boolean;
}

/** The value of an output, whether it came of mocks or of a plain value. */
export function settled<T>(output: pulumi.Output<T>): Promise<T> {
  return new Promise((resolve) => {
    output.apply(resolve);
  });
}

/** The one resource of a type (and a name, if it is given). @throws when there is none, or more than one */
export function only(resources: Registered[], type: string, name?: string): Registered {
  const found = resources.filter(
    (resource) => resource.type.endsWith(`:${type}`) && (name === undefined || resource.name === name),
  );
  if (found.length !== 1 || !found[0])
    throw new Error(`There are ${found.length} of ${type} ${name ?? ""}: ${found.map((each) => each.name).join(", ")}`);
  return found[0];
}
