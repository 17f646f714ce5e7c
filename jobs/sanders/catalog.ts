// Which jobs there are: the modules beside the entry point. A new job is a new file.
import { readdir } from "node:fs/promises";
import { UsageError } from "../lib/errors.js";
import type { Job } from "./job.js";

/** The jobs of an image. */
export class Catalog {
  /** @param assets URL of the folder that has `jobs/`, with a slash at its end */
  constructor(private readonly assets: URL) {}

  /** Names of all jobs, sorted. */
  async names(): Promise<string[]> {
    const files = await readdir(new URL("jobs/", this.assets));
    return files.flatMap((file) => /^(\w+)\.m?js$/.exec(file)?.[1] ?? []).sort();
  }

  /**
   * The job that a container's command names: `jobs/daily_features_tlc`, with `.py` or bare.
   * @throws UsageError listing the jobs when there is none of that name
   */
  async find(command: string): Promise<{ name: string; job: Job }> {
    const names = await this.names();
    const name = jobName(command);
    if (!name || !names.includes(name))
      throw new UsageError(`There is no job '${command}'. Jobs: ${names.map((known) => `jobs/${known}`).join(", ")}`);
    return { name, job: await this.load(name) };
  }

  /** Loads a job of `names()`. */
  async load(name: string): Promise<Job> {
    const files = await readdir(new URL("jobs/", this.assets));
    const file = files.find((candidate) => new RegExp(`^${name}\\.m?js$`).test(candidate));
    const module = (await import(new URL(`jobs/${file}`, this.assets).href)) as { job: Job };
    return module.job;
  }
}

/** The name in a command, or undefined when it has not the form of one. */
export function jobName(command: string): string | undefined {
  return /^(?:\.\/)?(?:jobs\/)?(\w+)(?:\.(?:py|ts|m?js))?$/.exec(command)?.[1];
}
