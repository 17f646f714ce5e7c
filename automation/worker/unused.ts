// What Pulumi's SDK does that nothing here uses.
import { createRequire } from "node:module";

const UNUSED = ["typescript", "@npmcli/arborist"];

/**
 * The SDK sends each of its debug messages to the engine, several for every resource, one after the other; the engine shows them
 * with `--debug` only, which the driver never asks for. A tenth of what an `up` computes.
 */
export function dropDebugMessages(): void {
  const log = createRequire(import.meta.url)("@pulumi/pulumi/log") as { debug: () => Promise<void> };
  log.debug = async () => {};
}

/**
 * Makes `require` of modules that the SDK loads when it starts give something that loads them when it is first touched. Only the
 * serialization of closures uses them: the TypeScript compiler and npm's tree reader, four tenths of a second of every worker's start.
 * Call it before the SDK is imported.
 */
export function deferUnusedModules(): void {
  const sdk = createRequire(createRequire(import.meta.url).resolve("@pulumi/pulumi"));
  for (const name of UNUSED) {
    const path = sdk.resolve(name);
    if (sdk.cache[path]) continue;
    const load = (): object => {
      delete sdk.cache[path];
      return sdk(name);
    };
    sdk.cache[path] = {
      id: path,
      filename: path,
      loaded: true,
      exports: deferred(load),
      children: [],
      paths: [],
    } as never;
  }
}

/** Stands for an object or class until somebody uses it. */
function deferred(load: () => object): object {
  let loaded: object | undefined;
  const target = () => {
    loaded ??= load();
    return loaded as never;
  };
  return new Proxy(class {}, {
    // Compiled imports copy the members of a module without this mark, and with them would load it.
    get: (_, key) => key === "__esModule" || Reflect.get(target(), key),
    has: (_, key) => Reflect.has(target(), key),
    ownKeys: () => Reflect.ownKeys(target()),
    construct: (_, args) => Reflect.construct(target(), args),
    apply: (_, self, args) => Reflect.apply(target(), self, args),
  });
}
