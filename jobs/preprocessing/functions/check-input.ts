// The function before the container: is there all that a run needs?
import { bucketName, listObjects } from "./bucket.js";
import { type CheckedInput, checkObjects } from "./check.js";
import { INPUT_PREFIX } from "./layout.js";

export async function handler(): Promise<CheckedInput> {
  const bucket = bucketName();
  const objects = await Promise.all(["artifacts/", INPUT_PREFIX].map((prefix) => listObjects(bucket, prefix)));
  const checked = checkObjects(objects.flat(), `s3://${bucket}`);
  console.log(JSON.stringify({ message: "input is complete", inputs: checked.inputs.length, bytes: checked.bytes }));
  return checked;
}
