// An image asset: what a jobs folder becomes when it is published, with a digest and a tag that its content decides.
import { readFileSync, statSync } from "node:fs";
import { rm } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { version as esbuildVersion } from "esbuild";
import { z } from "zod";
import { BuildCache, defaultImageCache, fileStamp, folderStamp, sha256 } from "./cache.js";
import { bundleCode } from "./code.js";
import { type LayerDescriptor, type LayerFile, writeLayer } from "./layer.js";
import { hostPlatform, nativeClosure, type Platform, packageFiles } from "./native.js";
import { type ImageSpec, readImageSpec } from "./spec.js";

/** Part of every cache key: raise it when the same inputs are to give other layers. */
const BUILDER = `1/esbuild-${esbuildVersion}`;

/** Label of the config: the layers hold code only, and expect Node 20 and Python 3 around them. */
export const RUNTIME_LABEL = "io.crucible.runtime";

export interface BundleOptions {
  /** What the native layer is for. @default the platform of this process */
  platform?: Platform;
  /** @default `$XDG_CACHE_HOME|~/.cache`/crucible/images */
  cacheFolder?: string;
  /** Called when the image was not there and has been built. */
  onBuilt?(): void;
}

/** A blob on this machine, by digest. */
export interface Blob {
  mediaType: string;
  digest: string;
  size: number;
}

/** A built image: everything that a registry is to be given. */
export interface ImageBundle {
  name: string;
  /** `sha-` and the first 12 hex digits of the content digest. */
  tag: string;
  /** `sha256:<hex>` over what the image is on every platform: code, configuration, runtime files, versions of native modules. */
  contentDigest: string;
  /** Bottom first: native modules, code. */
  layers: LayerDescriptor[];
  /** OCI image configuration, as JSON text. */
  config: string;
  /** OCI image manifest, as JSON text: the bytes that `manifestDigest` is of. */
  manifest: string;
  manifestDigest: string;
  /** Where a layer's compressed bytes are. */
  blobPath(digest: string): string;
}

const layerSchema = z.object({
  mediaType: z.literal("application/vnd.oci.image.layer.v1.tar+gzip"),
  digest: z.string(),
  diffId: z.string(),
  size: z.number(),
});

const recordSchema = z.object({
  stamps: z.record(z.string(), z.string()),
  layers: z.array(layerSchema),
  natives: z.array(z.string()),
  runtime: z.array(z.string()),
});
type BuildRecord = z.infer<typeof recordSchema>;

/**
 * Builds the image of a jobs folder (see `image.json`), or finds it built: nothing is read but file times when nothing changed.
 * @param folder absolute path of the folder that has `image.json`
 * @throws when image.json is wrong, a module does not compile, or a native package is missing for the platform
 */
export async function bundleImage(folder: string, options: BundleOptions = {}): Promise<ImageBundle> {
  const spec = readImageSpec(folder);
  const platform = options.platform ?? hostPlatform();
  const cache = new BuildCache(options.cacheFolder ?? defaultImageCache());
  const key = sha256(JSON.stringify([BUILDER, folder, platform]));
  const known = recordSchema.safeParse(cache.read("builds", key));
  if (known.success && isCurrent(known.data, cache)) return assemble(spec, platform, known.data, cache);
  const { record, settled } = await build(folder, spec, platform, cache);
  if (settled) cache.write("builds", key, record);
  cache.prune();
  options.onBuilt?.();
  return assemble(spec, platform, record, cache);
}

function isCurrent(record: BuildRecord, cache: BuildCache): boolean {
  return (
    Object.entries(record.stamps).every(([path, stamp]) => stampOf(path) === stamp) &&
    record.layers.every((layer) => cache.hasBlob(layer.digest, layer.size))
  );
}

/** A folder's stamp is kept under its path with a slash at the end. */
function stampOf(path: string): string {
  return path.endsWith("/") ? folderStamp(path) : fileStamp(path);
}

