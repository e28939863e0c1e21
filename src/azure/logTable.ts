// The table that a query of logs answers with (Log Analytics REST, query/execute: tables, columns, rows).

import { ArmError } from '../core/failure.ts';
import { asList, asRecord } from './json.ts';

/** A value of one row by the name of its column. */
export type Cell<Column extends string> = (column: Column) => unknown;

/** The rows of the first table. Rejects with "malformed" where it is not the one that was asked for. */
export function readTable<Column extends string>(body: unknown, columns: readonly Column[]): Cell<Column>[] {
  const table = asRecord(asList(asRecord(body)['tables'])[0]);
  const names = asList(table['columns']).map((column) => asRecord(column)['name']);
  if (columns.some((name) => !names.includes(name)) || !Array.isArray(table['rows']))
    throw new ArmError({ code: 'malformed', serviceMessage: 'The answer is not the table that was asked for.' });
  const places = new Map<string, number>(columns.map((column) => [column, names.indexOf(column)]));
  return table['rows'].filter(Array.isArray).map(
    (row: readonly unknown[]): Cell<Column> =>
      (column) =>
        row[places.get(column) ?? -1],
  );
}
