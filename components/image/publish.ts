// Puts a built image into an ECR repository, skipping what is there.
import { ECRClient, GetAuthorizationTokenCommand } from "@aws-sdk/client-ecr";
import type { ImageBundle } from "./bundle.js";
import { type RegistryAccess, RegistryClient, RegistryError } from "./registry.js";

/** A repository's URI, taken apart. */
export interface RepositoryName {
  /** `<account>.dkr.ecr.<region>.amazonaws.com` */
  host: string;
  /** Name in the registry; may contain slashes. */
  name: string;
}

/**
 * Takes `<host>/<name>` apart.
 * @throws when there is no host or no name
 */
export function parseRepositoryUrl(url: string): RepositoryName {
  const slash = url.indexOf("/");
  const host = url.slice(0, Math.max(slash, 0));
  const name = url.slice(slash + 1);
  if (!/^[A-Za-z0-9.-]+(:\d+)?$/.test(host) || name === "" || /[:@]/.test(name))
    throw new Error(`'${url}' is not a repository's URI (<registry>/<repository>, without a tag)`);
  return { host, name };
}

/**
 * Which URL serves the registry that GetAuthorizationToken named. A client that was given another endpoint than AWS's own
 * (AWS_ENDPOINT_URL) did not ask AWS: if the answer still names AWS's host, the registry is at that endpoint.
 * @param proxyEndpoint as GetAuthorizationToken answered
 * @param endpoint the custom endpoint in force, if any
 */
export function registryUrl(proxyEndpoint: string, endpoint: string | undefined): string {
  const isAws = (url: string) => /\.amazonaws\.com(\.cn)?$/.test(new URL(url).hostname);
  return endpoint && !isAws(endpoint) && isAws(proxyEndpoint) ? endpoint : proxyEndpoint;
}

/**
 * The registry of the account that the process' credentials belong to.
 * @throws with the SDK's error when credentials are missing or refused
 */
export async function registryAccess(region: string, host: string): Promise<RegistryAccess> {
  const client = new ECRClient({ region });
  try {
    const { authorizationData } = await client.send(new GetAuthorizationTokenCommand({}));
    const [granted] = authorizationData ?? [];
    if (!granted?.authorizationToken || !granted.proxyEndpoint)
      throw new Error("GetAuthorizationToken answered without a token");
    const endpoint = client.config.endpoint ? await client.config.endpoint() : undefined;
    const custom = endpoint && `${endpoint.protocol}//${endpoint.hostname}${endpoint.port ? `:${endpoint.port}` : ""}`;
    return {
      url: registryUrl(granted.proxyEndpoint, custom ?? configuredEndpoint()),
      host,
      authorization: `Basic ${granted.authorizationToken}`,
    };
  } finally {
    client.destroy();
  }
}

/** What the SDK itself would take from the environment; it does not show it in the client's configuration. */
function configuredEndpoint(): string | undefined {
  return process.env.AWS_ENDPOINT_URL_ECR || process.env.AWS_ENDPOINT_URL || undefined;
}

/** What publishing did. */
export interface Published {
  /** Digests of the blobs that were not there yet. */
  uploaded: string[];
  /** Tags that were put or moved. */
  tagged: string[];
}

/**
 * Publishes a bundle under the given tags. Uploading is idempotent, and a tag is put last, so that it never names what is not there.
 * @param repositoryUrl `<registry>/<repository>`
 * @throws naming the image, the repository and the request that was refused
 */
export async function publishBundle(
  bundle: ImageBundle,
  repositoryUrl: string,
  region: string,
  tags: readonly string[],
): Promise<Published> {
  try {
    const { host, name } = parseRepositoryUrl(repositoryUrl);
    const client = new RegistryClient(await registryAccess(region, host));
    return await publishTo(client, name, bundle, tags);
  } catch (cause) {
    const hint =
      cause instanceof RegistryError && cause.message.includes("TAG_INVALID")
        ? " (the repository's tags are immutable: set `latest: false`)"
        : "";
    throw new Error(
      `Could not publish the image '${bundle.name}' (${bundle.tag}) to ${repositoryUrl}: ${(cause as Error).message}${hint}`,
      { cause },
    );
  }
}

/** The registry calls of publishing, apart from how the registry was found. */
export async function publishTo(
  client: RegistryClient,
  repository: string,
  bundle: ImageBundle,
  tags: readonly string[],
): Promise<Published> {
  const mediaType = "application/vnd.oci.image.manifest.v1+json";
  const present = await Promise.all(tags.map((tag) => client.manifestDigest(repository, tag, mediaType)));
  const missing = tags.filter((_, index) => present[index] !== bundle.manifestDigest);
  // A registry takes a manifest only when it has all of its blobs, so a tag that names this one vouches for them.
  const complete = present.includes(bundle.manifestDigest);
  const uploaded: string[] = [];
  const put = async (digest: string, content: Parameters<RegistryClient["putBlob"]>[2]) => {
    if (await client.hasBlob(repository, digest)) return;
    await client.putBlob(repository, digest, content);
    uploaded.push(digest);
  };
  if (!complete) {
    const config = Buffer.from(bundle.config);
    const { config: described } = JSON.parse(bundle.manifest) as { config: { digest: string } };
    await Promise.all([
      ...bundle.layers.map((layer) => put(layer.digest, { file: bundle.blobPath(layer.digest), size: layer.size })),
      put(described.digest, { bytes: config }),
    ]);
  }
  for (const tag of missing) await client.putManifest(repository, tag, bundle.manifest, mediaType);
  return { uploaded: uploaded.sort(), tagged: missing };
}
