// A thousand walks with faults, latencies and restarts at random, over HTTPS and through @azure/identity.
// CHAOS_SEED and CHAOS_WALKS choose others; a failure names the seed of its walk.

import assert from 'node:assert/strict';
import type { CustomProperties } from '../../src/core/instance.ts';
import { compareReadBack } from '../../src/core/tls/readBack.ts';
import { textOf } from '../../src/core/tls/customProperties.ts';
import type { ArmRequest } from '../../src/emulator/answer.ts';
import { sampleEstate } from '../../src/emulator/estate.ts';
import type { Fault, Faults } from '../../src/emulator/faults.ts';
import { openHttpsEmulator } from '../../src/emulator/httpsServer.ts';
import type { HttpsEmulator } from '../../src/emulator/httpsServer.ts';
import { serviceId } from '../../src/emulator/model.ts';
import type { Estate, SampleService } from '../../src/emulator/model.ts';
import { randomFaults, seededRandom } from '../../src/emulator/randomFaults.ts';
import { memoryStore } from '../../src/emulator/state.ts';
import { trust } from '../support/rest.ts';
import { entriesOn } from './chaosWindow.ts';
import type { VirtualClock } from './chaosWindow.ts';
import { walk } from './chaosWalk.ts';
import type { WalkEnd } from './chaosWalk.ts';

const firstSeed = Number(process.env['CHAOS_SEED'] ?? 1);
const walks = Number(process.env['CHAOS_WALKS'] ?? 1000);
const emulators = 32;
const changeMs = 60_000;

/** Stands in addresses of backends, where people do leave passwords and keys. */
const planted = 'planted-5f2c9a7e1b-not-to-be-seen';
const shownBackend = 'planted.contoso.example';

const estate: Estate = {
  ...sampleEstate,
  services: sampleEstate.services.map((service) => ({
    ...service,
    backends: [
      ...(service.backends ?? []),
      { name: 'planted', title: 'Planted', url: `https://user:${planted}@${shownBackend}/api?code=${planted}` },
      { name: 'odd', title: 'Odd', url: `https://user:${planted}@{{host}}/api?sig=${planted}#${planted}` },
    ],
  })),
};

const [home] = estate.tenants;
/** Only the tenant of the service principal: every tenant costs each window two requests more. */
const homeEstate = {
  ...estate,
  tenants: estate.tenants.slice(0, 1),
  subscriptions: estate.subscriptions.filter(({ tenantId }) => tenantId === home?.id),
};

/** Instances that rest and that this service principal may change. */
const services = estate.services.filter(
  ({ subscriptionId, map, changingTo }) =>
    map !== null && changingTo === undefined && homeEstate.subscriptions.some(({ id }) => id === subscriptionId),
);

/** What the service saw of one walk. */
interface Seen {
  readonly service: SampleService;
  readonly before: CustomProperties;
  /** Changes that the service took. */
  accepted: number;
  /** Those of them after which the map is another. */
  effective: number;
  /** Changes that reached it and that it may have taken, whatever was answered. */
  delivered: number;
  /** Keys that it held and that a change left out. */
  readonly lostKeys: string[];
  readonly tokens: Set<string>;
}

interface Arena {
  readonly emulator: HttpsEmulator;
  readonly clock: VirtualClock;
  readonly log: string[];
  /** Everything back to the first day; the walk with this seed begins. */
  readonly begin: (seed: number) => Seen;
  readonly random: () => number;
  readonly calm: () => void;
}

/** Answered by these, a change was certainly not carried out, and may be sent again. */
const notCarriedOut: readonly string[] = ['throttled', 'claimsChallenge', 'tokenRefused'];
/** After these a change that was taken has left the map as it was. */
const withoutTrace: readonly string[] = ['operationFails', 'operationWithoutEffect'];

async function openArena(_: unknown, index: number): Promise<Arena> {
  const clock: VirtualClock = { now: Date.UTC(2026, 10, 20, 12) };
  const log: string[] = [];
  let random = seededRandom(0);
  let lag = random;
  let faults: Faults | undefined;
  let seen: Seen | undefined;
  let met: Fault | undefined;
  const inner = memoryStore();
  const store = {
    read: () => inner.read(),
    write: (text: string) => {
      if (seen) seen.accepted += 1;
      if (seen && !withoutTrace.includes(met?.kind ?? 'none')) seen.effective += 1;
      inner.write(text);
    },
  };
  const emulator: HttpsEmulator = await openHttpsEmulator({
    estate: index % 4 === 0 ? estate : homeEstate,
    store,
    changeMs,
    retryAfterSeconds: 2,
    now: () => clock.now,
    latencyMs: () => (faults && lag() < 0.1 ? lag() * 8 : 0),
    faults: {
      take: (request) => {
        met = faults?.take(request);
        if (request.method === 'PATCH' && seen && !notCarriedOut.includes(met?.kind ?? 'none')) seen.delivered += 1;
        return met;
      },
      add: (rule) => faults?.add(rule),
      clear: () => faults?.clear(),
    },
    onRequest: (request) => {
      clock.now += 10;
      if (seen) look(seen, emulator, request);
    },
  });
  return {
    emulator,
    clock,
    log,
    random: () => random(),
    calm: () => {
      faults = undefined;
    },
    begin: (seed) => {
      seen = undefined;
      log.length = 0;
      random = seededRandom(seed);
      // A stream of its own: requests in parallel come in any order.
      lag = seededRandom(-seed);
      faults = randomFaults(seed, 0.12, [
        { kind: 'claimsChallenge' },
        ...(random() < 0.1 ? [{ kind: 'hang' } as const] : []),
      ]);
      emulator.azure.reset();
      const service = services[Math.floor(random() * services.length)];
      assert.ok(service);
      const before = emulator.azure.mapOf(service) ?? {};
      seen = { service, before, accepted: 0, effective: 0, delivered: 0, lostKeys: [], tokens: new Set() };
      return seen;
    },
  };
}

