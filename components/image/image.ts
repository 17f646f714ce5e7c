// JobImage: the image that a folder of jobs runs in, published to an ECR repository under a tag that its content decides.
import * as pulumi from "@pulumi/pulumi";
import { bundleImage } from "./bundle.js";
import { publishBundle } from "./publish.js";

export interface JobImageArgs {
  /**
   * Absolute path of the jobs folder: the one that has `image.json`.
   *
   * @example
   * ```ts
   * { folder: join(projectRoot, "jobs", "sanders") }
   * ```
   */
  folder: string;
  /** The repository that the image is published to, or the outputs of one. */
  repository: {
    /** `<registry>/<repository>`, without a tag. */
    repositoryUrl: pulumi.Input<string>;
  };
  /** Region of the repository, e.g. `eu-central-1`. */
  region: pulumi.Input<string>;
  /**
   * Who publishes:
   * - `"bundle"`: this component puts the bundled code into the repository as OCI layers, with the credentials and endpoint
   *   of the process that runs the program (the AWS SDK's default chain). Never during a preview, and only what is not there.
   * - `"none"`: nothing is published; a container image with the same tag is pushed by `scripts/push-image.mjs`.
   *
   * The bundle holds code but no operating system, so Fargate and EC2 need `"none"`.
   *
   * @default "bundle"
   */
  publish?: "bundle" | "none";
  /**
   * Put the tag `latest` as well. A repository with immutable tags refuses to move it: there, set this to `false`.
   *
   * @default true
   */
  latest?: boolean;
}

/**
 * Builds and publishes a job image. Changed code gives another tag, and so another revision of every job definition that names it.
 * Outputs resolve when the image is published, so what names `uri` is created after it.
 */
export class JobImage extends pulumi.ComponentResource {
  /** `<repositoryUrl>:<tag>`, for a job definition. */
  readonly uri: pulumi.Output<string>;
  /** `sha-<12 hex digits>` of the content digest; the same on every machine. */
  readonly tag: pulumi.Output<string>;
  /** Digest of the manifest as ECR lists it; with `publish: "none"` that of the content, since the manifest is someone else's. */
  readonly digest: pulumi.Output<string>;

  constructor(name: string, args: JobImageArgs, opts?: pulumi.ComponentResourceOptions) {
    super("crucible:image:JobImage", name, {}, opts);
    const { publish = "bundle", latest = true } = args;
    const bundle = bundleImage(args.folder).catch((cause: Error) => {
      throw new pulumi.ResourceError(`JobImage '${name}': ${cause.message}`, this);
    });
    const published = pulumi
      .all([bundle, args.repository.repositoryUrl, args.region])
      .apply(async ([built, repositoryUrl, region]) => {
        if (publish === "bundle" && !pulumi.runtime.isDryRun())
          await publishBundle(built, repositoryUrl, region, latest ? [built.tag, "latest"] : [built.tag]);
        return `${repositoryUrl}:${built.tag}`;
      });
    this.uri = published;
    this.tag = pulumi.output(bundle).apply((built) => built.tag);
    this.digest = pulumi
      .output(bundle)
      .apply((built) => (publish === "bundle" ? built.manifestDigest : built.contentDigest));
    this.registerOutputs({ uri: this.uri, tag: this.tag, digest: this.digest });
  }
}
