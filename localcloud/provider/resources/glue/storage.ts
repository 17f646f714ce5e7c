// Where and how a table's or partition's data is, in Pulumi's spelling and in AWS's.
import type { Column, StorageDescriptor } from "@aws-sdk/client-glue";
import { flag, type Inputs, list, map, number, object, text, type Value } from "../../properties.js";
import { orNothing } from "./tags.js";

export const columnProperties = {
  name: text({ required: true }),
  type: text(),
  comment: text(),
  parameters: map(text()),
};

export const storageProperties = object({
  additionalLocations: list(text()),
  bucketColumns: list(text()),
  columns: list(object(columnProperties)),
  compressed: flag(),
  inputFormat: text(),
  location: text({ computed: true }),
  numberOfBuckets: number(),
  outputFormat: text(),
  parameters: map(text()),
  serDeInfo: object({ name: text(), parameters: map(text()), serializationLibrary: text() }),
  skewedInfo: object({
    skewedColumnNames: list(text()),
    skewedColumnValueLocationMaps: map(text()),
    skewedColumnValues: list(text()),
  }),
  sortColumns: list(
    object({ column: text({ required: true }), sortOrder: number({ required: true, min: 0, max: 1 }) }),
  ),
  storedAsSubDirectories: flag(),
});

type Storage = Value<typeof storageProperties>;
type ColumnInputs = Inputs<typeof columnProperties>;

export const toColumn = ({ name, type, comment, parameters }: ColumnInputs): Column => ({
  Name: name,
  Type: type,
  Comment: comment,
  Parameters: parameters,
});

export const fromColumn = ({ Name = "", Type, Comment, Parameters }: Column): ColumnInputs => ({
  name: Name,
  type: Type,
  comment: Comment,
  parameters: orNothing(Parameters),
});

export function toStorage(storage: Storage | undefined): StorageDescriptor | undefined {
  if (!storage) return undefined;
  const { serDeInfo, skewedInfo } = storage;
  return {
    AdditionalLocations: storage.additionalLocations,
    BucketColumns: storage.bucketColumns,
    Columns: storage.columns?.map(toColumn),
    Compressed: storage.compressed,
    InputFormat: storage.inputFormat,
    Location: storage.location,
    NumberOfBuckets: storage.numberOfBuckets,
    OutputFormat: storage.outputFormat,
    Parameters: storage.parameters,
    SerdeInfo: serDeInfo && {
      Name: serDeInfo.name,
      Parameters: serDeInfo.parameters,
      SerializationLibrary: serDeInfo.serializationLibrary,
    },
    SkewedInfo: skewedInfo && {
      SkewedColumnNames: skewedInfo.skewedColumnNames,
      SkewedColumnValueLocationMaps: skewedInfo.skewedColumnValueLocationMaps,
      SkewedColumnValues: skewedInfo.skewedColumnValues,
    },
    SortColumns: storage.sortColumns?.map(({ column, sortOrder }) => ({ Column: column, SortOrder: sortOrder })),
    StoredAsSubDirectories: storage.storedAsSubDirectories,
  };
}

const some = <T>(items: T[] | undefined): T[] | undefined => (items && items.length > 0 ? items : undefined);

export function fromStorage(found: StorageDescriptor | undefined): Storage | undefined {
  if (!found || Object.keys(found).length === 0) return undefined;
  const { SerdeInfo, SkewedInfo } = found;
  return {
    additionalLocations: some(found.AdditionalLocations),
    bucketColumns: some(found.BucketColumns),
    columns: some(found.Columns?.map(fromColumn)),
    compressed: found.Compressed || undefined,
    inputFormat: found.InputFormat,
    location: found.Location,
    numberOfBuckets: found.NumberOfBuckets || undefined,
    outputFormat: found.OutputFormat,
    parameters: orNothing(found.Parameters),
    serDeInfo: SerdeInfo && {
      name: SerdeInfo.Name,
      parameters: orNothing(SerdeInfo.Parameters),
      serializationLibrary: SerdeInfo.SerializationLibrary,
    },
    skewedInfo: SkewedInfo && {
      skewedColumnNames: some(SkewedInfo.SkewedColumnNames),
      skewedColumnValueLocationMaps: orNothing(SkewedInfo.SkewedColumnValueLocationMaps),
      skewedColumnValues: some(SkewedInfo.SkewedColumnValues),
    },
    sortColumns: some(
      found.SortColumns?.map(({ Column: column = "", SortOrder: sortOrder = 0 }) => ({ column, sortOrder })),
    ),
    storedAsSubDirectories: found.StoredAsSubDirectories || undefined,
  };
}
