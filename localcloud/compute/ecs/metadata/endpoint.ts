// The task metadata endpoint, version 4: what containers learn about themselves ("Amazon ECS task metadata endpoint version 4").
// A container's address holds a secret of its own, as on Fargate only the task itself reaches it.
import { randomBytes } from "node:crypto";
import type { Task } from "../model.js";
import type { ContainerRun } from "../run/container.js";
import { containerMetadata, containerStats, taskMetadata } from "./documents.js";

/** What a container is answered. */
export interface MetadataAnswer {
  readonly status: number;
  readonly body: unknown;
}

export class MetadataEndpoint {
  readonly #containers = new Map<string, { task: Task; run: ContainerRun }>();

  /** @param url gives the loopback URL under whose `/v4/…` answers are served */
  constructor(
    private readonly url: () => string,
    private readonly now: () => Date,
  ) {}

  /** Serves a container's metadata until the task's are closed; returns the value of ECS_CONTAINER_METADATA_URI_V4. */
  open(task: Task, run: ContainerRun): string {
    const id = randomBytes(16).toString("hex");
    this.#containers.set(id, { task, run });
    return `${this.url()}/v4/${id}`;
  }

  close(task: Task): void {
    for (const [id, entry] of this.#containers) if (entry.task === task) this.#containers.delete(id);
  }

  /** @param path `/v4/<id>`, or with `/task`, `/taskWithTags`, `/stats` or `/task/stats` */
  answer(path: string): MetadataAnswer {
    const [, id = "", what = ""] = /^\/v4\/([0-9a-f]+)(\/.*)?$/.exec(path) ?? [];
    const found = this.#containers.get(id);
    if (!found) return { status: 404, body: "V4 metadata handler: unable to get task arn from request" };
    const { task, run } = found;
    const siblings = [...this.#containers.values()].filter((each) => each.task === task).map((each) => each.run);
    const stats = (of: ContainerRun) => containerStats(task, of, this.now());
    switch (what) {
      case "":
        return { status: 200, body: containerMetadata(task, run.state) };
      case "/task":
      case "/taskWithTags":
        return { status: 200, body: taskMetadata(task, what === "/taskWithTags") };
      case "/stats":
        return { status: 200, body: stats(run) };
      case "/task/stats":
        return {
          status: 200,
          body: Object.fromEntries(siblings.map((each) => [each.state.runtimeId, stats(each)])),
        };
      default:
        return { status: 404, body: `V4 metadata handler: no such path ${what}` };
    }
  }
}
