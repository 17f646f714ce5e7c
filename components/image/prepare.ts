// The set-up step that packs every image's layers once, so that the first deployment does not have to. Prints what it packed, which is
// nothing where all was there.
import { readdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { bundleImage } from "./bundle.js";

const jobs = fileURLToPath(new URL("../../../jobs/", import.meta.url));
for (const entry of await readdir(jobs, { withFileTypes: true })) {
  if (!entry.isDirectory()) continue;
  const folder = `${jobs}${entry.name}`;
  if (!(await readdir(folder)).includes("image.json")) continue;
  let isNew = false;
  const onBuilt = () => {
    isNew = true;
  };
  const { tag } = await bundleImage(folder, { onBuilt });
  if (isNew) process.stdout.write(`${entry.name} ${tag}\n`);
}
