// `image.json`: what a jobs folder says about the image that its jobs run in.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, dirname, isAbsolute, join, posix } from "node:path";
import { z } from "zod";

const relativePattern = z
  .string()
  .min(1)
  .refine((value) => !value.startsWith("/") && !value.split("/").includes(".."), "must stay inside the image's folder");

const schema = z
  .strictObject({
    /** Name of the image, e.g. that of its repository without the environment. */
    name: z.string().regex(/^[a-z0-9]+([._-][a-z0-9]+)*$/, "lower case letters, digits, and single . _ - between them"),
    /** The command that stays when a job definition brings its own. */
    entrypoint: z.array(z.string()).min(1),
    /** Absolute folder in the image where everything below is put, and where containers start. */
    workdir: z
      .string()
      .refine((value) => value.startsWith("/") && posix.normalize(value) === value, "an absolute, normalized path")
      .default("/app"),
    /** TypeScript or JavaScript module of the entry point; becomes `<workdir>/<name>.mjs`. An image of Python alone has none. */
    main: relativePattern.optional(),
    /** Modules of the jobs, one `*` in the last segment; `jobs/a.ts` becomes `<workdir>/jobs/a.mjs`. */
    jobs: relativePattern.optional(),
    /** Python files, copied as they are to the same place below the working folder. */
    python: relativePattern.optional(),
    /** npm packages that cannot be bundled; they and their dependencies are put below `<workdir>/node_modules`. */
    native: z.array(z.string().min(1)).default([]),
    /**
     * Files, from the image's folder, that say what lies under the bundle in a container image: the Dockerfile and what it
     * installs from. They are no part of a layer, but of the tag: another runtime is another image.
     */
    runtime: z.array(z.string().min(1)).default([]),
    /** Environment variables of the image itself. */
    environment: z.record(z.string(), z.string()).default({}),
  })
  .refine(({ main, jobs, python }) => main ?? jobs ?? python, {
    path: ["main"],
    error: "one of main, jobs and python must be there",
  });

/** The parsed `image.json` of a folder. */
export type ImageSpec = z.infer<typeof schema>;

/**
 * Reads and checks `<folder>/image.json`.
 * @param folder absolute path of the jobs folder
 * @throws when the folder is not absolute, or the file is missing, not JSON, or has a wrong or unknown key (all named at once)
 */
export function readImageSpec(folder: string): ImageSpec {
  if (!isAbsolute(folder)) throw new Error(`The folder of an image must be an absolute path, not '${folder}'`);
  const file = join(folder, "image.json");
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(file, "utf8"));
  } catch (cause) {
    throw new Error(`Could not read ${file}: ${(cause as Error).message}`, { cause });
  }
  const parsed = schema.safeParse(json);
  if (!parsed.success) throw new Error(`${file} does not describe an image:\n${z.prettifyError(parsed.error)}`);
  return parsed.data;
}

/**
 * Files of `folder` that a pattern such as `jobs/*.ts` names, sorted, as paths from the folder. Declarations and tests are no jobs.
 * @throws when the pattern's folder is missing or nothing matches: an image that silently lacks its jobs helps nobody
 */
export function expandPattern(folder: string, pattern: string): string[] {
  const within = dirname(pattern);
  const name = new RegExp(`^${basename(pattern).split("*").map(escapeRegExp).join("[^/]*")}$`);
  const directory = join(folder, within);
  const found = !existsSync(directory)
    ? []
    : readdirSync(directory, { withFileTypes: true })
        .filter((entry) => entry.isFile() && name.test(entry.name) && !/\.(d|test)\.[cm]?ts$/.test(entry.name))
        .map((entry) => posix.join(within, entry.name))
        .sort();
  if (found.length === 0) throw new Error(`${join(folder, "image.json")}: nothing matches '${pattern}'`);
  return found;
}

function escapeRegExp(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
}
