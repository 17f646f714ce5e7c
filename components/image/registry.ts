// A client of the OCI distribution API: the few calls that publishing an image needs.
import { createReadStream } from "node:fs";
import { request as httpRequest, type IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";
import { setTimeout as delay } from "node:timers/promises";

/** Where a repository is served, and how to be let in. */
export interface RegistryAccess {
  /** Base URL, e.g. `https://123456789012.dkr.ecr.eu-central-1.amazonaws.com`. */
  url: string;
  /** Host that the repository's name begins with; told to the server (`ns`) when another host serves it, as for a mirror. */
  host: string;
  /** Value of the Authorization header. */
  authorization: string;
}

/** Bytes to send: in memory, or a file of known size. */
export type Content = { bytes: Buffer } | { file: string; size: number };

export interface RegistryResponse {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: string;
}

const ATTEMPTS = 5;
const TRANSIENT = new Set([
  "ECONNRESET",
  "ECONNREFUSED",
  "EPIPE",
  "ETIMEDOUT",
  "EAI_AGAIN",
  "ENETUNREACH",
  "EHOSTUNREACH",
]);
const IDLE_TIMEOUT_MS = 60_000;

/** A registry's refusal, or that it could not be reached, with the request that met it. */
export class RegistryError extends Error {
  override readonly name = "RegistryError";
  constructor(
    message: string,
    readonly status: number | undefined,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

export class RegistryClient {
  readonly #access: RegistryAccess;
  readonly #wait: (milliseconds: number) => Promise<unknown>;

  constructor(access: RegistryAccess, wait: (milliseconds: number) => Promise<unknown> = delay) {
    this.#access = access;
    this.#wait = wait;
  }

  /** Whether the repository has the blob. */
  async hasBlob(repository: string, digest: string): Promise<boolean> {
    const answer = await this.#send("HEAD", `/v2/${repository}/blobs/${digest}`, [200, 404]);
    return answer.status === 200;
  }

  /** Uploads a blob in one piece. A retry starts a new upload session: a broken one cannot be trusted to have the rest. */
  async putBlob(repository: string, digest: string, content: Content): Promise<void> {
    await this.#retrying(async () => {
      const session = await this.#once("POST", `/v2/${repository}/blobs/uploads/`, [202]);
      const location = session.headers.location;
      if (typeof location !== "string")
        throw new RegistryError("The registry began an upload without saying where", 202);
      const target = new URL(location, this.#access.url);
      target.searchParams.set("digest", digest);
      await this.#once("PUT", target, [201, 204], content, "application/octet-stream");
    });
  }

  /** Digest of the manifest under a tag or digest; undefined when there is none. */
  async manifestDigest(repository: string, reference: string, mediaType: string): Promise<string | undefined> {
    const answer = await this.#send("HEAD", `/v2/${repository}/manifests/${reference}`, [200, 404], undefined, {
      accept: mediaType,
    });
    const digest = answer.headers["docker-content-digest"];
    return answer.status === 200 && typeof digest === "string" ? digest : undefined;
  }

  async putManifest(repository: string, reference: string, manifest: string, mediaType: string): Promise<void> {
    const content = { bytes: Buffer.from(manifest) };
    await this.#retrying(() =>
      this.#once("PUT", `/v2/${repository}/manifests/${reference}`, [201], content, mediaType),
    );
  }

  #send(method: string, path: string, expected: number[], content?: Content, headers?: Record<string, string>) {
    return this.#retrying(() => this.#once(method, path, expected, content, undefined, headers));
  }

  async #retrying<T>(attempt: () => Promise<T>): Promise<T> {
    for (let tried = 1; ; tried += 1)
      try {
        return await attempt();
      } catch (error) {
        if (tried === ATTEMPTS || !isTransient(error)) throw error;
        await this.#wait(100 * 2 ** (tried - 1) * (0.5 + Math.random() / 2));
      }
  }

  async #once(
    method: string,
    target: string | URL,
    expected: number[],
    content?: Content,
    contentType?: string,
    headers: Record<string, string> = {},
  ): Promise<RegistryResponse> {
    const url = new URL(target, this.#access.url);
    if (url.host !== this.#access.host) url.searchParams.set("ns", this.#access.host);
    const what = `${method} ${url.origin}${url.pathname}`;
    let answer: RegistryResponse;
    try {
      answer = await exchange(method, url, content, {
        ...headers,
        // An upload may be sent on to a store of the registry's, which must not see the registry's credentials.
        ...(url.origin === new URL(this.#access.url).origin ? { authorization: this.#access.authorization } : {}),
        ...(contentType ? { "content-type": contentType } : {}),
      });
    } catch (cause) {
      throw new RegistryError(`${what} failed: ${(cause as Error).message}`, undefined, { cause });
    }
    if (!expected.includes(answer.status))
      throw new RegistryError(`${what} was answered ${answer.status}${describe(answer.body)}`, answer.status);
    return answer;
  }
}

function exchange(method: string, url: URL, content: Content | undefined, headers: Record<string, string>) {
  const length = content === undefined ? 0 : "bytes" in content ? content.bytes.length : content.size;
  return new Promise<RegistryResponse>((resolve, reject) => {
    const send = url.protocol === "https:" ? httpsRequest : httpRequest;
    const outgoing = send(url, {
      method,
      headers: method === "HEAD" ? headers : { ...headers, "content-length": length },
      timeout: IDLE_TIMEOUT_MS,
    });
    outgoing.on("timeout", () =>
      outgoing.destroy(Object.assign(new Error("no answer in time"), { code: "ETIMEDOUT" })),
    );
    outgoing.on("error", reject);
    outgoing.on("response", (incoming: IncomingMessage) => {
      const chunks: Buffer[] = [];
      incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
      incoming.on("error", reject);
      incoming.on("end", () =>
        resolve({
          status: incoming.statusCode ?? 0,
          headers: incoming.headers,
          body: Buffer.concat(chunks).toString("utf8"),
        }),
      );
    });
    if (content === undefined || "bytes" in content) outgoing.end(content?.bytes);
    else
      createReadStream(content.file, { highWaterMark: 1 << 20 })
        .on("error", reject)
        .pipe(outgoing);
  });
}

function isTransient(error: unknown): boolean {
  if (!(error instanceof RegistryError)) return false;
  if (error.status !== undefined) return error.status === 429 || error.status >= 500;
  return TRANSIENT.has((error.cause as NodeJS.ErrnoException | undefined)?.code ?? "");
}

/** The errors of a registry's answer (`{"errors":[{"code","message"}]}`), or its text. */
function describe(body: string): string {
  if (body === "") return "";
  try {
    const { errors } = JSON.parse(body) as { errors: { code: string; message: string }[] };
    return `: ${errors.map((error) => `${error.code}: ${error.message}`).join("; ")}`;
  } catch {
    return `: ${body.slice(0, 300)}`;
  }
}
