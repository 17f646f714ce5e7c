// A tiny image in place of the backend's own: its job does what the run's message says, so that a workflow's paths can be tried.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ECRClient, GetAuthorizationTokenCommand } from "@aws-sdk/client-ecr";
import { bundleImage } from "../../../components/image/bundle.js";
import { publishTo } from "../../../components/image/publish.js";
import { RegistryClient } from "../../../components/image/registry.js";

const SPEC = { name: "tiny", entrypoint: ["node", "/app/main.mjs"], workdir: "/app", main: "main.ts" };

/** Appends what it was called with to a file of the shared file system, then does what the message says, in the step it names. */
const MAIN = `
import { appendFileSync, mkdirSync } from "node:fs";
const { DATA_ROOT, RUN_ID, RUN_INPUT, PARTITIONS, AWS_BATCH_JOB_ARRAY_INDEX, AWS_BATCH_JOB_ATTEMPT, MEMORY_LIMIT_MIB } = process.env;
const [kind, workflow, step] = process.argv.slice(2);
const input = JSON.parse(RUN_INPUT);
mkdirSync(DATA_ROOT + "/runs", { recursive: true });
const partition = AWS_BATCH_JOB_ARRAY_INDEX === undefined ? undefined : AWS_BATCH_JOB_ARRAY_INDEX + "/" + PARTITIONS;
const entry = { kind, workflow, step, partition, attempt: AWS_BATCH_JOB_ATTEMPT, input, memory: MEMORY_LIMIT_MIB };
appendFileSync(DATA_ROOT + "/runs/" + RUN_ID + ".jsonl", JSON.stringify(entry) + "\\n");
const fail = (message, code) => {
  console.log(JSON.stringify({ level: "info", message: "about to fail" }));
  console.error(JSON.stringify({ level: "error", message }));
  process.exit(code);
};
const [what, where] = input.message.split(" in ");
if (kind === "step" && step === where) {
  if (what === "fail once" && AWS_BATCH_JOB_ATTEMPT === "1") fail("the first attempt fails", 1);
  if (what === "fail") fail("no households of the title in " + (partition ?? "all"), 1);
  if (what === "refuse") fail("what was asked is wrong", 2);
  if (what === "sleep") setInterval(() => {}, 1000);
  if (what === "eat") for (const eaten = []; ; ) eaten.push(Buffer.alloc(16 * 2 ** 20, 1));
}
`;

/** Puts the image into a repository under a tag. @param client AWS SDK configuration of the account on the local cloud */
export async function pushTinyImage(
  repositoryUrl: string,
  tag: string,
  client: { endpoint: string; region: string; credentials: { accessKeyId: string; secretAccessKey: string } },
): Promise<void> {
  const { authorizationData } = await new ECRClient(client).send(new GetAuthorizationTokenCommand({}));
  const authorization = `Basic ${authorizationData?.[0]?.authorizationToken}`;
  const [host = "", name = ""] = repositoryUrl.split("/");
  const folder = mkdtempSync(join(tmpdir(), "crucible-tiny-"));
  try {
    writeFileSync(join(folder, "image.json"), JSON.stringify(SPEC));
    writeFileSync(join(folder, "main.ts"), MAIN);
    const registry = new RegistryClient({ url: client.endpoint, host, authorization });
    await publishTo(registry, name, await bundleImage(folder), [tag]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
