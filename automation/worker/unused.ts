// Modules that Pulumi's SDK loads when it starts and that only the serialization of closures uses, which nothing here does:
// the TypeScript compiler and npm's tree reader, four tenths of a second of every worker's start. They are still there for whoever does.
import { createRequire } from "node:module";

const UNUSED = ["typescript", "@npmcli/arborist"];

/** Makes `require` of these modules give something that loads them when it is first touched. Call it before the SDK is imported. */
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
