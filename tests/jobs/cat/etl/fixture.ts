// An account in which the ETL's script is a Glue job, and what is needed to feed and question it.
import { createHash } from "node:crypto";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { GetObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { DuckDBInstance } from "@duckdb/node-api";
import { projectRoot } from "../../../../localcloud/server/paths.js";
import { type GlueAccount, glueAccount } from "../../../localcloud/compute/glue/fixture.js";

export const CLEAN = "reports/etl-process1/";
export const CURATED = "reports/etl-process2/";

/** The columns that exports have, in their order. */
export const COLUMNS =
  "project_id,client,environment,conversation_id,channel,status,started_at,ended_at,user_id,user_name,rating,tags,message_index,message_id,role,sent_at,text,tokens,latency_ms,confidence,attachment_count,attachments,metadata".split(
    ",",
  );

/** A row's fields by column; those that are left out are as `row` has them, null is an empty field. */
export type Row = Record<string, string | null>;

const USUAL: Row = {
  project_id: "P2124",
  client: "acme",
  environment: "TEST",
  channel: "web",
  status: "closed",
  started_at: "2026-02-07T09:00:00.000Z",
  ended_at: null,
  user_id: "u-1",
  user_name: "Ana",
  rating: "4.5",
  tags: '["billing"]',
  role: "user",
  sent_at: "2026-02-07T09:00:01.250Z",
  text: "hello",
  tokens: "3",
  latency_ms: "120.5",
  confidence: "0.123456789012345678",
  attachment_count: "0",
  attachments: "[]",
  metadata: "{}",
};

/** The text of a field: quoted where it has to be, and where it is empty but not null. */
const field = (text: string | null): string =>
  text === null ? "" : text === "" || /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;

/** A CSV file of messages; `conversation:message` names each. */
export function csv(rows: Record<string, Row>, columns: readonly string[] = COLUMNS): string {
  const lines = Object.entries(rows).map(([name, row], index) => {
    const [conversation = "", message = ""] = name.split(":");
    const own: Row = { conversation_id: conversation, message_id: message, message_index: String(index) };
    const all: Row = { ...USUAL, ...own, ...row };
    return columns.map((column) => field(all[column] ?? null)).join(",");
  });
  return `${[columns.join(","), ...lines].join("\n")}\n`;
}

export const dayFolder = (date: string): string => {
  const [year, month, day] = date.split("-");
  return `${CLEAN}year=${year}/month=${month}/day=${day}/`;
};

export interface Etl extends GlueAccount {
  /** Runs the job to its end. */
  load(args?: Record<string, string>): Promise<{ state: string; message: string; days: Record<string, unknown>[] }>;
  /** A manifest that names files with the rows that they have. */
  manifest(date: string, runId: string, rows: Record<string, number>): Promise<void>;
  /** The rows that a query gives; `messages` and `quarantine` are all of the day's. */
  ask(date: string, sql: string): Promise<Record<string, unknown>[]>;
}

export async function etlAccount(): Promise<Etl> {
  const on = await glueAccount();
  const folder = join(projectRoot, "jobs", "cat", "etl");
  const scripts = (await readdir(folder)).filter((name) => name.endsWith(".py"));
  for (const name of scripts) await on.put(`scripts/${name}`, await readFile(join(folder, name)));
  const extra = scripts.filter((name) => name !== "etl_process2.py").map((name) => `s3://${on.bucket}/scripts/${name}`);
  await on.job("etl_process2", await readFile(join(folder, "etl_process2.py"), "utf8"), {
    DefaultArguments: {
      "--bucket": on.bucket,
      "--clean_prefix": CLEAN,
      "--curated_prefix": CURATED,
      "--date": "all",
      "--reload": "false",
      "--extra-py-files": extra.join(","),
    },
  });
  const s3 = new S3Client({ ...on.config, forcePathStyle: true });
  const download = async (date: string, into: string): Promise<void> => {
    for (const [kind, day] of [
      ["messages", `report_date=${date}`],
      ["quarantine", date],
    ])
      for (const key of await on.keys(`${CURATED}${kind}/${day}/`)) {
        const { Body } = await s3.send(new GetObjectCommand({ Bucket: on.bucket, Key: key }));
        const name = `${kind}-${createHash("md5").update(key).digest("hex")}.parquet`;
        await writeFile(join(into, name), (await Body?.transformToByteArray()) ?? "");
      }
  };
  return {
    ...on,
    async load(args) {
      const run = await on.run("etl_process2", args);
      const report = run.JobRunState === "SUCCEEDED" ? await on.text(`${CURATED}_runs/${run.Id}.json`) : '{"days":[]}';
      return { state: run.JobRunState ?? "", message: run.ErrorMessage ?? "", days: JSON.parse(report).days };
    },
    async manifest(date, runId, rows) {
      const files = Object.entries(rows).map(([key, count]) => ({ key, rows: count, bytes: 1 }));
      await on.put(`${CLEAN}_manifests/${date}.json`, JSON.stringify({ date, runId, status: "COMPLETE", files }));
    },
    async ask(date, sql) {
      const into = await mkdtemp(join(tmpdir(), "crucible-etl-"));
      const duck = await DuckDBInstance.create(":memory:");
      try {
        await download(date, into);
        const connection = await duck.connect();
        const names = await readdir(into);
        for (const kind of ["messages", "quarantine"])
          if (names.some((name) => name.startsWith(kind)))
            await connection.run(`CREATE VIEW ${kind} AS SELECT * FROM read_parquet('${into}/${kind}-*.parquet')`);
        return (await connection.runAndReadAll(sql)).getRowObjectsJson();
      } finally {
        duck.closeSync();
        await rm(into, { recursive: true, force: true });
      }
    },
  };
}
