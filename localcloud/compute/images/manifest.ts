// OCI and Docker manifests and configurations, parsed once where they come in.
import { createHash } from "node:crypto";
import { z } from "zod";
import type { ImageConfig, ImageLayer } from "./image.js";

const digest = z.string().regex(/^sha256:[0-9a-f]{64}$/, "a sha256 digest");
const descriptor = z.object({ mediaType: z.string(), digest, size: z.number().int().nonnegative() });

const manifestSchema = z.object({
  mediaType: z.string().optional(),
  config: descriptor.optional(),
  layers: z.array(descriptor).optional(),
  manifests: z
    .array(
      descriptor.extend({
        platform: z.object({ os: z.string(), architecture: z.string() }).optional(),
      }),
    )
    .optional(),
});
type Descriptor = z.infer<typeof descriptor>;

/** Either one image's manifest or an index of several, by platform. */
export type Manifest =
  | { kind: "image"; config: Descriptor; layers: Descriptor[] }
  | { kind: "index"; manifests: (Descriptor & { platform?: { os: string; architecture: string } })[] };

const textList = z
  .array(z.string())
  .nullish()
  .transform((value) => value ?? []);

const configSchema = z.object({
  config: z
    .object({
      Entrypoint: textList,
      Cmd: textList,
      WorkingDir: z.string().nullish(),
      Env: textList,
      Labels: z.record(z.string(), z.string()).nullish(),
    })
    .prefault({}),
  rootfs: z.object({ diff_ids: z.array(digest) }),
});

/** @throws when the text is no manifest of a kind that can be run */
export function parseManifest(text: string): Manifest {
  const manifest = manifestSchema.parse(JSON.parse(text));
  if (manifest.manifests) return { kind: "index", manifests: manifest.manifests };
  if (manifest.config && manifest.layers) return { kind: "image", config: manifest.config, layers: manifest.layers };
  throw new Error(`unsupported manifest media type '${manifest.mediaType ?? "none"}'`);
}

/** The image of an index for Linux on this machine's processor; undefined when it has none. */
export function pickPlatform(index: Extract<Manifest, { kind: "index" }>, cpu: string): Descriptor | undefined {
  const architecture = cpu === "x64" ? "amd64" : cpu;
  return index.manifests.find(({ platform }) => platform?.os === "linux" && platform.architecture === architecture);
}

/** @throws when the text is no image configuration, or does not fit the manifest's layers */
export function parseConfig(
  text: string,
  layers: readonly Descriptor[],
): { config: ImageConfig; layers: ImageLayer[] } {
  const { config, rootfs } = configSchema.parse(JSON.parse(text));
  if (rootfs.diff_ids.length !== layers.length)
    throw new Error(`the configuration names ${rootfs.diff_ids.length} layers, the manifest ${layers.length}`);
  const runtime = config.Labels?.["io.crucible.runtime"];
  return {
    config: {
      entrypoint: config.Entrypoint,
      command: config.Cmd,
      workingDirectory: config.WorkingDir || "/",
      environment: Object.fromEntries(
        config.Env.map((entry) => [entry.split("=", 1)[0] ?? "", entry.slice(entry.indexOf("=") + 1)]),
      ),
      ...(runtime ? { runtime } : {}),
    },
    layers: layers.map((layer, index) => ({ ...layer, diffId: rootfs.diff_ids[index] as string })),
  };
}

export function sha256Digest(content: string | Uint8Array): string {
  return `sha256:${createHash("sha256").update(content).digest("hex")}`;
}
