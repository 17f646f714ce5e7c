// Which packages a function finds: those in its root (its code, its layers, what the runtime carries) and no others. Node looks for
// `node_modules` in every folder up to the machine's root, and a function's root may lie anywhere, below a project's packages too.
import { realpathSync } from "node:fs";
import Module, { register } from "node:module";
import { sep } from "node:path";

/** What the loader's thread is told; both are real paths. */
export interface Bounds {
  /** The function's root. */
  root: string;
  /** The `node_modules` that the runtime's own packages are linked from: they find each other there. */
  packages: string;
}

/** Members of Node's loader that tools replace, though its types do not name them. */
interface Loader {
  _resolveLookupPaths(request: string, parent: { filename?: string | null } | null): string[] | null;
  prototype: { _compile(this: { filename: string }, content: string, filename: string, ...rest: unknown[]): unknown };
}

const isBelow = (folder: string, path: string): boolean => path === folder || path.startsWith(folder + sep);

/**
 * Confines this process to the packages of a root.
 *
 * @param folder The function's root.
 * @param packages The `node_modules` folder that the runtime's packages are links into.
 * @returns what has to be called before the first ES module is loaded. Its hooks run on a thread of their own, which a function of
 *   CommonJS modules alone does not pay for: they come by themselves with the first one that has an `import()`.
 */
export function confine(folder: string, packages: string): () => void {
  const bounds: Bounds = { root: realpathSync(folder), packages: realpathSync(packages) };
  const loader = Module as unknown as Loader;
  const lookupPaths = loader._resolveLookupPaths;
  loader._resolveLookupPaths = (request, parent) => {
    const paths = lookupPaths.call(Module, request, parent);
    if (/^\.\.?(\/|$)/.test(request) || isBelow(bounds.packages, parent?.filename ?? "")) return paths;
    // A root that is named through a link is looked at through it.
    return paths?.filter((path) => isBelow(bounds.root, path) || isBelow(folder, path)) ?? null;
  };
  let registered = false;
  const confineModules = () => {
    if (registered) return;
    registered = true;
    register("./confinementHooks.js", import.meta.url, { data: bounds });
  };
  const compile = loader.prototype._compile;
  loader.prototype._compile = function (content, filename, ...rest) {
    if (content.includes("import(") && isBelow(bounds.root, filename)) confineModules();
    return compile.call(this, content, filename, ...rest);
  };
  return confineModules;
}
