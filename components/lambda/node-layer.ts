// NodeLayer: packages that Node functions share, in versions of our own instead of those that Lambda's runtimes happen to have.
import { LayerVersion, type LayerVersionArgs } from "@pulumi/aws/lambda/layerVersion.js";
import * as pulumi from "@pulumi/pulumi";
import { type Transform, transformed } from "../component.js";
import { bundleLayer } from "./layer-code.js";

export interface NodeLayerArgs {
  /** Name of the layer, up to 64 characters. Every change publishes another version. */
  name: string;
  /** What it brings, for whoever finds it in the account. */
  description: string;
  /** Names of the packages; what they stand on comes along. */
  packages: readonly string[];
  /** Folder from which packages are looked for, upwards, as Node does. */
  from: string;
  transform?: { layer?: Transform<LayerVersionArgs> };
}

export class NodeLayer extends pulumi.ComponentResource {
  /** With version, as functions name it. */
  readonly arn: pulumi.Output<string>;
  /** For a function that uses it: what its code is not to hold. */
  readonly packages: readonly string[];
  readonly nodes: { layer: LayerVersion };

  constructor(name: string, args: NodeLayerArgs, options?: pulumi.ComponentResourceOptions) {
    super("crucible:lambda:NodeLayer", name, {}, options);
    const code = bundleLayer(args.packages, args.from).then(
      (files) =>
        new pulumi.asset.AssetArchive(
          Object.fromEntries([...files].map(([path, text]) => [path, new pulumi.asset.StringAsset(text)])),
        ),
      (cause: Error) => {
        throw new pulumi.ResourceError(`NodeLayer '${name}': ${cause.message}`, this);
      },
    );
    const layer = new LayerVersion(
      ...transformed<LayerVersionArgs>(
        args.transform?.layer,
        name,
        {
          layerName: args.name,
          description: args.description,
          code: pulumi.output(code),
          compatibleRuntimes: ["nodejs22.x", "nodejs24.x"],
        },
        { parent: this },
      ),
    );
    this.nodes = { layer };
    this.arn = layer.arn;
    this.packages = args.packages;
    this.registerOutputs({ arn: this.arn });
  }
}
