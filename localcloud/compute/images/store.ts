// Finds images in the account's ECR and keeps what they are made of in a cache by digest, shared by every cloud of the user.
import { createHash } from "node:crypto";
import { pipeline, type Readable, Transform } from "node:stream";
import { text } from "node:stream/consumers";
import { type ClientConfig, EcrReader, imageId, RepositoryMissing, registryHost } from "./ecr.js";
import { type ImageLayer, type ImageStore, PullError, type ResolvedImage } from "./image.js";
import { LayerCache } from "./layer-cache.js";
import { parseConfig, parseManifest, pickPlatform, sha256Digest } from "./manifest.js";
import { type ImageReference, parseImageReference } from "./reference.js";

export interface EcrImageStoreOptions {
  /** Folder of the cache; see `defaultLayerCache`. */
  cacheFolder: string;
  /** `ComputeContext.clientConfig`. */
  clientConfig: ClientConfig;
}

interface Owner {
  account: string;
  region: string;
}

/** The image store of the local cloud. */
export class EcrImageStore implements ImageStore {
  readonly #ecr: EcrReader;
  readonly #cache: LayerCache;
  readonly #clientConfig: ClientConfig;
  /** Images by owner, repository and manifest digest: what a digest names never changes. */
  readonly #known = new Map<string, ResolvedImage>();

  constructor(options: EcrImageStoreOptions) {
    this.#ecr = new EcrReader(options.clientConfig);
    this.#clientConfig = options.clientConfig;
    this.#cache = new LayerCache(options.cacheFolder);
  }

  async resolve(request: { image: string; account: string; region: string }): Promise<ResolvedImage> {
    const { image } = request;
    try {
      const reference = parseImageReference(image);
      const owner = this.#owner(reference, request);
      return await this.#find(reference, owner);
    } catch (error) {
      if (error instanceof PullError) throw error;
      throw new PullError(`${attempted} failed to resolve ref ${image}: ${(error as Error).message}`, { cause: error });
    }
  }

  close(): void {
    this.#ecr.close();
  }

  /** The account and region whose registry the reference names. */
  #owner(reference: ImageReference, request: Owner): Owner {
    const { text: name, registry, ecr } = reference;
    if (ecr) {
      if (ecr.account !== request.account)
        throw new PullError(
          `${attempted} failed to resolve ref ${name}: pull access denied, repository does not exist or may require authorization: ` +
            `authorization failed: account ${request.account} has no access to the registry of account ${ecr.account}`,
        );
      return ecr;
    }
    const endpoint = new URL(this.#clientConfig(request.account, request.region).endpoint);
    if (registry === endpoint.host) return { account: request.account, region: request.region };
    throw new PullError(
      `${attempted} failed to resolve ref ${name}: the image is not in the account's ECR ` +
        `(${registryHost(request)}), and without a container engine it can be had from nowhere else`,
      { elsewhere: true },
    );
  }

  async #find(reference: ImageReference, owner: Owner): Promise<ResolvedImage> {
    const { text: name, repository } = reference;
    let stored: Awaited<ReturnType<EcrReader["manifest"]>>;
    try {
      stored = await this.#ecr.manifest(owner, repository, imageId(reference));
    } catch (error) {
      if (!(error instanceof RepositoryMissing)) throw error;
      throw new PullError(
        `${attempted} failed to resolve ref ${name}: repository ${registryHost(owner)}/${repository} not found: name unknown: ` +
          `The repository with name '${repository}' does not exist in the registry with id '${owner.account}'`,
        { cause: error },
      );
    }
    if (!stored) throw new PullError(`${attempted} failed to resolve ref ${name}: ${name}: not found`);
    const digest = sha256Digest(stored.text);
    if (stored.digest.startsWith("sha256:") && stored.digest !== digest)
      throw mismatch("manifest", digest, stored.digest);
    const key = `${owner.account}/${owner.region}/${repository}@${digest}`;
    const known = this.#known.get(key);
    if (known) return { ...known, reference: name };
    const manifest = parseManifest(stored.text);
    if (manifest.kind === "index") {
      const picked = pickPlatform(manifest, process.arch);
      if (!picked)
        throw new PullError(`image Manifest does not contain descriptor matching platform 'linux/${process.arch}'`);
      return this.#find({ text: name, repository, digest: picked.digest }, owner);
    }
    const raw = await text(await this.#ecr.blob(owner, repository, manifest.config.digest));
    if (sha256Digest(raw) !== manifest.config.digest)
      throw mismatch("config", sha256Digest(raw), manifest.config.digest);
    const { config, layers } = parseConfig(raw, manifest.layers);
    const open = (layer: ImageLayer) => this.#open(owner, repository, layer);
    const resolved: ResolvedImage = {
      reference: name,
      digest,
      config,
      layers,
      raw: { config: raw, manifest: stored.text },
      root: () => pulling(() => this.#cache.root(layers, open)),
      blob: (layer) => pulling(() => this.#cache.blob(layer, open)),
    };
    this.#known.set(key, resolved);
    return resolved;
  }

  /** A layer's compressed bytes; the stream fails at its end when they are not what the digest says. */
  async #open(owner: Owner, repository: string, layer: ImageLayer): Promise<Readable> {
    const checked = verify("layer", layer.digest);
    // An error of either end reaches the reader through `checked`.
    pipeline(await this.#ecr.blob(owner, repository, layer.digest), checked, () => {});
    return checked;
  }
}

/** Fargate's words; it says how often it has tried. */
const attempted = "pull image manifest has been retried 1 time(s):";

/** Passes bytes on, and fails instead of ending when they do not have the digest. */
function verify(kind: string, expected: string): Transform {
  const hash = createHash("sha256");
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      done(null, chunk);
    },
    flush(done) {
      const actual = `sha256:${hash.digest("hex")}`;
      done(actual === expected ? null : mismatch(kind, actual, expected));
    },
  });
}

function mismatch(kind: string, actual: string, expected: string): PullError {
  return new PullError(
    `ref pull has been retried 1 time(s): failed commit on ref "${kind}-${expected}": ` +
      `unexpected commit digest ${actual}, expected ${expected}: failed precondition`,
  );
}

async function pulling<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof PullError) throw error;
    throw new PullError(`ref pull has been retried 1 time(s): failed to extract layer: ${(error as Error).message}`, {
      cause: error,
    });
  }
}
