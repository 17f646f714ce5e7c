// The function after the container: what did the run give?
import { bucketName, listObjects, readText } from "./bucket.js";
import { InvalidOutput, MANIFEST_KEY } from "./layout.js";
import { type Summary, summarize } from "./summary.js";

export async function handler({ run }: { run: string }): Promise<Summary & { bucket: string }> {
  const bucket = bucketName();
  const text = await readText(bucket, MANIFEST_KEY);
  if (text === undefined) throw new InvalidOutput(`s3://${bucket} has no ${MANIFEST_KEY}`);
  const summary = summarize(text, run, await listObjects(bucket, "output/"));
  console.log(JSON.stringify({ message: "result", ...summary }));
  return { bucket, ...summary };
}
