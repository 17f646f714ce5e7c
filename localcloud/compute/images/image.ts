// What an executor gets to know of an image, and how a pull that fails is worded.

/** The part of an OCI image configuration that running a container needs. */
export interface ImageConfig {
  entrypoint: string[];
  command: string[];
  /** Absolute path in the image. */
  workingDirectory: string;
  environment: Record<string, string>;
  /** The layers hold code only: whoever runs them brings Node and Python (`node20-python3`). */
  runtime?: string;
}

/** A compressed layer of an image. */
export interface ImageLayer {
  digest: string;
  diffId: string;
  mediaType: string;
  /** Bytes. */
  size: number;
}

/** An image that its registry knows. What it holds is fetched when asked for. */
export interface ResolvedImage {
  /** As it was asked for. */
  reference: string;
  /** Digest of the manifest. */
  digest: string;
  config: ImageConfig;
  /** The configuration and manifest as the registry has them, for who hands the image on. */
  raw: { config: string; manifest: string };
  layers: ImageLayer[];
  /** Folder with the image's files, shared by all its containers and not to be written to. Rejects with CannotPullContainerError. */
  root(): Promise<string>;
  /** File with a layer's compressed bytes. Rejects with CannotPullContainerError. */
  blob(layer: ImageLayer): Promise<string>;
}

/** Where executors find images. */
export interface ImageStore {
  /**
   * Finds an image of the account.
   * @throws PullError with AWS's reason when it is not there, or not in the account's ECR
   */
  resolve(request: { image: string; account: string; region: string }): Promise<ResolvedImage>;
}

/** A pull that failed; its message is the reason that AWS gives for the container. */
export class PullError extends Error {
  override readonly name = "CannotPullContainerError";
  /** Set when the image is simply somewhere else, where only a container engine can get it. */
  readonly elsewhere: boolean;
  constructor(what: string, options: ErrorOptions & { elsewhere?: boolean } = {}) {
    super(`CannotPullContainerError: ${what}`, options);
    this.elsewhere = options.elsewhere ?? false;
  }
}
