// Which resource types of `@pulumi/aws` the sources use, by their imports.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const RESOURCE_IMPORT = /import \{([^}]+)\}\s+from "@pulumi\/aws\/([a-z0-9]+\/[a-z]\w*)\.js"/g;

/** Type tokens such as `aws:s3/bucket:Bucket` of everything that the TypeScript files below `folders` import, sorted. */
export function walkTypes(...folders: string[]): string[] {
  const files = folders.flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: "utf8" })
      .filter((file) => file.endsWith(".ts"))
      .map((file) => join(folder, file)),
  );
  const tokens = files.flatMap((file) =>
    [...readFileSync(file, "utf8").matchAll(RESOURCE_IMPORT)].flatMap(([, names, path]) =>
      (names ?? "")
        .split(",")
        .map((name) => name.trim().split(" as ")[0] ?? "")
        .filter((name) => name !== "" && !name.startsWith("type ") && !name.startsWith("get"))
        .map((name) => `aws:${path}:${name}`),
    ),
  );
  return [...new Set(tokens)].sort();
}
