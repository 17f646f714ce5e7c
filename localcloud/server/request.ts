// JSON over loopback HTTP, with the token of the cloud: how its processes talk to each other.
import { Agent, request as httpRequest } from "node:http";

/** An answer other than 200, with the code that AWS would give where there is one. */
export class RefusedError extends Error {
  constructor(
    message: string,
    readonly status: number,
    readonly code: string,
  ) {
    super(message);
    this.name = code;
  }
}

const agent = new Agent({ keepAlive: true, timeout: 60_000 });

/**
 * Posts a JSON message and returns the answer's JSON.
 *
 * @throws RefusedError for any status but 200; a system error when nobody listens
 */
export function postJson(url: string, token: string, message: unknown): Promise<unknown> {
  const body = JSON.stringify(message);
  const headers = {
    "content-type": "application/json",
    "content-length": Buffer.byteLength(body),
    "x-crucible-token": token,
  };
  return new Promise((resolve, reject) => {
    const outgoing = httpRequest(url, { method: "POST", agent, headers }, (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
      incoming.on("error", reject);
      incoming.on("end", () => {
        const text = Buffer.concat(chunks).toString();
        const answer = parse(text);
        const status = incoming.statusCode ?? 0;
        if (status === 200) resolve(answer);
        else {
          const { message: why = text, code = "InternalError" } = (answer ?? {}) as { message?: string; code?: string };
          reject(new RefusedError(why, status, code));
        }
      });
    });
    outgoing.on("error", reject);
    outgoing.end(body);
  });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
