// ImageRepository: an ECR repository that scans what is pushed and forgets what nobody runs any more.
import { LifecyclePolicy, type LifecyclePolicyArgs } from "@pulumi/aws/ecr/lifecyclePolicy.js";
import { Repository, type RepositoryArgs } from "@pulumi/aws/ecr/repository.js";
import * as pulumi from "@pulumi/pulumi";
import { type Removal, removalOptions, type Transform, transformed } from "../component.js";

export interface ImageRepositoryArgs {
  /** Name of the repository. */
  name: string;
  /** How many images are kept, the newest first. @default 20 */
  keepImages?: number;
  /** Days after which an image without a tag is deleted. @default 7 */
  untaggedDays?: number;
  /** What becomes of repository and images when the stack goes. */
  removal: Removal;
  transform?: { repository?: Transform<RepositoryArgs>; lifecycle?: Transform<LifecyclePolicyArgs> };
}

export class ImageRepository extends pulumi.ComponentResource {
  /** `<account>.dkr.ecr.<region>.amazonaws.com/<name>`, without a tag. */
  readonly repositoryUrl: pulumi.Output<string>;
  readonly arn: pulumi.Output<string>;
  readonly nodes: { repository: Repository; lifecycle: LifecyclePolicy };

  constructor(name: string, args: ImageRepositoryArgs, options?: pulumi.ComponentResourceOptions) {
    super("crucible:ecr:ImageRepository", name, {}, options);
    const { removal } = args;
    const repository = new Repository(
      ...transformed<RepositoryArgs>(
        args.transform?.repository,
        name,
        {
          name: args.name,
          // People push `latest` by hand; job definitions name a tag that the image's content decides, which never moves.
          imageTagMutability: "MUTABLE",
          imageScanningConfiguration: { scanOnPush: true },
          encryptionConfigurations: [{ encryptionType: "AES256" }],
          forceDelete: removal === "destroy",
        },
        { parent: this, ...removalOptions(removal) },
      ),
    );
    const lifecycle = new LifecyclePolicy(
      ...transformed<LifecyclePolicyArgs>(
        args.transform?.lifecycle,
        `${name}-lifecycle`,
        { repository: repository.name, policy: imageLifecycle(args.untaggedDays ?? 7, args.keepImages ?? 20) },
        { parent: this, ...removalOptions(removal) },
      ),
    );
    this.nodes = { repository, lifecycle };
    this.repositoryUrl = repository.repositoryUrl;
    this.arn = repository.arn;
    this.registerOutputs({ repositoryUrl: this.repositoryUrl, arn: this.arn });
  }
}

/** The lifecycle policy as ECR reads it ("Lifecycle policy properties in Amazon ECR"): the rule for any image comes last. */
export function imageLifecycle(untaggedDays: number, keepImages: number): string {
  return JSON.stringify({
    rules: [
      {
        rulePriority: 1,
        description: `Images without a tag go after ${untaggedDays} days`,
        selection: {
          tagStatus: "untagged",
          countType: "sinceImagePushed",
          countUnit: "days",
          countNumber: untaggedDays,
        },
        action: { type: "expire" },
      },
      {
        rulePriority: 2,
        description: `The newest ${keepImages} images stay`,
        selection: { tagStatus: "any", countType: "imageCountMoreThan", countNumber: keepImages },
        action: { type: "expire" },
      },
    ],
  });
}
