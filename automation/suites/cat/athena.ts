// Questions to Athena, and its answers as tables.

import { setTimeout as sleep } from "node:timers/promises";
import {
  AthenaClient,
  BatchGetNamedQueryCommand,
  GetQueryExecutionCommand,
  GetQueryResultsCommand,
  ListNamedQueriesCommand,
  StartQueryExecutionCommand,
} from "@aws-sdk/client-athena";
import type { Environment } from "../../environments/environment.js";
import { CrucibleError } from "../../errors.js";
import type { Cell, TableData } from "../../evidence/tables.js";
import { catOf } from "./cat.js";

const LOOK_MS = 50;
const NUMBERS = /^(tinyint|smallint|integer|bigint|double|float|decimal)/;

/** Runs a query in the environment's workgroup. Numbers are numbers. @throws CrucibleError with Athena's reason */
export async function ask(env: Environment, name: string, sql: string): Promise<TableData> {
  const { database: Database, workGroup: WorkGroup } = catOf(env);
  const athena = env.aws(AthenaClient);
  const { QueryExecutionId } = await athena.send(
    new StartQueryExecutionCommand({ QueryString: sql, WorkGroup, QueryExecutionContext: { Database } }),
  );
  for (;;) {
    const { QueryExecution } = await athena.send(new GetQueryExecutionCommand({ QueryExecutionId }));
    const { State, StateChangeReason } = QueryExecution?.Status ?? {};
    if (State === "SUCCEEDED") break;
    if (State === "FAILED" || State === "CANCELLED")
      throw new CrucibleError(`Athena: ${StateChangeReason}, for ${name}: ${sql}`);
    await sleep(LOOK_MS);
  }
  const cells: (string | undefined)[][] = [];
  let columns: TableData["columns"] = [];
  let NextToken: string | undefined;
  do {
    const page = await athena.send(new GetQueryResultsCommand({ QueryExecutionId, NextToken }));
    const { Rows = [], ResultSetMetadata } = page.ResultSet ?? {};
    columns = (ResultSetMetadata?.ColumnInfo ?? []).map(({ Name = "", Type = "" }) => ({ name: Name, type: Type }));
    cells.push(...Rows.map(({ Data = [] }) => Data.map(({ VarCharValue }) => VarCharValue)));
    NextToken = page.NextToken;
  } while (NextToken);
  // The first row is the header.
  const rows = cells.slice(1).map((row) =>
    Object.fromEntries(
      columns.map(({ name: column, type }, index): [string, Cell] => {
        const text = row[index];
        return [column, text === undefined ? null : NUMBERS.test(type) ? Number(text) : text];
      }),
    ),
  );
  return { name, columns, rows };
}

/** Runs every query that is saved in the workgroup. @returns its answers by name */
export async function askSaved(env: Environment): Promise<Map<string, TableData>> {
  const athena = env.aws(AthenaClient);
  const { workGroup: WorkGroup } = catOf(env);
  const { NamedQueryIds } = await athena.send(new ListNamedQueriesCommand({ WorkGroup, MaxResults: 50 }));
  const { NamedQueries = [] } = await athena.send(new BatchGetNamedQueryCommand({ NamedQueryIds }));
  const answers = new Map<string, TableData>();
  for (const { Name = "", QueryString = "" } of NamedQueries) answers.set(Name, await ask(env, Name, QueryString));
  return answers;
}
