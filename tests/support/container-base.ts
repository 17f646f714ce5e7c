// A base image for containers, made of what this machine has: nothing is downloaded, so that tests with a container engine need no network.
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, realpathSync, rmSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { projectPython } from "../../localcloud/server/paths.js";

export const PYTHON_BASE = "localhost/crucible-test/python:latest";

/** Packages of the project's Python that containers use, with what they import. */
const PACKAGES = ["boto3", "botocore", "dateutil", "jmespath", "pip", "s3transfer", "six.py", "urllib3"];
const PACKAGES_PATH = "/opt/packages";
/** Parts of the standard library that no job imports, the largest ones. */
const NOT_NEEDED = /\/(?:__pycache__|site-packages|dist-packages|test|tests|idlelib|lib2to3|tkinter|config-[^/]+)$/;

const PROBE = `
import boto3, json, os, sys, sysconfig
print(json.dumps({
  "executable": os.path.realpath(sys.executable),
  "library": sysconfig.get_path("stdlib"),
  "modules": sysconfig.get_config_var("DESTSHARED"),
  "packages": os.path.dirname(os.path.dirname(boto3.__file__)),
}))`;

/**
 * Imports an image with Python, a shell and the packages above. Everything lies where it lies on this machine.
 *
 * @param engine command of the container engine
 * @param folder for the image's files; deleted again
 */
export function importPythonBase(engine: string, folder: string): void {
  const { executable, library, modules, packages } = JSON.parse(
    execFileSync(projectPython(), ["-c", PROBE], { encoding: "utf8" }),
  );
  const put = (from: string, to = from) => {
    mkdirSync(dirname(join(folder, to)), { recursive: true });
    cpSync(from, join(folder, to), { recursive: true, dereference: true, filter: (path) => !NOT_NEEDED.test(path) });
  };
  for (const path of [executable, library, modules]) if (existsSync(path)) put(path);
  put("/bin/sh");
  for (const name of PACKAGES) put(join(packages, name), join(PACKAGES_PATH, name));
  const extensions = execFileSync("find", [modules, "-name", "*.so"], { encoding: "utf8" }).trim().split("\n");
  const libraries = new Set(
    [executable, realpathSync("/bin/sh"), ...extensions].flatMap((program) =>
      [...execFileSync("ldd", [program], { encoding: "utf8" }).matchAll(/(?:=> )?(\/\S+) \(0x/g)].map(
        ([, path]) => path,
      ),
    ),
  );
  for (const path of libraries) if (path && existsSync(path)) put(path);
  mkdirSync(join(folder, "usr/local/bin"), { recursive: true });
  symlinkSync(executable, join(folder, "usr/local/bin/python3"));
  mkdirSync(join(folder, "tmp"), { recursive: true });
  const archive = `${folder}.tar`;
  try {
    execFileSync("tar", ["-C", folder, "-cf", archive, "."]);
    const changes = ["ENV PATH=/usr/local/bin:/usr/bin:/bin", `ENV PYTHONPATH=${PACKAGES_PATH}`];
    execFileSync(engine, ["import", ...changes.flatMap((change) => ["--change", change]), archive, PYTHON_BASE], {
      stdio: "ignore",
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
    rmSync(archive, { force: true });
  }
}
