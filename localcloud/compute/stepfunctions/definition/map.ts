// What only Map states have: the processor's configuration, and for Distributed Maps reader, batcher, writer and label.
// Source: "Using Map state in Distributed mode" and the pages of its fields in the Developer Guide, and AWS's answers for the wording.
import { isObject, type Json, type JsonObject } from "../language/json.js";
import { checkNumber, checkTemplate, isPath } from "./fieldValues.js";
import type { Report } from "./report.js";
import type { QueryLanguage } from "./types.js";

/** Fields of a Map state that only a Distributed Map has. */
const DISTRIBUTED_ONLY = ["ItemReader", "ItemBatcher", "ResultWriter", "Label"];
const MAXIMUM_LABEL = 40;
/** Characters that no label may have. Source: "Using Map state in Distributed mode", Label. */
const NOT_IN_LABEL = /[\s?*<>{}[\]:;,\\|^~$#%&`"/\p{Cc}]/u;

export type Mode = "INLINE" | "DISTRIBUTED";

/** Checks `ProcessorConfig` and what may stand beside it. */
export function checkProcessorConfig(processor: JsonObject, state: JsonObject, own: Report, report: Report): Mode {
  const config = processor.ProcessorConfig ?? {};
  const at = own.at("ProcessorConfig");
  if (!isObject(config)) {
    at.error("Expected value of type Object");
    return "INLINE";
  }
  at.oneOf(config.Mode, "INLINE", "DISTRIBUTED");
  const mode: Mode = config.Mode === "DISTRIBUTED" ? "DISTRIBUTED" : "INLINE";
  at.unsupported(Object.keys(config).filter((field) => field !== "Mode" && field !== "ExecutionType"));
  if (mode === "DISTRIBUTED") {
    at.required(config, "ExecutionType");
    at.at("ExecutionType").oneOf(config.ExecutionType, "STANDARD", "EXPRESS");
  } else {
    if ("ExecutionType" in config) at.unsupported(["ExecutionType"]);
    report.unsupported(DISTRIBUTED_ONLY.filter((field) => field in state));
  }
  return mode;
}

/** Checks the fields of a Distributed Map; `labels` are those seen so far. */
export function checkDistributed(
  state: JsonObject,
  language: QueryLanguage,
  report: Report,
  labels: Set<string>,
): void {
  if ("Label" in state) checkLabel(state.Label as Json, report.at("Label"), labels);
  if ("ItemReader" in state)
    withObject(state.ItemReader, report.at("ItemReader"), (r, at) => checkReader(r, language, at));
  if ("ItemBatcher" in state)
    withObject(state.ItemBatcher, report.at("ItemBatcher"), (b, at) => checkBatcher(b, language, at));
  if ("ResultWriter" in state)
    withObject(state.ResultWriter, report.at("ResultWriter"), (w, at) => checkWriter(w, language, at));
}

function withObject(value: unknown, report: Report, check: (object: JsonObject, report: Report) => void): void {
  if (isObject(value)) check(value, report);
  else report.error("Expected value of type Object");
}

function checkLabel(label: Json, report: Report, labels: Set<string>): void {
  if (typeof label !== "string") {
    report.error("Expected value of type String");
    return;
  }
  const refuse = (reason: string) =>
    report.error(`Invalid Label name: Label '${label}' ${reason}`, "INVALID_LABEL_NAME");
  if (label.length > MAXIMUM_LABEL) refuse(`exceeds the ${MAXIMUM_LABEL}-character limit allowed by the service`);
  else if (label === "" || NOT_IN_LABEL.test(label)) refuse("contains invalid characters");
  if (labels.has(label)) report.error(`Duplicate Label name: ${label}`, "DUPLICATE_LABEL_NAME");
  labels.add(label);
}

/** The field that holds arguments in a language, and the other language's. */
const argumentsField = (language: QueryLanguage): [string, string] =>
  language === "JSONata" ? ["Arguments", "Parameters"] : ["Parameters", "Arguments"];

function checkArguments(holder: JsonObject, language: QueryLanguage, report: Report): void {
  const [field, other] = argumentsField(language);
  if (holder[field] !== undefined) checkTemplate(holder[field], language, report.at(field));
  if (other in holder) report.unsupported([other]);
}

const READER_FIELDS = ["Resource", "Parameters", "Arguments", "ReaderConfig"];
const READER_CONFIG_FIELDS = [
  "InputType",
  "Transformation",
  "ManifestType",
  "CSVHeaderLocation",
  "CSVHeaders",
  "CSVDelimiter",
  "MaxItems",
  "MaxItemsPath",
  "ItemsPointer",
];

function checkReader(reader: JsonObject, language: QueryLanguage, report: Report): void {
  report.unsupported(Object.keys(reader).filter((field) => !READER_FIELDS.includes(field)));
  report.required(reader, "Resource");
  const resource = reader.Resource;
  if (resource !== undefined && !/^arn:[^:]+:states:::s3:(getObject|listObjectsV2)$/.test(String(resource)))
    report.at("Resource").error("The field 'Resource' does not match any of the allowed values");
  checkArguments(reader, language, report);
  if (reader.ReaderConfig !== undefined)
    withObject(reader.ReaderConfig, report.at("ReaderConfig"), (config, at) => checkReaderConfig(config, language, at));
}

function checkReaderConfig(config: JsonObject, language: QueryLanguage, report: Report): void {
  report.unsupported(Object.keys(config).filter((field) => !READER_CONFIG_FIELDS.includes(field)));
  report.at("InputType").oneOf(config.InputType, "CSV", "JSON", "JSONL", "PARQUET", "MANIFEST");
  report.at("Transformation").oneOf(config.Transformation, "NONE", "LOAD_AND_FLATTEN");
  report.at("ManifestType").oneOf(config.ManifestType, "ATHENA_DATA", "S3_INVENTORY");
  report.at("CSVHeaderLocation").oneOf(config.CSVHeaderLocation, "FIRST_ROW", "GIVEN");
  report.at("CSVDelimiter").oneOf(config.CSVDelimiter, "COMMA", "PIPE", "SEMICOLON", "SPACE", "TAB");
  if (config.CSVHeaderLocation === "GIVEN") report.required(config, "CSVHeaders");
  const headers = config.CSVHeaders;
  if (headers !== undefined && !(Array.isArray(headers) && headers.every((header) => typeof header === "string")))
    report.at("CSVHeaders").error("Expected value of type Array");
  else if (Array.isArray(headers) && headers.length === 0) report.at("CSVHeaders").error("Value cannot be empty");
  report.exclusive(config, ["MaxItems", "MaxItemsPath"]);
  checkSizes(config, ["MaxItems"], language, report, 0);
}

const BATCH_SIZES = ["MaxItemsPerBatch", "MaxInputBytesPerBatch"];
const BATCHER_FIELDS = [...BATCH_SIZES, ...BATCH_SIZES.map((field) => `${field}Path`), "BatchInput"];

function checkBatcher(batcher: JsonObject, language: QueryLanguage, report: Report): void {
  report.unsupported(Object.keys(batcher).filter((field) => !BATCHER_FIELDS.includes(field)));
  if (!BATCHER_FIELDS.some((field) => field !== "BatchInput" && field in batcher))
    report.error(`This object should have at least one of the following fields: [${BATCH_SIZES.join(", ")}]`);
  for (const field of BATCH_SIZES) report.exclusive(batcher, [field, `${field}Path`]);
  checkSizes(batcher, BATCH_SIZES, language, report, 1);
  if (batcher.BatchInput !== undefined) checkTemplate(batcher.BatchInput, language, report.at("BatchInput"));
}

/** Counts, as numbers (in JSONata states also as expressions) or by `…Path`. */
function checkSizes(
  holder: JsonObject,
  fields: string[],
  language: QueryLanguage,
  report: Report,
  least: number,
): void {
  for (const field of fields) {
    if (holder[field] !== undefined)
      checkNumber(least, Number.MAX_SAFE_INTEGER)(holder[field], language, report.at(field), {});
    const path = holder[`${field}Path`];
    if (path !== undefined && !isPath(path)) report.at(`${field}Path`).error("Value must be a valid JSONPath.");
  }
}

const WRITER_FIELDS = ["Resource", "Parameters", "Arguments", "WriterConfig"];
const WRITER_CONFIG_FIELDS = ["OutputType", "Transformation"];

/** A writer has a place to write to, or says how the results look, or both. */
function checkWriter(writer: JsonObject, language: QueryLanguage, report: Report): void {
  report.unsupported(Object.keys(writer).filter((field) => !WRITER_FIELDS.includes(field)));
  const [field] = argumentsField(language);
  if (Object.keys(writer).length === 0) report.required(writer, "Resource", field);
  else if ("Resource" in writer || field in writer) report.required(writer, "Resource", field);
  if (writer.Resource !== undefined && !/^arn:[^:]+:states:::s3:putObject$/.test(String(writer.Resource)))
    report.at("Resource").error("The field 'Resource' does not match any of the allowed values");
  checkArguments(writer, language, report);
  if (writer.WriterConfig === undefined) return;
  withObject(writer.WriterConfig, report.at("WriterConfig"), (config, at) => {
    at.unsupported(Object.keys(config).filter((name) => !WRITER_CONFIG_FIELDS.includes(name)));
    at.at("OutputType").oneOf(config.OutputType, "JSON", "JSONL");
    at.at("Transformation").oneOf(config.Transformation, "NONE", "COMPACT", "FLATTEN");
  });
}
