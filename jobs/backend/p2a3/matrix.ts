// Rows of numbers for Python: files that it reads without any library but numpy.
import { type FileHandle, open } from "node:fs/promises";
import type { Database } from "../../lib/duckdb.js";

/** A little-endian float32 matrix, row by row, NaN where a value is missing. */
export interface Matrix {
  path: string;
  rows: number;
  columns: number;
}

/**
 * Writes a query's rows as a matrix, a chunk (2,048 rows) at a time: memory does not grow with the rows.
 * @param query its columns are the matrix's, all FLOAT; the order of its rows is the matrix's
 * @param ids where to write the identifiers (little-endian int64) of the rows; then the query's first column is the identifier, as DOUBLE
 */
export async function writeMatrix(db: Database, query: string, path: string, ids?: string): Promise<Matrix> {
  const matrix = { path, rows: 0, columns: 0 };
  const files: FileHandle[] = [];
  try {
    const file = await open(path, "w");
    files.push(file);
    const idFile = ids ? await open(ids, "w") : undefined;
    if (idFile) files.push(idFile);
    for await (const chunk of db.floatChunks(query)) {
      const values = idFile ? chunk.columns.slice(1) : chunk.columns;
      matrix.rows += chunk.rows;
      matrix.columns = values.length;
      await file.write(rowMajor(values, chunk.rows));
      if (idFile) await idFile.write(identifiers(chunk.columns[0] ?? []));
    }
  } finally {
    for (const file of files) await file.close();
  }
  return matrix;
}

function rowMajor(columns: (number | null)[][], rows: number): Buffer {
  const width = columns.length;
  const buffer = Buffer.allocUnsafe(rows * width * 4);
  columns.forEach((values, column) => {
    for (let row = 0; row < rows; row += 1) buffer.writeFloatLE(values[row] ?? Number.NaN, (row * width + column) * 4);
  });
  return buffer;
}

function identifiers(values: (number | null)[]): Buffer {
  const buffer = Buffer.allocUnsafe(values.length * 8);
  values.forEach((value, row) => {
    buffer.writeBigInt64LE(BigInt(value ?? -1), row * 8);
  });
  return buffer;
}
