// Hands images of the local cloud's ECR to a container engine.
import { createHash } from "node:crypto";
import { createWriteStream, existsSync, readFileSync } from "node:fs";
import { copyFile, link, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { pack } from "tar-stream";
import { projectRoot } from "../../server/paths.js";
import { PullError, type ResolvedImage } from "../images/image.js";
import { type ContainerEngine, EngineError, runEngine } from "./engine.js";

export class EngineImages {
  readonly #engine: ContainerEngine;
  readonly #folder: string;
  readonly #log: (message: string) => void;
  readonly #ready = new Map<string, Promise<string>>();

  /** @param folder for build contexts and archives, which are removed at once */
  constructor(engine: ContainerEngine, folder: string, log: (message: string) => void) {
    this.#engine = engine;
    this.#folder = folder;
    this.#log = log;
  }

  /**
   * The engine's name of an image, imported if it is not there. Layers of code only (see `ImageConfig.runtime`) are laid on the
   * base image: CRUCIBLE_BASE_IMAGE, or docker/runtime built by this engine. Complete images are loaded as they are.
   * @throws PullError with what the engine said
   */
  import(image: ResolvedImage): Promise<string> {
    return this.#once(image.digest, async () => {
      const base = image.config.runtime ? await this.#base() : undefined;
      const name = `localhost/crucible/image:${shortHash(`${image.digest}\n${base ?? ""}`)}`;
      if (await this.#has(name)) return name;
      const folder = await this.#scratch();
      try {
        if (base) await this.#layOn(base, image, folder, name);
        else await this.#load(image, folder, name);
        return name;
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    });
  }

  /**
   * Has the engine pull an image from a registry of its own.
   * @throws PullError
   */
  pull(reference: string): Promise<string> {
    return this.#once(reference, async () => {
      if (!(await this.#has(reference))) await this.#run(["pull", "--quiet", reference]);
      return reference;
    });
  }

  async #base(): Promise<string> {
    const asked = process.env.CRUCIBLE_BASE_IMAGE;
    if (asked) return this.pull(asked);
    const parts = [join(projectRoot, "docker", "runtime", "Dockerfile"), join(projectRoot, "requirements", "jobs.txt")];
    const hash = shortHash(parts.map((part) => readFileSync(part, "utf8")).join("\n"));
    const name = `localhost/crucible/runtime:${hash}`;
    return this.#once(name, async () => {
      if (await this.#has(name)) return name;
      this.#log(`building the base image of jobs with ${this.#engine.name} (once; CRUCIBLE_BASE_IMAGE names another)`);
      const [dockerfile = ""] = parts;
      await this.#run(["build", "--quiet", "--tag", name, "--file", dockerfile, join(projectRoot, "requirements")]);
      return name;
    });
  }

  async #layOn(base: string, image: ResolvedImage, folder: string, name: string): Promise<void> {
    const { entrypoint, command, environment, workingDirectory } = image.config;
    const files = await Promise.all(
      image.layers.map(async (layer, index) => {
        const file = `layer-${index}.tar.gz`;
        await linkOrCopy(await image.blob(layer), join(folder, file));
        return file;
      }),
    );
    const lines = [
      `FROM ${base}`,
      // An archive that is added is unpacked.
      ...files.map((file) => `ADD ${file} /`),
      ...Object.entries(environment).map(
        ([key, value]) => `ENV ${key}=${JSON.stringify(value).replaceAll("$", "\\$")}`,
      ),
      `WORKDIR ${workingDirectory}`,
      `ENTRYPOINT ${JSON.stringify(entrypoint)}`,
      `CMD ${JSON.stringify(command)}`,
    ];
    await writeFile(join(folder, "Dockerfile"), `${lines.join("\n")}\n`);
    await this.#run(["build", "--quiet", "--pull=false", "--tag", name, "--file", join(folder, "Dockerfile"), folder]);
  }

  /** Loads an image as an OCI layout in an archive. */
  async #load(image: ResolvedImage, folder: string, name: string): Promise<void> {
    const { raw } = image;
    const manifest = Buffer.from(raw.manifest);
    const index = {
      schemaVersion: 2,
      manifests: [
        {
          mediaType: "application/vnd.oci.image.manifest.v1+json",
          digest: image.digest,
          size: manifest.length,
          annotations: { "org.opencontainers.image.ref.name": name, "io.containerd.image.name": name },
        },
      ],
    };
    const tar = pack();
    const archive = join(folder, "image.tar");
    const written = pipeline(tar as unknown as Readable, createWriteStream(archive));
    const blob = (digest: string) => `blobs/${digest.replace(":", "/")}`;
    tar.entry({ name: "oci-layout" }, JSON.stringify({ imageLayoutVersion: "1.0.0" }));
    tar.entry({ name: "index.json" }, JSON.stringify(index));
    tar.entry({ name: blob(image.digest) }, manifest);
    tar.entry({ name: blob(`sha256:${createHash("sha256").update(raw.config).digest("hex")}`) }, raw.config);
    for (const layer of image.layers) tar.entry({ name: blob(layer.digest) }, await readFile(await image.blob(layer)));
    tar.finalize();
    await written;
    const { stdout } = await this.#run(["load", "--input", archive]);
    const loaded = /Loaded image(?: ID)?(?:\(s\))?: (\S+)/.exec(stdout)?.[1];
    if (loaded && loaded !== name) await this.#run(["tag", loaded, name]);
  }

  async #has(name: string): Promise<boolean> {
    return runEngine(this.#engine, ["image", "inspect", "--format", "{{.Id}}", name]).then(
      () => true,
      () => false,
    );
  }

  async #run(args: string[]) {
    try {
      return await runEngine(this.#engine, args);
    } catch (cause) {
      if (!(cause instanceof EngineError)) throw cause;
      throw new PullError(`${this.#engine.name} ${args[0]}: ${cause.message}`, { cause });
    }
  }

  /** What fails is tried again when it is asked for again. */
  #once(key: string, work: () => Promise<string>): Promise<string> {
    let ready = this.#ready.get(key);
    if (!ready) {
      ready = work();
      ready.catch(() => this.#ready.delete(key));
      this.#ready.set(key, ready);
    }
    return ready;
  }

  async #scratch(): Promise<string> {
    if (!existsSync(this.#folder)) await mkdir(this.#folder, { recursive: true });
    return mkdtemp(join(this.#folder, "import-"));
  }
}

function shortHash(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 12);
}

/** The cache may be on another file system than the build context. */
async function linkOrCopy(from: string, to: string): Promise<void> {
  try {
    await link(from, to);
  } catch {
    await copyFile(from, to);
  }
}
