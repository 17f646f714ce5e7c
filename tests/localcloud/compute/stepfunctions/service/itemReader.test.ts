import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { CreateBucketCommand, PutBucketVersioningCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { DuckDBInstance } from "@duckdb/node-api";
import type { StatesError } from "../../../../../localcloud/compute/stepfunctions/language/errors.js";
import type { JsonObject } from "../../../../../localcloud/compute/stepfunctions/language/json.js";
import { type ItemFiles, readItems } from "../../../../../localcloud/compute/stepfunctions/service/itemReader.js";
import { type StatesAccount, statesAccount } from "./fixture.js";

/** What a child of a Distributed Map is told of its item. */
interface Told {
  value: unknown;
  source: string;
  index: number;
}

describe("Step Functions: items from S3", () => {
  let states: StatesAccount;
  let s3: S3Client;
  let Bucket: string;
  let roleArn: string;
  before(async () => {
    states = await statesAccount();
    s3 = new S3Client({ ...states.config(), forcePathStyle: true });
    Bucket = `items-${states.account}`;
    await s3.send(new CreateBucketCommand({ Bucket }));
    roleArn = await states.role("reader", "states.amazonaws.com", [
      { Action: ["s3:GetObject", "s3:GetObjectVersion", "s3:ListBucket"], Resource: ["arn:aws:s3:::*"] },
      { Action: "states:StartExecution", Resource: "*" },
    ]);
  });

  const put = (Key: string, Body: string | Uint8Array) => s3.send(new PutObjectCommand({ Bucket, Key, Body }));
  const execute = async (resource: string, parameters: object, config: object, more: object = {}) => {
    const definition = {
      StartAt: "Each",
      States: {
        Each: {
          Type: "Map",
          ItemReader: {
            Resource: `arn:aws:states:::s3:${resource}`,
            ReaderConfig: config,
            Parameters: { Bucket, ...parameters },
          },
          ItemSelector: {
            "value.$": "$$.Map.Item.Value",
            "source.$": "$$.Map.Item.Source",
            "index.$": "$$.Map.Item.Index",
          },
          ItemProcessor: {
            ProcessorConfig: { Mode: "DISTRIBUTED", ExecutionType: "EXPRESS" },
            StartAt: "Item",
            States: { Item: { Type: "Pass", End: true } },
          },
          End: true,
          ...more,
        },
      },
    };
    return states.ended(await states.start(await states.create(definition, { roleArn })));
  };
  const read = async (...given: Parameters<typeof execute>): Promise<Told[]> => {
    const execution = await execute(...given);
    assert.equal(execution.status, "SUCCEEDED", `${execution.error}: ${execution.cause}`);
    return JSON.parse(execution.output ?? "null") as Told[];
  };
  const csv = { InputType: "CSV", CSVHeaderLocation: "FIRST_ROW" };
  const values = (told: Told[]) => told.map(({ value }) => value);
  const refused = async (cause: RegExp, ...given: Parameters<typeof execute>) => {
    const execution = await execute(...given);
    assert.deepEqual([execution.status, execution.error], ["FAILED", "States.ItemReaderFailed"]);
    assert.match(execution.cause ?? "", cause);
  };
  const inventory = (fileFormat: string, keys: string[], fileSchema: string) =>
    JSON.stringify({
      sourceBucket: "photos",
      destinationBucket: `arn:aws:s3:::${Bucket}`,
      version: "2016-11-30",
      fileFormat,
      fileSchema,
      files: keys.map((key) => ({ key, size: 1, MD5checksum: "" })),
    });

  it("are the rows of an S3 inventory's compressed files, by the manifest's schema", async () => {
    await put("inventory/data/1.csv.gz", gzipSync('"photos","cats/","0"\n"photos","cats/a%2Cb.jpg","27034"\n'));
    await put("inventory/data/2.csv.gz", gzipSync('"photos","dogs.jpg","7"\n'));
    const keys = ["inventory/data/1.csv.gz", "inventory/data/2.csv.gz"];
    await put("inventory/manifest.json", inventory("CSV", keys, "Bucket, Key, Size"));
    const expected = [
      { Bucket: "photos", Key: "cats/", Size: "0" },
      { Bucket: "photos", Key: "cats/a%2Cb.jpg", Size: "27034" },
      { Bucket: "photos", Key: "dogs.jpg", Size: "7" },
    ];
    for (const config of [{ InputType: "MANIFEST" }, { ManifestType: "S3_INVENTORY" }]) {
      const told = await read("getObject", { Key: "inventory/manifest.json" }, config);
      assert.deepEqual(values(told), expected);
      assert.equal(told[2]?.source, `S3://${Bucket}/inventory/data/2.csv.gz`);
    }
  });

  it("are the rows of an inventory in Parquet; one in ORC is refused", async () => {
    await put("inventory/data/1.parquet", await parquet("SELECT 'photos' AS bucket, 'a.jpg' AS key, 12 AS size"));
    const manifest = (format: string) => inventory(format, ["inventory/data/1.parquet"], "message s3.inventory {}");
    await put("inventory/parquet.json", manifest("Parquet"));
    await put("inventory/orc.json", manifest("ORC"));
    assert.deepEqual(values(await read("getObject", { Key: "inventory/parquet.json" }, { InputType: "MANIFEST" })), [
      { bucket: "photos", key: "a.jpg", size: 12 },
    ]);
    await refused(/file format ORC/, "getObject", { Key: "inventory/orc.json" }, { InputType: "MANIFEST" });
  });

  it("are the contents of the files that an Athena manifest names", async () => {
    await put("unload/1", gzipSync('{"id":1}\n{"id":2}\n'));
    await put("unload/2", gzipSync('{"id":3}\n'));
    await put("unload/3", gzipSync("4,four\n"));
    const manifest = (...names: string[]) => names.map((name) => `s3://${Bucket}/unload/${name}\n`).join("");
    await put("unload/json-manifest.csv", manifest("1", "2"));
    await put("unload/csv-manifest.csv", manifest("3"));
    await put("unload/parquet", await parquet("SELECT 5 AS id"));
    await put("unload/parquet-manifest.csv", manifest("parquet"));
    const athena = (name: string, config: object) =>
      read("getObject", { Key: `unload/${name}-manifest.csv` }, { ManifestType: "ATHENA_DATA", ...config });
    const told = await athena("json", { InputType: "JSONL" });
    assert.deepEqual(values(told), [{ id: 1 }, { id: 2 }, { id: 3 }]);
    assert.deepEqual(
      told.map(({ source, index }) => [source, index]),
      [
        [`S3://${Bucket}/unload/1`, 0],
        [`S3://${Bucket}/unload/1`, 1],
        [`S3://${Bucket}/unload/2`, 2],
      ],
    );
    const header = { CSVHeaderLocation: "GIVEN", CSVHeaders: ["id", "name"] };
    assert.deepEqual(values(await athena("csv", { InputType: "CSV", ...header })), [{ id: "4", name: "four" }]);
    assert.deepEqual(values(await athena("parquet", { InputType: "PARQUET" })), [{ id: 5 }]);
    await put("unload/broken.csv", "not a URI\n");
    const config = { ManifestType: "ATHENA_DATA", InputType: "JSONL" };
    await refused(/not an S3 URI/, "getObject", { Key: "unload/broken.csv" }, config);
  });

  it("come out of files compressed with gzip or Zstandard", async () => {
    const table = 'id,text\n1,"two\n\nlines"\n2,"a ""quote"""\n';
    const rows = [
      { id: "1", text: "two\n\nlines" },
      { id: "2", text: 'a "quote"' },
    ];
    for (const [suffix, compress] of [
      ["gz", gzipSync],
      ["zstd", zstd],
    ] as const) {
      await put(`packed.csv.${suffix}`, compress(table));
      await put(`packed.jsonl.${suffix}`, compress('{"id":1}\n{"id":2}\n'));
      await put(`packed.json.${suffix}`, compress('[{"id":1},\n{"id":2}]'));
      assert.deepEqual(values(await read("getObject", { Key: `packed.csv.${suffix}` }, csv)), rows, suffix);
      for (const type of ["jsonl", "json"]) {
        const told = await read("getObject", { Key: `packed.${type}.${suffix}` }, { InputType: type.toUpperCase() });
        assert.deepEqual(values(told), [{ id: 1 }, { id: 2 }], `${type}.${suffix}`);
      }
    }
  });

  it("are a listing's objects, or what is in them", async () => {
    await put("logs/", new Uint8Array());
    await put("logs/1.json", '[{"n":1},{"n":2}]');
    await put("logs/2.json.gz", gzipSync('[{"n":3}]'));
    const parameters = { Prefix: "logs/" };
    const objects = await read("listObjectsV2", parameters, {});
    assert.deepEqual(
      objects.map(({ value, source }) => [(value as { Key: string }).Key, source]),
      ["logs/", "logs/1.json", "logs/2.json.gz"].map((key) => [key, `S3://${Bucket}`]),
    );
    const flatten = { InputType: "JSON", Transformation: "LOAD_AND_FLATTEN" };
    const told = await read("listObjectsV2", parameters, flatten);
    assert.deepEqual(
      told.map(({ value, source, index }) => [value, source, index]),
      [
        [{ n: 1 }, `S3://${Bucket}/logs/1.json`, 0],
        [{ n: 2 }, `S3://${Bucket}/logs/1.json`, 1],
        [{ n: 3 }, `S3://${Bucket}/logs/2.json.gz`, 2],
      ],
    );
    assert.equal((await read("listObjectsV2", parameters, { ...flatten, MaxItems: 2 })).length, 2);
  });

  it("are those of the version that is asked for", async () => {
    await s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: "Enabled" } }));
    const { VersionId } = await put("versions.json", "[1]");
    await put("versions.json", "[2]");
    const config = { InputType: "JSON" };
    assert.deepEqual(values(await read("getObject", { Key: "versions.json" }, config)), [2]);
    assert.deepEqual(values(await read("getObject", { Key: "versions.json", VersionId }, config)), [1]);
  });

  it("are the key-value pairs of an object", async () => {
    await put("object.json", '{"eggs":{"left":{"size":2},"right":{"size":3}}}');
    const config = { InputType: "JSON", ItemsPointer: "/eggs" };
    const selected = await read("getObject", { Key: "object.json" }, config, {
      ItemSelector: { "value.$": "States.Format('{}={}', $$.Map.Item.Key, $$.Map.Item.Value.size)" },
    });
    assert.deepEqual(values(selected), ["left=2", "right=3"]);
    const plain = await read("getObject", { Key: "object.json" }, config, { ItemSelector: undefined });
    assert.deepEqual(plain, [
      { Key: "left", Value: { size: 2 } },
      { Key: "right", Value: { size: 3 } },
    ]);
  });

  it("take headers and delimiters as they are given", async () => {
    await put("pipes", "1|307\n2|481|more\n3\n");
    const config = { InputType: "CSV", CSVDelimiter: "PIPE", CSVHeaderLocation: "GIVEN", CSVHeaders: ["user", "film"] };
    assert.deepEqual(values(await read("getObject", { Key: "pipes" }, config)), [
      { user: "1", film: "307" },
      { user: "2", film: "481" },
      { user: "3", film: "" },
    ]);
    await put("wide", `${"x".repeat(11_000)}\n1\n`);
    await refused(/cannot exceed 10240/, "getObject", { Key: "wide" }, csv);
  });

  it("are as many as the reader's limit says, by number, path or expression", async () => {
    await put("many.jsonl", "1\n2\n3\n4\n");
    const outputOf = async (definition: object, input: object) => {
      const machine = await states.create({ StartAt: "Each", States: { Each: definition } }, { roleArn });
      const execution = await states.ended(await states.start(machine, input));
      return execution.output ? (JSON.parse(execution.output) as unknown) : `${execution.error}: ${execution.cause}`;
    };
    const map = (language: string, reader: object) => ({
      Type: "Map",
      QueryLanguage: language,
      ItemReader: { Resource: "arn:aws:states:::s3:getObject", ...reader },
      ItemProcessor: {
        ProcessorConfig: { Mode: "DISTRIBUTED", ExecutionType: "EXPRESS" },
        StartAt: "Item",
        States: { Item: { Type: "Pass", End: true } },
      },
      End: true,
    });
    const byPath = map("JSONPath", {
      ReaderConfig: { InputType: "JSONL", MaxItemsPath: "$.most" },
      Parameters: { Bucket, "Key.$": "$.key" },
    });
    assert.deepEqual(await outputOf(byPath, { key: "many.jsonl", most: 3 }), [1, 2, 3]);
    assert.match(String(await outputOf(byPath, { key: "many.jsonl", most: "x" })), /MaxItemsPath.*not a valid integer/);
    const byExpression = map("JSONata", {
      ReaderConfig: { InputType: "JSONL", MaxItems: "{% $states.input.most - 1 %}" },
      Arguments: { Bucket, Key: "{% $states.input.key %}" },
    });
    assert.deepEqual(await outputOf(byExpression, { key: "many.jsonl", most: 3 }), [1, 2]);
  });

  it("are refused where the reader's configuration contradicts itself", async () => {
    const files = { get: async () => Buffer.from("[]"), list: async function* () {} } as unknown as ItemFiles;
    const refusal = (resource: string, parameters: object, config: JsonObject, cause: RegExp) =>
      assert.rejects(
        readItems(
          {
            kind: "readItems",
            id: "1",
            resource: `arn:aws:states:::s3:${resource}`,
            parameters: { Bucket: "b", Key: "k", ...parameters },
            config,
          },
          files,
        ),
        (error: StatesError) => error.error === "States.ItemReaderFailed" && cause.test(error.cause ?? ""),
      );
    const given = { InputType: "CSV", CSVHeaderLocation: "GIVEN" };
    await refusal("getObject", {}, given, /CSVHeaders must be a list/);
    await refusal("getObject", {}, { ...given, ManifestType: "S3_INVENTORY" }, /InputType cannot be specified/);
    await refusal("getObject", {}, { InputType: "JSON", ManifestType: "ATHENA_DATA" }, /CSV, JSONL or PARQUET/);
    await refusal("getObject", { VersionId: "v" }, { InputType: "PARQUET" }, /VersionId is not supported/);
    await refusal("getObject", { Key: 5 }, { InputType: "JSON" }, /Key must be a string/);
    await refusal("listObjectsV2", {}, { Transformation: "LOAD_AND_FLATTEN" }, /InputType must be specified/);
    await refusal("headObject", {}, {}, /not supported by an ItemReader/);
  });

  it("fail where the data cannot be read", async () => {
    await put("broken", Buffer.concat([gzipSync("a\n1\n").subarray(0, 15), Buffer.from("broken")]));
    await refused(/could not be decompressed/, "getObject", { Key: "broken" }, csv);
    await put("binary", Buffer.from([0x41, 0xff, 0xfe, 0x00, 0x0a]));
    await refused(/not text in UTF-8/, "getObject", { Key: "binary" }, csv);
    await put("text", '{"id":1}\nnot JSON\n');
    await refused(/Failed to parse the file/, "getObject", { Key: "text" }, { InputType: "JSONL" });
    await refused(/not a Parquet file/, "getObject", { Key: "text" }, { InputType: "PARQUET" });
    await put("half", Buffer.from("PAR1 and then nothing PAR1"));
    await refused(/Failed to read the file .* as Parquet/, "getObject", { Key: "half" }, { InputType: "PARQUET" });
    await put("number", "5");
    await refused(/non-iterable/, "getObject", { Key: "number" }, { InputType: "JSON" });
    await refused(/leads nowhere/, "getObject", { Key: "object.json" }, { InputType: "JSON", ItemsPointer: "/a" });
  });

  it("from the state's own data have STATE_DATA as their source, and keys where they are an object's", async () => {
    const selector = {
      key: "{% $states.context.Map.Item.Key %}",
      value: "{% $states.context.Map.Item.Value %}",
      source: "{% $states.context.Map.Item.Source %}",
    };
    const definition = (Items: unknown, ItemSelector: object, Mode: object) => ({
      QueryLanguage: "JSONata",
      StartAt: "Each",
      States: {
        Each: {
          Type: "Map",
          Items,
          ItemSelector,
          ItemProcessor: { ...Mode, StartAt: "Item", States: { Item: { Type: "Pass", End: true } } },
          End: true,
        },
      },
    });
    const outputOf = async (from: object) => {
      const machine = await states.create(from, { roleArn });
      const execution = await states.ended(await states.start(machine));
      return execution.output ? (JSON.parse(execution.output) as unknown) : `${execution.error}: ${execution.cause}`;
    };
    const distributed = { ProcessorConfig: { Mode: "DISTRIBUTED", ExecutionType: "STANDARD" } };
    assert.deepEqual(await outputOf(definition({ a: 1, b: 2 }, selector, distributed)), [
      { key: "a", value: 1, source: "STATE_DATA" },
      { key: "b", value: 2, source: "STATE_DATA" },
    ]);
    const { key: _key, ...keyless } = selector;
    assert.deepEqual(await outputOf(definition([1], keyless, {})), [{ value: 1, source: "STATE_DATA" }]);
  });
});

async function parquet(query: string): Promise<Uint8Array> {
  const folder = mkdtempSync(join(tmpdir(), "crucible-parquet-"));
  const path = join(folder, "rows.parquet");
  const instance = await DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  await connection.run(`COPY (${query}) TO '${path}' (FORMAT PARQUET)`);
  connection.closeSync();
  instance.closeSync();
  const content = readFileSync(path);
  rmSync(folder, { recursive: true });
  return content;
}

/** A Zstandard frame (RFC 8878) of one raw block; of up to 255 bytes. */
function zstd(text: string): Uint8Array {
  const content = Buffer.from(text);
  const block = Buffer.alloc(3);
  block.writeUIntLE((content.length << 3) | 1, 0, 3);
  return Buffer.concat([Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x20, content.length]), block, content]);
}
