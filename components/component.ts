// What every component of the house shares: the escape hatch to underlying resources, and what happens to data at the end.
import type { CustomResourceOptions } from "@pulumi/pulumi";

/**
 * Changes what one underlying resource is made of, just before it is made: a partial of its arguments that is laid over them,
 * or a function that changes arguments and options in place.
 *
 * @example
 * ```ts
 * new DataBucket("lake", { name: "lake-dev", removal: "destroy", transform: { bucket: { forceDestroy: false } } });
 * ```
 */
export type Transform<Args extends object> =
  | Partial<Args>
  | ((args: Args, options: CustomResourceOptions, name: string) => void);

/** The arguments of a resource's constructor after its transform, for spreading: `new Bucket(...transformed(…))`. */
export function transformed<Args extends object>(
  transform: Transform<Args> | undefined,
  name: string,
  args: Args,
  options: CustomResourceOptions,
): [string, Args, CustomResourceOptions] {
  if (typeof transform !== "function") return [name, { ...args, ...transform }, options];
  const changedArgs = { ...args };
  const changedOptions = { ...options };
  transform(changedArgs, changedOptions, name);
  return [name, changedArgs, changedOptions];
}

/**
 * What becomes of a resource that holds data when its stack goes: `destroy` deletes it with all it holds, `retain` refuses to
 * replace or delete it (`protect`) and, once that protection has been lifted, leaves it in the account (`retainOnDelete`).
 */
export type Removal = "destroy" | "retain";

/** The resource options that a {@link Removal} amounts to. */
export function removalOptions(removal: Removal): Pick<CustomResourceOptions, "protect" | "retainOnDelete"> {
  return removal === "retain" ? { protect: true, retainOnDelete: true } : {};
}
