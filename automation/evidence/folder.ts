// The folder of evidence that a test leaves behind. Whatever goes into it passes the redactor.
import { mkdirSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Redactor } from "../environments/redact.js";

export class EvidenceFolder {
  readonly files: string[] = [];

  constructor(
    readonly path: string,
    /** Replaced by the environment's own once that is up. */
    public redactor: Redactor,
  ) {
    mkdirSync(path, { recursive: true, mode: 0o700 });
  }

  /** Path of a file in it, for data that is downloaded there; its folder exists. */
  pathOf(name: string): string {
    const path = join(this.path, name);
    mkdirSync(dirname(path), { recursive: true });
    this.#note(name);
    return path;
  }

  async json(name: string, value: unknown): Promise<void> {
    await this.#write(name, `${JSON.stringify(this.redactor.json(value), null, 2)}\n`);
  }

  async text(name: string, text: string): Promise<void> {
    await this.#write(name, this.redactor.text(text));
  }

  async #write(name: string, content: string): Promise<void> {
    const path = join(this.path, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, content);
    this.#note(name);
  }

  #note(name: string): void {
    if (!this.files.includes(name)) this.files.push(name);
  }
}
