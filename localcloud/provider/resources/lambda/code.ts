// Code of functions and layers: an archive that the program carries, or an object in S3.
import { contentOf } from "../../assets.js";
import type { CheckFailure, Context } from "../../descriptor.js";
import { type Asset, asset, text } from "../../properties.js";

/** Properties that say where code is. */
export const codeSource = {
  code: asset(),
  s3Bucket: text({ unread: true }),
  s3Key: text({ unread: true }),
  s3ObjectVersion: text({ unread: true }),
};

export interface CodeSource {
  code?: Asset;
  s3Bucket?: string;
  s3Key?: string;
  s3ObjectVersion?: string;
}

/** What the API calls code: the bytes of a ZIP file, or where they are. @throws when neither is given */
export async function codeRequest(
  source: CodeSource,
  context: Context,
): Promise<{ ZipFile?: Uint8Array; S3Bucket?: string; S3Key?: string; S3ObjectVersion?: string }> {
  if (source.code) return { ZipFile: await contentOf(source.code, context.signal) };
  if (source.s3Bucket === undefined) throw new Error("one of code and s3Bucket must be given");
  return { S3Bucket: source.s3Bucket, S3Key: source.s3Key, S3ObjectVersion: source.s3ObjectVersion };
}

/**
 * At most one of `code`, `s3Bucket` and `others` can be given. That one has to be is said when the thing is made: an import,
 * whose code AWS does not give back, has none.
 */
export function checkCode(inputs: object, ...others: string[]): CheckFailure[] {
  const names = ["code", "s3Bucket", ...others];
  const given = names.filter((name) => (inputs as Record<string, unknown>)[name] !== undefined);
  return given.length < 2 ? [] : [{ property: given[1] ?? "", reason: `cannot be given together with ${given[0]}` }];
}