/** `settled` is false when a source was written while it was built: what was read is then not what the record would vouch for. */
async function build(
  folder: string,
  spec: ImageSpec,
  platform: Platform,
  cache: BuildCache,
): Promise<{ record: BuildRecord; settled: boolean }> {
  const packages = nativeClosure(spec.native, folder, platform);
  const nativeFiles = packages.flatMap((pkg) => packageFiles(pkg, spec.workdir));
  const runtimeFiles = spec.runtime.map((path) => resolve(folder, path));
  // Stamps are taken before the content is read: a change in between makes the next build look again.
  const fixed = [join(folder, "image.json"), ...runtimeFiles, ...nativeFiles.map(hostFile)];
  const stamps = Object.fromEntries(fixed.map((path) => [path, stampOf(path)]));
  const startedAt = Date.now();
  const [native, code] = await Promise.all([
    nativeFiles.length > 0 ? nativeLayer(nativeFiles, cache) : undefined,
    bundleCode(
      folder,
      spec,
      packages.map((pkg) => pkg.name),
    ),
  ]);
  // A file or folder beside an input may change what an import finds, so the folders of the project's own sources count too.
  const folders = new Set(
    code.inputs.filter((path) => !path.includes("/node_modules/")).map((path) => `${dirname(path)}/`),
  );
  for (const path of [...code.inputs, ...folders]) stamps[path] = stampOf(path);
  const settled = code.inputs.every(
    (path) => (statSync(path, { throwIfNoEntry: false })?.ctimeMs ?? startedAt) < startedAt,
  );
  const codeLayer = await packed(code.files, cache);
  const record = {
    stamps,
    layers: native ? [native, codeLayer] : [codeLayer],
    natives: packages.filter((pkg) => !pkg.platformSpecific).map((pkg) => `${pkg.name}@${pkg.version}`),
    runtime: runtimeFiles.map((path) => `${basename(path)}:${sha256(readFileSync(path))}`),
  };
  return { record, settled };
}

/** Native modules are large and seldom change: their layer is found by what the files are, and packed once per machine. */
async function nativeLayer(files: LayerFile[], cache: BuildCache): Promise<LayerDescriptor> {
  const stampKey = sha256(
    JSON.stringify([BUILDER, files.map((file) => [file.path, hostFile(file), fileStamp(hostFile(file))])]),
  );
  const contentKey = cache.read("stamps", stampKey);
  const key =
    typeof contentKey === "string"
      ? contentKey
      : sha256(JSON.stringify([BUILDER, files.map((file) => [file.path, sha256(readFileSync(hostFile(file)))])]));
  if (contentKey !== key) cache.write("stamps", stampKey, key);
  const known = layerSchema.safeParse(cache.read("natives", key));
  if (known.success && cache.hasBlob(known.data.digest, known.data.size)) return known.data;
  const layer = await packed(files, cache);
  cache.write("natives", key, layer);
  return layer;
}

async function packed(files: LayerFile[], cache: BuildCache): Promise<LayerDescriptor> {
  const temporary = cache.temporary();
  try {
    const layer = await writeLayer(files, temporary);
    cache.keepBlob(temporary, layer.digest);
    return layer;
  } finally {
    await rm(temporary, { force: true });
  }
}

function hostFile(file: LayerFile): string {
  if (!("file" in file.content)) throw new Error(`${file.path} is not a file of this machine`);
  return file.content.file;
}

function assemble(spec: ImageSpec, platform: Platform, record: BuildRecord, cache: BuildCache): ImageBundle {
  const code = record.layers[record.layers.length - 1] as LayerDescriptor;
  const environment = Object.entries(spec.environment).map(([name, value]) => `${name}=${value}`);
  const identity = {
    builder: 1,
    code: code.diffId,
    natives: record.natives,
    runtime: record.runtime,
    entrypoint: spec.entrypoint,
    workdir: spec.workdir,
    environment: [...environment].sort(),
  };
  const contentDigest = sha256(JSON.stringify(identity));
  const config = JSON.stringify({
    architecture: platform.cpu === "x64" ? "amd64" : platform.cpu,
    os: platform.os,
    config: {
      Entrypoint: spec.entrypoint,
      WorkingDir: spec.workdir,
      Env: environment,
      Labels: { [RUNTIME_LABEL]: "node20-python3" },
    },
    rootfs: { type: "layers", diff_ids: record.layers.map((layer) => layer.diffId) },
  });
  const descriptor = ({ mediaType, digest, size }: Blob): Blob => ({ mediaType, digest, size });
  const manifest = JSON.stringify({
    schemaVersion: 2,
    mediaType: "application/vnd.oci.image.manifest.v1+json",
    config: descriptor({
      mediaType: "application/vnd.oci.image.config.v1+json",
      digest: `sha256:${sha256(config)}`,
      size: Buffer.byteLength(config),
    }),
    layers: record.layers.map(descriptor),
  });
  return {
    name: spec.name,
    tag: `sha-${contentDigest.slice(0, 12)}`,
    contentDigest: `sha256:${contentDigest}`,
    layers: record.layers,
    config,
    manifest,
    manifestDigest: `sha256:${sha256(manifest)}`,
    blobPath: (digest) => cache.blobPath(digest),
  };
}
