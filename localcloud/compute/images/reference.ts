// What an image's name says: which registry, which repository, which tag or digest.

/** An image's name, taken apart. */
export interface ImageReference {
  /** As given. */
  text: string;
  /** Host, and port if any; undefined for a name without one (Docker Hub). */
  registry?: string;
  /** Account and region, when the registry is an account's ECR. */
  ecr?: { account: string; region: string };
  repository: string;
  tag?: string;
  /** `sha256:<hex>`; wins over a tag. */
  digest?: string;
}

const ECR_HOST = /^(\d{12})\.dkr\.ecr\.([a-z0-9-]+)\.amazonaws\.com(?:\.cn)?$/;

/**
 * Takes `[<registry>/]<repository>[:<tag>][@sha256:<hex>]` apart; without tag and digest the tag is `latest`.
 * @throws when the text is no image name
 */
export function parseImageReference(text: string): ImageReference {
  const match =
    /^(?:([a-zA-Z0-9.-]+(?::\d+)?)\/)?([a-z0-9]+(?:[._/-]+[a-z0-9]+)*)(?::([\w][\w.-]{0,127}))?(?:@(sha256:[0-9a-f]{64}))?$/.exec(
      text,
    );
  if (!match) throw new Error(`invalid reference format: '${text}'`);
  let [, registry, repository = "", tag] = match;
  const digest = match[4];
  // As Docker reads names: the first segment is a host only if it looks like one.
  if (registry && !/[.:]/.test(registry) && registry !== "localhost") {
    repository = `${registry}/${repository}`;
    registry = undefined;
  }
  if (!tag && !digest) tag = "latest";
  const ecr = registry ? ECR_HOST.exec(registry) : null;
  return {
    text,
    repository,
    ...(registry ? { registry } : {}),
    ...(ecr ? { ecr: { account: ecr[1] as string, region: ecr[2] as string } } : {}),
    ...(tag ? { tag } : {}),
    ...(digest ? { digest } : {}),
  };
}
