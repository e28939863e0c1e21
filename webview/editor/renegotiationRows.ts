// Rows of the estimate as the table has them: their words made once, so that sorting and filtering thousands is quick.

import type { RenegotiationRow } from '../../src/core/renegotiation.ts';
import { rowCells } from '../../src/core/renegotiationText.ts';
import { countText } from '../../src/core/trafficText.ts';
import { dateTime } from '../time.ts';

/** In the order of the columns. */
export const sortColumns = [
  'api',
  'operation',
  'host',
  'version',
  'requests',
  'callers',
  'lastSeen',
  'confidence',
  'sources',
] as const;
export type SortColumn = (typeof sortColumns)[number];

export interface Order {
  readonly column: SortColumn;
  readonly descending: boolean;
}

export interface Entry {
  /** In the list, from 0. */
  readonly place: number;
  readonly cells: readonly string[];
  /** By column; what is not known stands last in both directions. */
  readonly keys: Readonly<Record<SortColumn, string | number | null>>;
  /** Everything that can be seen, in lower case. */
  readonly text: string;
}

const versions = ['ssl3', 'tls10', 'tls11', 'tls12', 'tls13', 'unknown'];
const confidences = ['low', 'medium', 'high'];

export function entriesOf(rows: readonly RenegotiationRow[], from: number): Entry[] {
  return rows.map((row, index) => {
    const words = rowCells(row, dateTime);
    const cells = words.map((word, column) => {
      const count = column === 4 ? row.requests : column === 5 ? row.callers : null;
      return count === null ? word : countText(count);
    });
    const [api = '', operation = '', host = '', , , , , , sources = ''] = words.map((word) => word.toLowerCase());
    const keys = {
      api,
      operation,
      host,
      version: row.version === null ? null : versions.indexOf(row.version),
      requests: row.requests,
      callers: row.callers,
      lastSeen: row.lastSeen,
      confidence: confidences.indexOf(row.confidence),
      sources,
    };
    return { place: from + index, cells, keys, text: cells.join('\n').toLowerCase() };
  });
}

/** Every word of the filter has to be in a row. Rows that are alike stay in the order of the list. */
export function visibleEntries(entries: readonly Entry[], filter: string, order: Order | null): readonly Entry[] {
  const words = filter
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  const kept = words.length === 0 ? entries : entries.filter(({ text }) => words.every((word) => text.includes(word)));
  if (order === null) return kept;
  const { column, descending } = order;
  const keyed = kept.map((entry) => ({ entry, key: entry.keys[column] }));
  const known = keyed.filter(({ key }) => key !== null) as { entry: Entry; key: string | number }[];
  known.sort((a, b) => (a.key === b.key ? a.entry.place - b.entry.place : a.key < b.key === descending ? 1 : -1));
  const unknown = keyed.filter(({ key }) => key === null);
  return [...known, ...unknown].map(({ entry }) => entry);
}
