// A base image for tests with a container engine, made of what this machine has: nothing is downloaded.
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readFileSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";
import { layer } from "../images/fixture.js";

export const BASE = "localhost/crucible-test/base:latest";

/** Imports an image `BASE` made of this machine's own node and shell, with the libraries that they load. */
export function importBase(engine: string, folder: string): void {
  const node = realpathSync(process.execPath);
  const put = (from: string, to: string) => {
    mkdirSync(dirname(join(folder, to)), { recursive: true });
    cpSync(from, join(folder, to), { dereference: true });
  };
  put(node, "usr/local/bin/node");
  put("/bin/sh", "bin/sh");
  for (const program of [node, "/bin/sh"])
    for (const library of execFileSync("ldd", [program], { encoding: "utf8" }).matchAll(/\/\S+/g))
      if (existsSync(library[0])) put(library[0], library[0]);
  mkdirSync(join(folder, "tmp"));
  execFileSync("tar", ["-C", folder, "-cf", `${folder}.tar`, "."]);
  execFileSync(engine, ["import", "--change", "ENV PATH=/usr/local/bin:/bin", `${folder}.tar`, BASE], {
    stdio: "ignore",
  });
}

/** The same files as one layer of a complete image. */
export async function baseLayer(folder: string) {
  const paths = execFileSync("find", [".", "-type", "f"], { cwd: folder, encoding: "utf8" }).trim().split("\n");
  return layer(paths.map((path) => ({ name: path.slice(2), mode: 0o755, content: readFileSync(join(folder, path)) })));
}
