// `scp-run <job>`: runs a Sanders job outside the cloud, against AWS, any endpoint, or a folder.
import { resolve } from "node:path";
import yargs from "yargs";
import { hideBin } from "yargs/helpers";
import { Catalog } from "./catalog.js";
import { runJob } from "./run.js";

const assets = new URL("./", import.meta.url);
const catalog = new Catalog(assets);
const descriptions = await Promise.all(
  (await catalog.names()).map(async (name) => `  ${name.padEnd(26)}${(await catalog.load(name)).description}`),
);

const text = { type: "string", requiresArg: true } as const;
const options = await yargs(hideBin(process.argv))
  .scriptName("scp-run")
  .usage("$0 <job> [options]\n\nRuns a job of the Sanders customer platform outside the cloud.")
  .command("$0 <job>", false, (command) =>
    command.positional("job", {
      type: "string",
      demandOption: true,
      describe: "Name of the job, with or without jobs/ and .py",
    }),
  )
  .options({
    env: { ...text, choices: ["dev", "test", "prod"], describe: "Environment (SCP_ENV) [default: dev]" },
    data: { ...text, describe: "Input: s3://bucket/key, https://… or a path (TLC_DATA_PATH)" },
    date: { ...text, describe: "Feature date, YYYY-MM-DD (FEATURE_DATE) [default: today, UTC]" },
    backfill: { type: "boolean", describe: "One partition per pickup date (BACKFILL)" },
    rows: { ...text, describe: "First rows to ingest (ROWS)" },
    "file-name": { ...text, describe: "Name to ingest the input under (TLC_FILE_NAME) [default: its own]" },
    bucket: { ...text, describe: "Bucket to write to (S3_BUCKET)" },
    table: { ...text, describe: "Feature store (DYNAMODB_TABLE)" },
    region: { ...text, describe: "Region (AWS_REGION) [default: eu-central-1]" },
    "endpoint-url": { ...text, describe: "Endpoint of every AWS service (AWS_ENDPOINT_URL)" },
    local: { ...text, describe: "Keep buckets and table in this folder instead of AWS", conflicts: "endpoint-url" },
  })
  .example("$0 daily_features_tlc --data data/tlc_raw.parquet --local out", "no cloud at all")
  .example("$0 daily_features_tlc --env dev --endpoint-url http://127.0.0.1:4566", "against an endpoint")
  .example("$0 ingest_tlc_sample --data data/tlc_raw.parquet --rows 5000", "a sample into the bucket")
  .epilogue(
    `Jobs:\n${descriptions.join("\n")}\n\nVariables in brackets may be set instead; an option wins. Exit codes: 0 done, 1 failed, 2 wrong usage.`,
  )
  .strict()
  .version(false)
  .help()
  .wrap(120)
  .fail((message, error) => {
    if (error) throw error;
    console.error(`scp-run: ${message}\n\nSee: scp-run --help`);
    process.exit(2);
  })
  .parseAsync();

const given = {
  SCP_ENV: options.env,
  TLC_DATA_PATH: options.data,
  FEATURE_DATE: options.date,
  BACKFILL: options.backfill === undefined ? undefined : String(options.backfill),
  ROWS: options.rows,
  TLC_FILE_NAME: options["file-name"],
  S3_BUCKET: options.bucket,
  DYNAMODB_TABLE: options.table,
  AWS_REGION: options.region,
  AWS_ENDPOINT_URL: options["endpoint-url"],
};
// The AWS SDK reads the process' own variables, so options become variables.
for (const [name, value] of Object.entries(given)) if (value !== undefined) process.env[name] = value;

process.exitCode = await runJob({
  command: options.job as string,
  env: process.env,
  assets,
  localFolder: options.local === undefined ? undefined : resolve(options.local as string),
});
