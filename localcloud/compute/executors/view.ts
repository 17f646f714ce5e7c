// What a container that runs as a process sees of its image: a folder of its own, in which the image's files are links.
//
// The image's root is shared by all its containers. A copy per container would cost its size, and a container that ran in
// the shared root would leave its files there. So the folders on the way to the working folder and to the mounts are real
// and the container's own, and everything beside them is a symbolic link into the shared root: a handful of links, made in
// well under a millisecond, whatever the size of the image. What the container creates in its working folder is its own;
// what it would change inside a linked folder is read-only.
import { lstatSync, mkdirSync, readdirSync, statSync, symlinkSync } from "node:fs";
import { join, posix } from "node:path";

export interface Mount {
  source: string;
  target: string;
}

export interface ContainerView {
  /** The container's own folder: HOME, and what is removed afterwards. */
  home: string;
  /** `<home>/root`: stands for `/` of the container. */
  root: string;
  /** Folder for temporary files. */
  temporary: string;
  /** The image's working folder in the view. */
  workingFolder: string;
  /**
   * A path or argument of the container as it is on this machine. Without a file system of its own, an absolute path of
   * the container would be one of the machine: it is translated if the image or a mount has it, and left alone otherwise.
   */
  translate(text: string): string;
  /** The same for paths in mounts only: what an environment variable names is translated no further than that. */
  translateMounted(text: string): string;
}

/**
 * Makes the view of an image in `home`, which must not exist.
 * @param imageRoot the shared root
 * @param workingDirectory absolute path in the image; made when the image does not have it, as container runtimes do
 */
export function createView(
  home: string,
  imageRoot: string,
  workingDirectory: string,
  mounts: readonly Mount[],
): ContainerView {
  const root = join(home, "root");
  const temporary = join(home, "tmp");
  mkdirSync(temporary, { recursive: true });
  const targets = new Map(mounts.map((mount) => [posix.resolve("/", mount.target), mount.source]));
  // Every folder that has to be the container's own: those above a mount, and the working folder with those above it.
  const own = new Set<string>(["/"]);
  for (const path of [
    posix.resolve("/", workingDirectory),
    ...[...targets.keys()].map((target) => posix.dirname(target)),
  ])
    for (let at = path; at !== "/" && !isMounted(at, targets); at = posix.dirname(at)) own.add(at);
  for (const folder of [...own].sort()) {
    mkdirSync(join(root, folder), { recursive: true });
    for (const name of names(join(imageRoot, folder))) {
      const path = posix.join(folder, name);
      if (own.has(path) || targets.has(path)) continue;
      symlinkSync(join(imageRoot, path), join(root, path));
    }
  }
  for (const [target, source] of targets) {
    // Its link would be made inside of the other mount's source, where it does not belong.
    if (target === "/" || isMounted(posix.dirname(target), targets))
      throw new Error(`a mount at ${target} needs a container engine: it replaces the root or lies in another mount`);
    symlinkSync(source, join(root, target));
  }
  const translateIf = (text: string, has: (path: string) => boolean) => {
    const path = text.startsWith("/") ? posix.resolve(text) : "/";
    return path !== "/" && has(path) ? join(root, path) : text;
  };
  return {
    home,
    root,
    temporary,
    workingFolder: join(root, workingDirectory),
    translate: (text) =>
      translateIf(text, (path) => isMounted(path, targets) || own.has(path) || exists(join(imageRoot, path))),
    translateMounted: (text) => translateIf(text, (path) => isMounted(path, targets)),
  };
}

function isMounted(path: string, targets: ReadonlyMap<string, string>): boolean {
  return [...targets.keys()].some((target) => path === target || path.startsWith(`${target}/`));
}

function exists(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}

function names(folder: string): string[] {
  return statSync(folder, { throwIfNoEntry: false })?.isDirectory() ? readdirSync(folder) : [];
}
