// Which resource types take tags, and which belong to a region: what a system lays over all its resources.

/** Types of `@pulumi/aws` without a `tags` property, among those that the house uses. */
const WITHOUT_TAGS: ReadonlySet<string> = new Set([
  "aws:athena/namedQuery:NamedQuery",
  "aws:cloudwatch/dashboard:Dashboard",
  "aws:cloudwatch/eventTarget:EventTarget",
  "aws:cloudwatch/logResourcePolicy:LogResourcePolicy",
  "aws:ecr/lifecyclePolicy:LifecyclePolicy",
  "aws:efs/backupPolicy:BackupPolicy",
  "aws:efs/fileSystemPolicy:FileSystemPolicy",
  "aws:efs/mountTarget:MountTarget",
  "aws:glue/catalogTable:CatalogTable",
  "aws:iam/rolePolicy:RolePolicy",
  "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
  "aws:lambda/functionRecursionConfig:FunctionRecursionConfig",
  "aws:lambda/layerVersion:LayerVersion",
  "aws:lambda/permission:Permission",
  "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
  "aws:s3/bucketNotification:BucketNotification",
  "aws:s3/bucketPolicy:BucketPolicy",
  "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
  "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
  "aws:s3/bucketVersioning:BucketVersioning",
  "aws:scheduler/schedule:Schedule",
  "aws:secretsmanager/secretVersion:SecretVersion",
  "aws:sns/topicPolicy:TopicPolicy",
  "aws:sns/topicSubscription:TopicSubscription",
]);

/** Modules of services that have no regions. */
const GLOBAL_MODULES: ReadonlySet<string> = new Set(["budgets", "cloudfront", "iam", "organizations", "route53"]);

/** Remote components that take both `tags` and `region` and hand them to everything they make. */
const COMPONENTS: ReadonlySet<string> = new Set(["awsx:ec2:Vpc"]);

/** Whether a resource of this type can carry tags. */
export function isTaggable(type: string): boolean {
  return COMPONENTS.has(type) || (type.startsWith("aws:") && !WITHOUT_TAGS.has(type));
}

/** Whether a resource of this type can be put into another region than the provider's. */
export function isRegional(type: string): boolean {
  if (COMPONENTS.has(type)) return true;
  const module = /^aws:([^/:]+)\//.exec(type)?.[1];
  return module !== undefined && !GLOBAL_MODULES.has(module);
}
