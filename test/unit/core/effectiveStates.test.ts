import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { tierFacts } from '../../../src/core/tls/catalog.ts';
import { readSettings, settings, stateOf } from '../../../src/core/tls/settings.ts';
import { instance } from '../../support/instances.ts';

const file = path.join(import.meta.dirname, 'effectiveStates.md');

const created = { old: '2018-04-01T10:00:00Z', new: '2018-04-02T10:00:00Z', 'not stated': null };

/** What holds for an instance whose map is empty, setting by setting, and what cannot be changed. */
function table(): string {
  const columns = [...tierFacts.map(({ tier }) => tier), 'a tier of tomorrow'].flatMap((tier) =>
    (Object.keys(created) as (keyof typeof created)[]).map((day) => ({ tier, day })),
  );
  const cells = settings.map(({ id }) =>
    columns.map(({ tier, day }) => {
      const state = stateOf(readSettings(instance({ tier, createdAt: created[day] })), id);
      return `${state.value}, ${state.origin}${state.lock ? `, locked: ${state.lock}` : ''}`;
    }),
  );
  // Columns that say the same for every setting are told once.
  const alike = Map.groupBy(columns, (_, i) => cells.map((row) => row[i]).join('|'));
  return [...alike]
    .map(([, same]) => {
      const at = columns.findIndex((column) => column === same[0]);
      const names = same.map(({ tier, day }) => `${tier} (${day})`).join(', ');
      return [`## ${names}`, '', ...settings.map(({ id }, row) => `- ${id}: ${cells[row]?.[at] ?? ''}`), ''].join('\n');
    })
    .join('\n');
}

describe('effective states', () => {
  it('are those of the table beside this file, for every tier and day of creation (UPDATE_GOLDEN=1 writes it)', () => {
    const now = table();
    if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(file, now);
    assert.equal(now, readFileSync(file, 'utf8'));
  });
});
