// Images for tests: made of a few files, published to an account's repository as any client would.
import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import { CreateRepositoryCommand, ECRClient, GetAuthorizationTokenCommand } from "@aws-sdk/client-ecr";
import { type Header, pack } from "tar-stream";
import { RegistryClient } from "../../../../components/image/registry.js";
import type { Cloud } from "../../../../localcloud/index.js";
import { clientConfig } from "../../../support/cloud.js";

export const REGION = "eu-central-1";

/** An entry of a layer: a file with a content, or whatever the header says. */
export type Entry = Partial<Header> & { name: string; content?: string | Buffer };

export interface BuiltLayer {
  bytes: Buffer;
  digest: string;
  diffId: string;
}

export function digestOf(bytes: Buffer | string): string {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}

/** A layer with the entries as they are given, however malicious. */
export async function layer(entries: Entry[]): Promise<BuiltLayer> {
  const tar = pack();
  for (const { content, ...header } of entries) tar.entry(header as Header, content ?? "");
  tar.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of tar) chunks.push(chunk as Buffer);
  const plain = Buffer.concat(chunks);
  const bytes = gzipSync(plain, { level: 1 });
  return { bytes, digest: digestOf(bytes), diffId: digestOf(plain) };
}

/** Layers whose entries are plain files. */
export function files(contents: Record<string, string>): Promise<BuiltLayer> {
  return layer(Object.entries(contents).map(([name, content]) => ({ name, content })));
}

export interface Repository {
  account: string;
  name: string;
  /** `<registry>/<repository>` */
  url: string;
  registry: RegistryClient;
}

/** A new repository of the account. */
export async function repository(cloud: Cloud, account: string, name = "jobs"): Promise<Repository> {
  const ecr = new ECRClient(clientConfig(cloud, account, REGION));
  try {
    await ecr.send(new CreateRepositoryCommand({ repositoryName: name }));
    const { authorizationData } = await ecr.send(new GetAuthorizationTokenCommand({}));
    const host = `${account}.dkr.ecr.${REGION}.amazonaws.com`;
    const authorization = `Basic ${authorizationData?.[0]?.authorizationToken}`;
    return {
      account,
      name,
      url: `${host}/${name}`,
      registry: new RegistryClient({ url: cloud.endpoint, host, authorization }),
    };
  } finally {
    ecr.destroy();
  }
}

/** Publishes an image of the layers under a tag. @returns the manifest's digest */
export async function push(to: Repository, tag: string, layers: BuiltLayer[], config: object = {}): Promise<string> {
  const text = JSON.stringify({
    os: "linux",
    architecture: "amd64",
    config,
    rootfs: { type: "layers", diff_ids: layers.map((one) => one.diffId) },
  });
  for (const one of layers) await to.registry.putBlob(to.name, one.digest, { bytes: one.bytes });
  await to.registry.putBlob(to.name, digestOf(text), { bytes: Buffer.from(text) });
  const manifest = JSON.stringify({
    schemaVersion: 2,
    mediaType: "application/vnd.oci.image.manifest.v1+json",
    config: {
      mediaType: "application/vnd.oci.image.config.v1+json",
      digest: digestOf(text),
      size: Buffer.byteLength(text),
    },
    layers: layers.map((one) => ({
      mediaType: "application/vnd.oci.image.layer.v1.tar+gzip",
      digest: one.digest,
      size: one.bytes.length,
    })),
  });
  await to.registry.putManifest(to.name, tag, manifest, "application/vnd.oci.image.manifest.v1+json");
  return digestOf(manifest);
}
