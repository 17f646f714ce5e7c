// The part of the confinement that Node runs on its loader's thread: it decides for ES modules.
import type { ResolveHook } from "node:module";
import { sep } from "node:path";
import { fileURLToPath } from "node:url";
import type { Bounds } from "./confinement.js";

let bounds: Bounds;

export function initialize(data: Bounds): void {
  bounds = data;
}

const pathOf = (url: string | undefined): string => (url?.startsWith("file:") ? fileURLToPath(url) : "");
const isBelow = (folder: string, path: string): boolean => path.startsWith(folder + sep);

/** The scopes of `node_modules` that are the runtime's; what else lies beside them is theirs alone. */
const RUNTIME_SCOPES = ["@aws-sdk", "@smithy"];

export const resolve: ResolveHook = async (specifier, context, nextResolve) => {
  const found = await nextResolve(specifier, context);
  const isPackage = !/^(\.{0,2}\/|#|[a-z][a-z0-9+.-]*:)/i.test(specifier);
  const importer = pathOf(context.parentURL);
  if (!isPackage || !found.url.startsWith("file:") || isBelow(bounds.packages, importer)) return found;
  const path = pathOf(found.url);
  if (isBelow(bounds.root, path) || RUNTIME_SCOPES.some((scope) => isBelow(bounds.packages + sep + scope, path)))
    return found;
  const message = `Cannot find package '${specifier}' imported from ${importer}`;
  throw Object.assign(new Error(message), { code: "ERR_MODULE_NOT_FOUND" });
};
