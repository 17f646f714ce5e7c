// How the local cloud reads an account's ECR: manifests through the ECR API, blobs through the registry on the same endpoint.

import type { IncomingMessage } from "node:http";
import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import { setTimeout as delay } from "node:timers/promises";
import {
  BatchGetImageCommand,
  type BatchGetImageCommandOutput,
  ECRClient,
  GetAuthorizationTokenCommand,
} from "@aws-sdk/client-ecr";
import type { ImageReference } from "./reference.js";

/** What a manifest is asked for by. */
export type ImageId = { imageTag: string } | { imageDigest: string };

/** A manifest as the registry keeps it. */
export interface StoredManifest {
  digest: string;
  text: string;
}

/** SDK configuration of an account's root, as `ComputeContext.clientConfig` gives it. */
export type ClientConfig = (
  account: string,
  region: string,
) => { endpoint: string; region: string; credentials: { accessKeyId: string; secretAccessKey: string } };

const ATTEMPTS = 3;

/** The repository does not exist; the message is ECR's. */
export class RepositoryMissing extends Error {}

export class EcrReader {
  readonly #clientConfig: ClientConfig;
  readonly #clients = new Map<string, ECRClient>();
  readonly #tokens = new Map<string, { authorization: string; until: number }>();

  constructor(clientConfig: ClientConfig) {
    this.#clientConfig = clientConfig;
  }

  /**
   * The manifest of an image; undefined when the repository has none by that tag or digest.
   * @throws RepositoryMissing, or the SDK's error
   */
  async manifest(
    owner: { account: string; region: string },
    repository: string,
    id: ImageId,
  ): Promise<StoredManifest | undefined> {
    let answer: BatchGetImageCommandOutput;
    try {
      answer = await this.#client(owner).send(new BatchGetImageCommand({ repositoryName: repository, imageIds: [id] }));
    } catch (cause) {
      if ((cause as Error).name !== "RepositoryNotFoundException") throw cause;
      throw new RepositoryMissing((cause as Error).message, { cause });
    }
    const image = answer.images?.[0];
    if (!image?.imageManifest) return undefined;
    return { text: image.imageManifest, digest: image.imageId?.imageDigest ?? "" };
  }

  /**
   * Opens a blob of the repository.
   * @throws when the registry does not have it or cannot be reached (tried three times)
   */
  async blob(owner: { account: string; region: string }, repository: string, digest: string): Promise<IncomingMessage> {
    const { endpoint } = this.#clientConfig(owner.account, owner.region);
    const url = new URL(`/v2/${repository}/blobs/${digest}`, endpoint);
    // One endpoint serves every account's registry: `ns` says which, as a client of a mirror does.
    url.searchParams.set("ns", registryHost(owner));
    const authorization = await this.#authorization(owner);
    for (let tried = 1; ; tried += 1)
      try {
        return await open(url, authorization);
      } catch (error) {
        if (tried === ATTEMPTS || !(error instanceof Error && "code" in error)) throw error;
        await delay(50 * 2 ** tried);
      }
  }

  close(): void {
    for (const client of this.#clients.values()) client.destroy();
    this.#clients.clear();
  }

  /** The registry's own credentials; asked for anew well before they expire. */
  async #authorization(owner: { account: string; region: string }): Promise<string> {
    const key = `${owner.account}/${owner.region}`;
    const known = this.#tokens.get(key);
    if (known && known.until > Date.now() + 600_000) return known.authorization;
    const { authorizationData } = await this.#client(owner).send(new GetAuthorizationTokenCommand({}));
    const granted = authorizationData?.[0];
    if (!granted?.authorizationToken) throw new Error("GetAuthorizationToken answered without a token");
    const authorization = `Basic ${granted.authorizationToken}`;
    this.#tokens.set(key, { authorization, until: granted.expiresAt?.getTime() ?? 0 });
    return authorization;
  }

  #client(owner: { account: string; region: string }): ECRClient {
    const key = `${owner.account}/${owner.region}`;
    let client = this.#clients.get(key);
    if (!client) {
      client = new ECRClient(this.#clientConfig(owner.account, owner.region));
      this.#clients.set(key, client);
    }
    return client;
  }
}

/** Host name of an account's registry. */
export function registryHost(owner: { account: string; region: string }): string {
  return `${owner.account}.dkr.ecr.${owner.region}.amazonaws.com${owner.region.startsWith("cn-") ? ".cn" : ""}`;
}

/** What BatchGetImage is asked by. */
export function imageId(reference: ImageReference): ImageId {
  return reference.digest ? { imageDigest: reference.digest } : { imageTag: reference.tag ?? "latest" };
}

function open(url: URL, authorization: string): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const send = url.protocol === "https:" ? httpsRequest : httpRequest;
    send(url, { headers: { authorization } }, (incoming) => {
      if (incoming.statusCode === 200) return resolve(incoming);
      incoming.resume();
      reject(new Error(`unexpected status from GET request to ${url.origin}${url.pathname}: ${incoming.statusCode}`));
    })
      .on("error", reject)
      .end();
  });
}
