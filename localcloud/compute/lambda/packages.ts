// Functions of zip packages as images: the root that the bridge unpacked, with the program that runs a function's language.
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { ImageConfig, ImageStore, ResolvedImage } from "../images/image.js";
import { type FunctionVersion, languageOf } from "./invocation.js";

/** Packages of Python that AWS's runtimes carry: boto3 and what it stands on. */
const PYTHON_PACKAGES = ["boto3", "botocore", "s3transfer", "jmespath", "dateutil", "urllib3", "six.py"];
/** Scopes of the AWS SDK for JavaScript v3, which AWS's runtimes carry. */
const NODE_SCOPES = ["@aws-sdk", "@smithy"];

export interface PackagesOptions {
  /** Folder for what the runtimes share; made if missing. */
  folder: string;
  /** The project's Python. */
  python: string;
}

/** Names a function's code to the executor, as an image's name would. */
export class FunctionPackages implements ImageStore {
  readonly #roots = new Map<string, FunctionVersion>();
  readonly #options: PackagesOptions;
  #pythonPackages: string | undefined;

  constructor(options: PackagesOptions) {
    this.#options = options;
  }

  /** Makes a version's code known by its revision. */
  add(version: FunctionVersion): void {
    this.#roots.set(version.revision, version);
  }

  async resolve({ image }: { image: string }): Promise<ResolvedImage> {
    const version = this.#roots.get(image);
    const root = version?.root;
    if (!version || !root) throw new Error(`no function has the code ${image}`);
    const config = this.#configOf(version, root);
    return {
      reference: image,
      digest: image,
      config,
      layers: [],
      raw: { config: "", manifest: "" },
      root: async () => root,
      blob: () => Promise.reject(new Error("a function's package has no layers of an image")),
    };
  }

  #configOf(version: FunctionVersion, root: string): ImageConfig {
    const config = { command: [], workingDirectory: "/var/task", environment: {} };
    switch (languageOf(version.runtime)) {
      case "node":
        endPackageScope(root);
        linkNodeModules(root, version.runtime);
        return {
          ...config,
          entrypoint: ["node", fileURLToPath(new URL("runtimes/node.js", import.meta.url))],
          environment: { CRUCIBLE_RUNTIME_PACKAGES: nodePackages() },
        };
      case "python": {
        const program = fileURLToPath(new URL("runtimes/python.py", import.meta.url));
        // Without the machine's site packages: what a function imports has to be in its code or its layers.
        return {
          ...config,
          entrypoint: ["python", "-S", "-u", program],
          environment: { CRUCIBLE_RUNTIME_PACKAGES: this.#linkPythonPackages() },
        };
      }
      case "provided": {
        const inLayers = !existsSync(join(root, "var/task/bootstrap")) && existsSync(join(root, "opt/bootstrap"));
        return { ...config, entrypoint: [inLayers ? "/opt/bootstrap" : "/var/task/bootstrap"] };
      }
      default:
        throw new Error(
          `the local cloud runs nodejs*, python* and provided* functions, and images; not ${version.runtime}`,
        );
    }
  }

  #linkPythonPackages(): string {
    if (this.#pythonPackages) return this.#pythonPackages;
    const { folder, python } = this.#options;
    const home = join(dirname(python), "..");
    const candidates = [join(home, "Lib"), ...subfolders(join(home, "lib"))].map((path) => join(path, "site-packages"));
    const sitePackages = candidates.find((path) => existsSync(join(path, "boto3")));
    const made = join(folder, "python-packages");
    rmSync(made, { recursive: true, force: true });
    mkdirSync(made, { recursive: true });
    for (const name of PYTHON_PACKAGES)
      if (sitePackages && existsSync(join(sitePackages, name))) symlinkSync(join(sitePackages, name), join(made, name));
    this.#pythonPackages = made;
    return made;
  }
}

/** The project's `node_modules`, which has the AWS SDK. */
function nodePackages(): string {
  return dirname(dirname(dirname(createRequire(import.meta.url).resolve("@aws-sdk/client-s3/package.json"))));
}

/**
 * Ends Node's search for the `package.json` that says what kind of modules `.js` files are: above the code and the layers, whose own
 * come first, and below whatever project the cloud's data lies in.
 */
function endPackageScope(root: string): void {
  const file = join(root, "package.json");
  if (!existsSync(file)) writeFileSync(file, "{}\n");
}

/**
 * Puts `node_modules` beside a function's code, where both its CommonJS and its ES modules look: packages of the layers first,
 * then the AWS SDK. AWS names the same folders in NODE_PATH, in this order.
 */
function linkNodeModules(root: string, runtime: string): void {
  const target = join(root, "node_modules");
  if (existsSync(target)) return;
  const making = `${target}.${process.pid}`;
  rmSync(making, { recursive: true, force: true });
  mkdirSync(making);
  const sdk = nodePackages();
  const own = `node${/\d+/.exec(runtime)?.[0]}`;
  const layers = [`opt/nodejs/${own}/node_modules`, "opt/nodejs/node_modules"].map((path) => join(root, path));
  for (const layer of layers)
    for (const name of subfolders(layer)) linkInto(making, name.slice(layer.length + 1), name);
  for (const scope of NODE_SCOPES) linkInto(making, scope, join(sdk, scope));
  renameSync(making, target);
}

/** A link, or where the name is a scope that is there already, links to what that lacks. */
function linkInto(folder: string, name: string, source: string): void {
  if (name.startsWith("@") && !name.includes("/")) {
    mkdirSync(join(folder, name), { recursive: true });
    for (const entry of subfolders(source)) linkInto(folder, join(name, entry.slice(source.length + 1)), entry);
  } else if (!existsSync(join(folder, name))) symlinkSync(source, join(folder, name));
}

function subfolders(folder: string): string[] {
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return [];
  return readdirSync(folder).map((name) => join(folder, name));
}
