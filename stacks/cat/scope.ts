// The scope of CAT's units: one root for both in a stack.
import { checkAccount, type StackContext } from "../context.js";
import { openScope, type Scope } from "../scope.js";
import { type CatNames, catNames } from "./names.js";
import { type CatSettings, catSettings } from "./settings.js";
import { commonTags, type EtlComponent, type TaggedParts, taggedParts } from "./tags.js";

export interface CatScope extends Scope<CatSettings> {
  called: CatNames;
  /** Options of a half's parts, by what they are. */
  parts(component: EtlComponent): TaggedParts;
}

/** @throws when settings are wrong or the account is not the environment's */
export function catScope(context: StackContext): CatScope {
  return context.shared("cat", () => {
    const settings = catSettings(context.config);
    checkAccount(context, settings.allowedAccountIds, "crucible:cat.allowedAccountIds");
    const tags = commonTags(context.config.environment);
    const scope = openScope("cat", tags.Project as string, context, settings, tags);
    return {
      ...scope,
      called: catNames(context.config, settings),
      parts: (component) => taggedParts(context, component, scope.below),
    };
  });
}