function look(seen: Seen, emulator: HttpsEmulator, { method, headers, body }: ArmRequest): void {
  seen.tokens.add((headers['authorization'] ?? '').replace('Bearer ', ''));
  if (method !== 'PATCH') return;
  const sent = (JSON.parse(body ?? '') as { properties: { customProperties: CustomProperties } }).properties
    .customProperties;
  const held = Object.keys(emulator.azure.mapOf(seen.service) ?? {});
  seen.lostKeys.push(...held.filter((key) => textOf(sent, key) === null));
}

/** What must hold at the end of every walk. */
function verdict(arena: Arena, seen: Seen, { disk, messages }: WalkEnd): void {
  const entries = entriesOn(disk);
  const ended = entries.filter(({ result }) => result !== 'running' && result !== 'refused');
  // An undo leaves out what only the change has brought in.
  const undone = entries.some(({ kind }) => kind === 'undo');
  const lost = seen.lostKeys.filter((key) => !undone || textOf(seen.before, key) !== null);
  assert.deepEqual(lost, [], 'a write misses keys');
  assert.ok(seen.delivered <= disk.everKept.size, `${seen.delivered} writes of ${disk.everKept.size} changes`);
  assert.ok(seen.accepted <= disk.everKept.size, `${seen.accepted} writes taken of ${disk.everKept.size} changes`);
  assert.equal(disk.operations.size, 0, 'an operation is left over');
  assert.deepEqual(entries.map(({ id }) => id).sort(), [...disk.everKept].sort(), 'every change has its line');
  assert.ok(
    entries.every(({ result }) => result !== 'running'),
    'no line says that a change still runs',
  );
  assert.ok(ended.length >= seen.effective, `${seen.effective} writes carried out, ${ended.length} lines tell of one`);
  const map = arena.emulator.azure.mapOf(seen.service);
  const [last] = ended;
  if (ended.length === 0) assert.deepEqual(map, seen.before, 'nothing was written, and the map is another');
  if (last?.result === 'done') {
    assert.equal(
      compareReadBack(last.before, last.after, map, seen.service.createdAt).kind,
      'asSent',
      'done, and not so',
    );
  }
  const kept = [...disk.operations.values(), disk.history, ...messages, ...arena.log].join('\n');
  for (const secret of [arena.emulator.clientSecret, planted, ...seen.tokens]) {
    assert.ok(secret.length > 20 && !kept.includes(secret), 'a secret is in a log, a file or a message');
  }
  assert.doesNotMatch(kept, /Bearer ey|client_secret=/);
}

describe('chaos', () => {
  it(`does not shake ${walks} walks from seed ${firstSeed}`, async function () {
    this.timeout(240_000);
    const arenas = await Promise.all(Array.from({ length: emulators }, openArena));
    const restore = arenas.map(({ emulator }) => trust(emulator.caPem));
    const totals = { walks: 0, deaths: 0, changes: 0, accepted: 0, done: 0, backendsShown: 0 };
    let failed = false;
    // A seed always comes to the same emulator, so that it can be played again alone.
    const run = async (arena: Arena, index: number): Promise<void> => {
      const seeds = Array.from({ length: walks }, (_, nth) => firstSeed + nth);
      for (const seed of seeds.filter((one) => one % emulators === index)) {
        if (failed) return;
        const seen = arena.begin(seed);
        const { emulator, clock, random, calm } = arena;
        const log = (line: string) => void arena.log.push(line);
        try {
          const end = await walk({ emulator, clock, random, calm, log, instanceId: serviceId(seen.service) });
          verdict(arena, seen, end);
          totals.walks += 1;
          totals.deaths += end.deaths;
          totals.backendsShown += end.messages.filter((text) => text.includes(shownBackend)).length;
          totals.changes += end.disk.everKept.size;
          totals.accepted += seen.accepted;
          totals.done += entriesOn(end.disk).filter(({ result }) => result === 'done').length;
        } catch (error) {
          failed = true;
          throw new Error(`The walk with CHAOS_SEED=${seed} on ${seen.service.name}: ${String(error)}`, {
            cause: error,
          });
        }
      }
    };
    // Where one fails, the others end the walk that they are on: without its emulator it would wait for ever.
    const ends = await Promise.allSettled(arenas.map(run));
    restore.reverse().forEach((back) => back());
    await Promise.all(arenas.map(({ emulator }) => emulator.close()));
    for (const end of ends) if (end.status === 'rejected') throw end.reason;
    console.log(`      ${JSON.stringify(totals)}`);
    // A walk in which nothing happens proves nothing.
    assert.equal(totals.walks, walks);
    const enough = [totals.deaths, totals.done].every((count) => count > walks / 4);
    assert.ok(enough && totals.backendsShown > 0, JSON.stringify(totals));
  });
});
