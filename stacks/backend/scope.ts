// The scope of the backend's units: one root for all of them in a stack.
import { checkAccount, type StackContext } from "../context.js";
import { openScope, type Scope } from "../scope.js";
import { type BackendSettings, backendSettings } from "./settings.js";

/** The tag by which costs are found. */
const PROJECT = "path2response-backend";

export type BackendScope = Scope<BackendSettings>;

/** @throws when settings are wrong or the account is not the environment's */
export function backendScope(context: StackContext): BackendScope {
  return context.shared("backend", () => {
    const settings = backendSettings(context.config);
    checkAccount(context, settings.allowedAccountIds, "crucible:backend.allowedAccountIds");
    return openScope("backend", PROJECT, context, settings);
  });
}
