// The functions that Step Functions adds to JSONata, and those that must not reach the machine's clock or chance.
// Source: "Transforming data with JSONata in Step Functions" in the Step Functions Developer Guide.
import { createHash } from "node:crypto";
import { type Chance, fraction } from "./intrinsic.js";
import type { Json } from "./json.js";

const HASHES: Record<string, string> = {
  MD5: "md5",
  "SHA-1": "sha1",
  "SHA-256": "sha256",
  "SHA-384": "sha384",
  "SHA-512": "sha512",
};

/** Elements of `$range()`, as AWS bounds them. */
const MAXIMUM_RANGE = 360_145;

interface Focus {
  environment: { lookup(name: string): { implementation(...values: unknown[]): unknown } };
}

/**
 * What an expression may call besides JSONata's own functions.
 *
 * @param nowMs milliseconds since the epoch, for `$now()` and `$millis()`
 */
export function functions(nowMs: number, chance: Chance): Record<string, unknown> {
  return {
    partition: (list: Json[], size: number) => {
      if (!Array.isArray(list)) throw refusal("$partition", "the first argument must be an array");
      const length = Math.floor(size);
      if (!(length >= 1)) throw refusal("$partition", "the chunk size must be a positive integer");
      return Array.from({ length: Math.ceil(list.length / length) }, (_, index) =>
        list.slice(index * length, (index + 1) * length),
      );
    },
    range: (first: number, last: number, step: number) => {
      if (![first, last, step].every((value) => typeof value === "number" && Number.isInteger(value)))
        throw refusal("$range", "all arguments must be integers");
      if (step === 0) throw refusal("$range", "the step must not be zero");
      const length = Math.max(Math.floor((last - first) / step) + 1, 0);
      if (length > MAXIMUM_RANGE) throw Object.assign(new Error("too many elements"), { code: "D2015" });
      return Array.from({ length }, (_, index) => first + index * step);
    },
    hash: (data: Json, algorithm: string) => {
      const name = HASHES[algorithm];
      if (!name) throw refusal("$hash", `the algorithm must be one of ${Object.keys(HASHES).join(", ")}`);
      return createHash(name)
        .update(typeof data === "string" ? data : JSON.stringify(data))
        .digest("hex");
    },
    random: (seed?: number) => (seed === undefined ? chance.random() : fraction(seed)),
    uuid: () => chance.uuid(),
    parse: (text: string) => JSON.parse(text) as Json,
    eval: () => {
      throw refusal("$eval", "it is not supported in Step Functions");
    },
    millis: () => nowMs,
    now(this: Focus, picture?: string, timezone?: string) {
      if (picture === undefined && timezone === undefined) return new Date(nowMs).toISOString();
      return this.environment.lookup("fromMillis").implementation(nowMs, picture, timezone);
    },
    shuffle: (list: Json[]) => {
      const items = [...list];
      for (let index = items.length - 1; index > 0; index -= 1) {
        const other = Math.floor(chance.random() * (index + 1));
        [items[index], items[other]] = [items[other] as Json, items[index] as Json];
      }
      return items;
    },
  };
}

const refusal = (name: string, reason: string): Error =>
  new Error(`The function ${name} refused its arguments: ${reason}`);
