import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { tierFacts } from '../../../src/core/tls/catalog.ts';
import { readSettings, settings, stateOf } from '../../../src/core/tls/settings.ts';
import { instance, key } from '../../support/instances.ts';

const file = path.join(import.meta.dirname, 'effectiveStates.md');

/** The days about the change of defaults: documentation says "on or before April 1, 2018". */
const created = {
  '2018-03-31': '2018-03-31T12:00:00Z',
  '2018-04-01, first moment': '2018-04-01T00:00:00Z',
  '2018-04-01, last moment': '2018-04-01T23:59:59.9999999Z',
  '2018-04-02, first moment': '2018-04-02T00:00:00Z',
  '2018-04-03': '2018-04-03T12:00:00Z',
  'not stated': null,
};
type Day = keyof typeof created;

const days = Object.keys(created) as Day[];
const allTiers = [...tierFacts.map(({ tier }) => tier), 'a tier of tomorrow'];

/** What holds for an instance whose map is empty, setting by setting, and what cannot be changed. */
function table(): string {
  const columns = allTiers.flatMap((tier) => days.map((day) => ({ tier, day })));
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
      const tiers = Map.groupBy(same, ({ tier }) => tier);
      const names = [...tiers].map(([tier, each]) => `- ${tier}: ${each.map(({ day }) => day).join('; ')}`);
      return [
        '## Instances',
        '',
        ...names,
        '',
        ...settings.map(({ id }, row) => `- ${id}: ${cells[row]?.[at] ?? ''}`),
        '',
      ].join('\n');
    })
    .join('\n');
}

/** The same from documentation, by hand. Days: those up to and including 1 April 2018 have the old defaults. */
const oldDays: readonly Day[] = ['2018-03-31', '2018-04-01, first moment', '2018-04-01, last moment'];
const byDay = (day: Day) => (day === 'not stated' ? 'unknown' : oldDays.includes(day) ? 'on' : 'off');
const dedicated = ['developer', 'basic', 'standard', 'premium', 'isolated', 'a tier of tomorrow'];
const required = [
  'TLS_AES_256_GCM_SHA384',
  'TLS_AES_128_GCM_SHA256',
  ...['ECDSA', 'RSA'].flatMap((kind) =>
    ['256_GCM_SHA384', '128_GCM_SHA256'].map((end) => `TLS_ECDHE_${kind}_WITH_AES_${end}`),
  ),
].map((name) => `cipher.${name}`);

function documented(id: string, tier: string, day: Day): readonly [string, string, string | undefined] {
  const lock = dedicated.includes(tier) ? undefined : 'notInTier';
  if (id === 'client.tls12' || required.includes(id)) return ['on', 'fixed', 'alwaysOn'];
  if (id === 'client.tls13') return ['unknown', 'platform', undefined];
  if (id === 'client.ssl3') return ['off', 'default', lock];
  if (['client.http2', 'backend.ssl3', 'backend.tls13'].includes(id)) return ['off', 'default', undefined];
  if (id === 'backend.tls12') return ['on', 'default', undefined];
  if (/\.tls1[01]$/.test(id)) return [byDay(day), 'default', undefined];
  return [id.includes('3DES') ? byDay(day) : 'on', 'default', lock];
}

describe('effective states', () => {
  it('are those of the table beside this file, for every tier and day of creation (UPDATE_GOLDEN=1 writes it)', () => {
    const now = table();
    if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(file, now);
    assert.equal(now, readFileSync(file, 'utf8'));
  });

  it('are those that documentation gives, in every tier and about the day of the change of defaults', () => {
    assert.equal(allTiers.length, 10);
    for (const tier of allTiers)
      for (const day of days) {
        const states = readSettings(instance({ tier: tier.toUpperCase(), createdAt: created[day] }));
        for (const { id } of settings) {
          const { value, origin, lock } = stateOf(states, id);
          assert.deepEqual([value, origin, lock], documented(id, tier, day), `${id}, ${tier}, ${day}`);
        }
      }
  });

  it('are explicit wherever the map says so, locked or not, but for what is always on', () => {
    for (const tier of allTiers)
      for (const text of ['True', 'False'] as const) {
        const map = Object.fromEntries(settings.flatMap(({ keys }) => keys).map((name) => [name, text]));
        const others = {
          [key('Security.Ciphers.TLS_AES_128_GCM_SHA256')]: text,
          [key('Security.Protocols.Tls12')]: text,
        };
        const states = readSettings(instance({ tier, customProperties: { ...map, ...others } }));
        for (const { id, absent } of settings) {
          const { value, origin } = stateOf(states, id);
          const said = text === 'True' ? 'on' : 'off';
          assert.deepEqual([value, origin], absent === 'fixed' ? ['on', 'fixed'] : [said, 'explicit'], id);
        }
      }
  });
});
