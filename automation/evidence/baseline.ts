// A baseline: what a passed test wrote, kept in the repository, and the comparison of a later run with it.
import { z } from "zod";
import type { Cell, TableData } from "./tables.js";

const BaselineTable = z.object({
  columns: z.array(z.object({ name: z.string(), type: z.string() })),
  /** Columns whose values tell a row from every other. */
  key: z.array(z.string()),
  /** Largest relative difference of a number by column; absent: none. */
  tolerance: z.record(z.string(), z.number().nonnegative()),
  rows: z.array(z.record(z.string(), z.unknown())),
});
export type BaselineTable = z.infer<typeof BaselineTable>;

export const Baseline = z.object({
  test: z.string(),
  tables: z.record(z.string(), BaselineTable),
});
export type Baseline = z.infer<typeof Baseline>;

/** A table of a test, with what the comparison has to know. */
export interface ComparedTable {
  table: TableData;
  key: string[];
  tolerance?: Record<string, number>;
}

export interface Difference {
  table: string;
  /** What differs, for people: a column, a row by its key, a value. */
  what: string;
  expected: Cell | undefined;
  actual: Cell | undefined;
}

/** The baseline that a run would leave behind. */
export function baselineOf(test: string, tables: readonly ComparedTable[]): Baseline {
  return {
    test,
    tables: Object.fromEntries(
      tables.map(({ table, key, tolerance = {} }) => [
        table.name,
        { columns: table.columns, key, tolerance, rows: table.rows },
      ]),
    ),
  };
}

/** Everything in which the tables of a run differ from the baseline: tables, columns, rows, values. Empty when they agree. */
export function compare(baseline: Baseline, tables: readonly ComparedTable[]): Difference[] {
  const names = new Set([...Object.keys(baseline.tables), ...tables.map(({ table }) => table.name)]);
  return [...names].flatMap((name) => {
    const expected = baseline.tables[name];
    const actual = tables.find(({ table }) => table.name === name);
    if (!expected) return [{ table: name, what: "table", expected: "absent", actual: "present" }];
    if (!actual) return [{ table: name, what: "table", expected: "present", actual: "absent" }];
    return [...compareColumns(name, expected, actual.table), ...compareRows(name, expected, actual.table)];
  });
}

function compareColumns(table: string, expected: BaselineTable, actual: TableData): Difference[] {
  const before = new Map(expected.columns.map(({ name, type }) => [name, type]));
  const after = new Map(actual.columns.map(({ name, type }) => [name, type]));
  return [...new Set([...before.keys(), ...after.keys()])]
    .filter((column) => before.get(column) !== after.get(column))
    .map((column) => ({
      table,
      what: `type of ${column}`,
      expected: before.get(column) ?? "no such column",
      actual: after.get(column) ?? "no such column",
    }));
}

function compareRows(table: string, expected: BaselineTable, actual: TableData): Difference[] {
  const keyOf = (row: Record<string, unknown>) => expected.key.map((column) => `${column} ${row[column]}`).join(", ");
  const before = new Map(expected.rows.map((row) => [keyOf(row), row]));
  const after = new Map(actual.rows.map((row) => [keyOf(row), row]));
  const columns = expected.columns.map(({ name }) => name).filter((column) => !expected.key.includes(column));
  const differences: Difference[] = [];
  if (expected.rows.length !== actual.rows.length)
    differences.push({ table, what: "number of rows", expected: expected.rows.length, actual: actual.rows.length });
  for (const key of new Set([...before.keys(), ...after.keys()])) {
    const [was, is] = [before.get(key), after.get(key)];
    if (!was || !is) {
      differences.push({
        table,
        what: `row ${key}`,
        expected: was ? "present" : "absent",
        actual: is ? "present" : "absent",
      });
      continue;
    }
    for (const column of columns)
      if (!isSame(was[column] as Cell, is[column] as Cell, expected.tolerance[column] ?? 0))
        differences.push({
          table,
          what: `${column} of ${key}`,
          expected: was[column] as Cell,
          actual: is[column] as Cell,
        });
  }
  return differences;
}

/** Equal, or numbers whose difference is within `tolerance` of the larger. */
export function isSame(a: Cell | undefined, b: Cell | undefined, tolerance: number): boolean {
  if (typeof a === "number" && typeof b === "number")
    return a === b || Math.abs(a - b) <= tolerance * Math.max(Math.abs(a), Math.abs(b));
  return JSON.stringify(a ?? null) === JSON.stringify(b ?? null);
}
