// What lies where in the bucket: the functions' and the container's (`main.py`) common ground.

/** What the container needs besides input. */
export const ARTIFACTS = ["artifacts/pyproject.toml", "artifacts/script.py", "artifacts/package.tar.gz"] as const;
export const INPUT_PREFIX = "input/";
/** Written by the container when all outputs are there. */
export const MANIFEST_KEY = "output/manifest.json";

/** An object as it was found. */
export interface Found {
  key: string;
  bytes: number;
}

/** Lambda gives the name of an error as `errorType`, by which a state machine tells it from others. */
export class MissingArtifact extends Error {
  override readonly name = "MissingArtifact";
}
export class InvalidInput extends Error {
  override readonly name = "InvalidInput";
}
export class InvalidOutput extends Error {
  override readonly name = "InvalidOutput";
}
