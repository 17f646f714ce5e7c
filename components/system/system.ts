// System: the root of everything that belongs together. What it lays over its resources, they need not be told one by one.
import * as pulumi from "@pulumi/pulumi";
import { isRegional, isTaggable } from "./placement.js";

export interface SystemArgs {
  /** Tags of every resource below that can have tags; a resource's own tags win. */
  tags: Record<string, string>;
  /**
   * Region of every resource below that has one. Give it when it is not the provider's.
   *
   * @default the provider's
   */
  region?: string;
}

export class System extends pulumi.ComponentResource {
  constructor(name: string, args: SystemArgs, options?: pulumi.ComponentResourceOptions) {
    super(
      "crucible:system:System",
      name,
      {},
      { ...options, transformations: [...(options?.transformations ?? []), placement(args)] },
    );
    this.registerOutputs({});
  }
}

/**
 * A transformation, not one of the newer transforms: it is inherited by the resources that this process makes, without a call
 * back from the engine for each; remote components take tags and region as arguments and hand them on.
 */
function placement({ tags, region }: SystemArgs): pulumi.ResourceTransformation {
  return ({ type, props, opts }) => {
    const changed = {
      ...props,
      ...(isTaggable(type) && { tags: pulumi.output(props.tags).apply((own) => ({ ...tags, ...own })) }),
      ...(region !== undefined && isRegional(type) && props.region === undefined && { region }),
    };
    return { props: changed, opts };
  };
}
