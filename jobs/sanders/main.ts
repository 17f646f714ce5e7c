// Entry point of the image: runs the job that the container's command names, `["jobs/daily_features_tlc"]`.
import { Catalog } from "./catalog.js";
import { runJob } from "./run.js";

const assets = new URL("./", import.meta.url);
const [command, ...rest] = process.argv.slice(2);
if (command === undefined || rest.length > 0) {
  const names = await new Catalog(assets).names();
  const given = command === undefined ? "none" : [command, ...rest].join(" ");
  console.error(
    `The command must be the name of one job; given: ${given}. Jobs: ${names.map((name) => `jobs/${name}`).join(", ")}`,
  );
  process.exitCode = 2;
} else {
  process.exitCode = await runJob({ command, env: process.env, assets });
}
