// What a run needs, looked for before a container is paid for.
import { ARTIFACTS, type Found, INPUT_PREFIX, InvalidInput, MissingArtifact } from "./layout.js";

export interface CheckedInput {
  artifacts: Found[];
  inputs: Found[];
  bytes: number;
}

/**
 * Checks what lies in the bucket.
 *
 * @param objects everything below `artifacts/` and `input/`
 * @param place of the bucket, for messages
 * @throws MissingArtifact naming every artifact that is not there; InvalidInput when there is no CSV file, or an empty one
 */
export function checkObjects(objects: readonly Found[], place: string): CheckedInput {
  const byKey = new Map(objects.map((found) => [found.key, found]));
  const missing = ARTIFACTS.filter((key) => !byKey.has(key));
  if (missing.length > 0) throw new MissingArtifact(`${place} has no ${missing.join(", ")}`);
  const inputs = objects.filter(({ key }) => key.startsWith(INPUT_PREFIX) && key.endsWith(".csv"));
  if (inputs.length === 0) throw new InvalidInput(`${place} has no ${INPUT_PREFIX}*.csv`);
  const artifacts = ARTIFACTS.map((key) => byKey.get(key) as Found);
  const empty = [...artifacts, ...inputs].filter(({ bytes }) => bytes === 0).map(({ key }) => key);
  if (empty.length > 0) throw new InvalidInput(`In ${place} there is nothing in ${empty.join(", ")}`);
  return { artifacts, inputs, bytes: inputs.reduce((sum, { bytes }) => sum + bytes, 0) };
}
