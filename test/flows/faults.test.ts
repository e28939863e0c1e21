// Every fault of Azure at every step of a change: what comes of it, and that nothing is lost or half-applied.

import assert from 'node:assert/strict';
import type { Fault, FaultRule } from '../../src/emulator/faults.ts';
import { failureCode } from '../../src/core/failure.ts';
import type { Instance } from '../../src/core/instance.ts';
import { differences } from '../../src/core/tls/customProperties.ts';
import { makePlan } from '../../src/core/tls/plan.ts';
import type { Plan } from '../../src/core/tls/plan.ts';
import { applySettings } from '../../src/flows/applySettings.ts';
import type { ApplyInput, ApplyOutcome } from '../../src/flows/applySettings.ts';
import { followLimitMs, followOperation } from '../../src/flows/followOperation.ts';
import { idOf, openScene, takeNotes } from './scene.ts';
import type { Notes, Scene } from './scene.ts';

const name = 'contoso-trust';
const id = idOf(name);
const always = Infinity;
const key = 'Security.Protocols.Tls11';

function planFor(instance: Instance): Plan {
  return makePlan({ instance, changes: { 'client.tls11': 'off' }, backends: [], surveys: {} });
}

function inputFor(scene: Scene, notes: Notes, plan: Plan): ApplyInput {
  let ids = 0;
  const newId = () => `op-${(ids += 1)}`;
  return {
    ...notes,
    azure: scene.azure,
    plan,
    kind: 'change',
    overrideBlockers: false,
    who: 'somebody',
    now: scene.now,
    newId,
  };
}

/** What apply came to, in one text. */
function applied(outcome: ApplyOutcome): string {
  if (outcome.kind === 'ended') return `ended ${outcome.outcome.kind}`;
  if (outcome.kind === 'running') return outcome.doubt ? `running, doubt ${outcome.doubt.code}` : 'running';
  return 'failure' in outcome ? `refused ${outcome.reason} ${outcome.failure.code}` : `refused ${outcome.reason}`;
}

interface Row {
  readonly fault: Fault;
  readonly at: 'read' | 'patch' | 'poll' | 'readBack';
  readonly times: number;
  /** What apply comes to; "rejects <code>" where it rejects. */
  readonly apply: string;
  /** What following comes to, where there is something to follow. */
  readonly follow?: string;
  /** The map on the server in the end. */
  readonly map: 'before' | 'after' | 'another';
  readonly patches: number;
  /** Results of the history, oldest first. */
  readonly history: readonly string[];
  /** Operations that are still kept. */
  readonly kept: number;
}

const done = {
  apply: 'running',
  follow: 'done',
  map: 'after',
  patches: 1,
  history: ['running', 'done'],
  kept: 0,
} as const;
const nothing = { map: 'before', patches: 0, history: [], kept: 0 } as const;
const refused = { map: 'before', patches: 1, history: ['refused'], kept: 0 } as const;
const stopped = { apply: 'running', map: 'before', patches: 1, history: ['running'], kept: 1 } as const;
const failed = {
  apply: 'running',
  follow: 'failed',
  map: 'before',
  patches: 1,
  history: ['running', 'failed'],
  kept: 0,
} as const;

const claims: Fault = { kind: 'claimsChallenge' };
const throttled: Fault = { kind: 'throttled', retryAfterSeconds: 0 };
const unavailable: Fault = { kind: 'unavailable', retryAfterSeconds: 0 };

const rows: readonly Row[] = [
  // Before anything is sent: a fault that passes is not noticed, any other leaves everything as it was.
  { at: 'read', times: 1, fault: claims, ...done },
  { at: 'read', times: 1, fault: throttled, ...done },
  { at: 'read', times: 2, fault: { kind: 'serverError' }, ...done },
  { at: 'read', times: 3, fault: unavailable, ...done },
  { at: 'read', times: 1, fault: { kind: 'drop' }, ...done },
  { at: 'read', times: always, fault: claims, apply: 'rejects interactionNeeded', ...nothing },
  { at: 'read', times: always, fault: { kind: 'forbidden' }, apply: 'rejects forbidden', ...nothing },
  { at: 'read', times: always, fault: { kind: 'notFound' }, apply: 'rejects notFound', ...nothing },
  { at: 'read', times: always, fault: { kind: 'serviceLocked' }, apply: 'rejects locked', ...nothing },
  { at: 'read', times: always, fault: { kind: 'preconditionFailed' }, apply: 'rejects changed', ...nothing },
  { at: 'read', times: always, fault: throttled, apply: 'rejects throttled', ...nothing },
  { at: 'read', times: always, fault: { kind: 'serverError' }, apply: 'rejects unavailable', ...nothing },
  { at: 'read', times: always, fault: unavailable, apply: 'rejects unavailable', ...nothing },
  { at: 'read', times: always, fault: { kind: 'drop' }, apply: 'rejects network', ...nothing },
  { at: 'read', times: always, fault: { kind: 'hang' }, apply: 'rejects timeout', ...nothing },
  { at: 'read', times: always, fault: { kind: 'malformed' }, apply: 'rejects malformed', ...nothing },
  { at: 'read', times: always, fault: { kind: 'html' }, apply: 'rejects malformed', ...nothing },
  // The change itself: sent again only where it was certainly not carried out.
  { at: 'patch', times: 1, fault: claims, ...done, patches: 2 },
  { at: 'patch', times: 1, fault: throttled, ...done, patches: 2 },
  { at: 'patch', times: always, fault: claims, apply: 'refused service interactionNeeded', ...refused, patches: 2 },
  { at: 'patch', times: always, fault: { kind: 'forbidden' }, apply: 'refused service forbidden', ...refused },
  { at: 'patch', times: always, fault: { kind: 'notFound' }, apply: 'refused service notFound', ...refused },
  { at: 'patch', times: always, fault: { kind: 'serviceLocked' }, apply: 'refused service locked', ...refused },
  { at: 'patch', times: always, fault: { kind: 'preconditionFailed' }, apply: 'refused service changed', ...refused },
  { at: 'patch', times: always, fault: throttled, apply: 'refused service throttled', ...refused, patches: 4 },
  { at: 'patch', times: 1, fault: { kind: 'serverError' }, apply: 'refused notWritten unavailable', ...refused },
  { at: 'patch', times: 1, fault: unavailable, apply: 'refused notWritten unavailable', ...refused },
  { at: 'patch', times: 1, fault: { kind: 'drop' }, apply: 'refused notWritten network', ...refused },
  { at: 'patch', times: 1, fault: { kind: 'drop', late: true }, ...done, apply: 'running, doubt network' },
  { at: 'patch', times: 1, fault: { kind: 'hang' }, apply: 'refused notWritten timeout', ...refused },
  { at: 'patch', times: 1, fault: { kind: 'malformed' }, apply: 'refused notWritten malformed', ...refused },
  { at: 'patch', times: 1, fault: { kind: 'html' }, apply: 'refused notWritten malformed', ...refused },
  // What becomes of the operation.
  { at: 'patch', times: 1, fault: { kind: 'operationFails', as: 'error' }, ...failed },
  { at: 'patch', times: 1, fault: { kind: 'operationFails', as: 'status' }, ...failed },
  { at: 'patch', times: 1, fault: { kind: 'operationFails', as: 'resource' }, ...failed },
  {
    at: 'patch',
    times: 1,
    fault: { kind: 'operationNeverEnds' },
    ...failed,
    follow: 'unknown',
    history: ['running', 'unknown'],
  },
  {
    at: 'patch',
    times: 1,
    fault: { kind: 'readBackLosesKey' },
    ...done,
    follow: 'different',
    map: 'another',
    history: ['running', 'different'],
  },
  // While it is followed: what passes is waited out, what needs the user leaves the operation to be resumed.
  { at: 'poll', times: 1, fault: claims, ...done },
  { at: 'poll', times: always, fault: claims, ...stopped, follow: 'stopped interactionNeeded', map: 'before' },
  { at: 'poll', times: always, fault: { kind: 'forbidden' }, ...stopped, follow: 'stopped forbidden' },
  { at: 'poll', times: always, fault: { kind: 'notFound' }, ...done },
  { at: 'poll', times: always, fault: { kind: 'serviceLocked' }, ...done },
  { at: 'poll', times: always, fault: { kind: 'preconditionFailed' }, ...done },
  { at: 'poll', times: 20, fault: throttled, ...done },
  { at: 'poll', times: 20, fault: { kind: 'serverError' }, ...done },
  { at: 'poll', times: always, fault: { kind: 'serverError' }, ...done },
  { at: 'poll', times: always, fault: unavailable, ...done },
  { at: 'poll', times: 20, fault: { kind: 'drop' }, ...done },
  { at: 'poll', times: always, fault: { kind: 'drop' }, ...done },
  { at: 'poll', times: 2, fault: { kind: 'hang' }, ...done },
  { at: 'poll', times: 3, fault: { kind: 'malformed' }, ...done },
  { at: 'poll', times: 3, fault: { kind: 'html' }, ...done },
  // Reading back at the end.
  { at: 'readBack', times: 1, fault: claims, ...done },
  { at: 'readBack', times: always, fault: claims, ...stopped, follow: 'stopped interactionNeeded', map: 'after' },
  {
    at: 'readBack',
    times: always,
    fault: { kind: 'forbidden' },
    ...stopped,
    follow: 'stopped forbidden',
    map: 'after',
  },
  { at: 'readBack', times: 1, fault: { kind: 'notFound' }, ...done },
  {
    at: 'readBack',
    times: always,
    fault: { kind: 'notFound' },
    ...done,
    follow: 'unknown',
    history: ['running', 'unknown'],
  },
  { at: 'readBack', times: 20, fault: throttled, ...done },
  { at: 'readBack', times: 20, fault: { kind: 'serverError' }, ...done },
  { at: 'readBack', times: 20, fault: unavailable, ...done },
  { at: 'readBack', times: 20, fault: { kind: 'drop' }, ...done },
  { at: 'readBack', times: 2, fault: { kind: 'hang' }, ...done },
  { at: 'readBack', times: 3, fault: { kind: 'malformed' }, ...done },
  { at: 'readBack', times: 3, fault: { kind: 'html' }, ...done },
];

const isService = /\/service\/contoso-trust(\?|$)/;
const matches: Readonly<Record<Row['at'], FaultRule['match']>> = {
  read: { method: 'GET', path: isService },
  patch: { method: 'PATCH' },
  poll: { path: /\/operationresults\// },
  readBack: { method: 'GET', path: isService },
};

function titleOf({ at, times, fault, apply, follow }: Row): string {
  const { kind, ...more } = fault;
  const detail = Object.values(more).join(' ');
  const often = times === always ? 'always' : `${times} times`;
  return `${kind}${detail === '' ? '' : ` ${detail}`} at ${at}, ${often}: ${apply}${follow ? `, then ${follow}` : ''}`;
}

describe('a change, with every fault at every step', () => {
  for (const row of rows) {
    it(titleOf(row), async () => {
      const scene = openScene({ timeoutMs: row.fault.kind === 'hang' ? 40 : 60_000 });
      const notes = takeNotes();
      const plan = planFor(await scene.azure.readInstance(id));
      const before = scene.mapOf(name) ?? {};
      const rule: FaultRule = { match: matches[row.at], times: row.times, fault: row.fault };
      if (row.at !== 'readBack') scene.faults.add(rule);

      const outcome = await applySettings(inputFor(scene, notes, plan)).then(
        (value) => ({ text: applied(value), operation: value.kind === 'running' ? value.operation : null }),
        (error: unknown) => ({ text: `rejects ${failureCode(error)}`, operation: null }),
      );
      assert.equal(outcome.text, row.apply);
      if (row.at === 'readBack') scene.faults.add(rule);
      if (outcome.operation) {
        const kept = [...notes.kept.values()];
        assert.deepEqual(kept, [outcome.operation], 'kept until it has ended');
        const followed = await followOperation({
          ...notes,
          azure: scene.connect(row.fault.kind === 'hang' ? { timeoutMs: 40 } : {}),
          operation: outcome.operation,
          now: scene.now,
        });
        assert.equal(followed.kind === 'stopped' ? `stopped ${followed.failure.code}` : followed.kind, row.follow);
      } else assert.equal(row.follow, undefined);

      const after = scene.mapOf(name) ?? {};
      const changedKeys = differences(before, after).map(({ key: changed }) => changed.split('Gateway.')[1]);
      if (row.map !== 'another') assert.deepEqual(changedKeys, row.map === 'after' ? [key] : []);
      for (const foreign of ['ManagedIdentity.DisableOverPrivilegedAccess', 'Preview.RequestCoalescing'].filter(
        () => row.map !== 'another',
      )) {
        const full = `Microsoft.WindowsAzure.ApiManagement.Gateway.${foreign}`;
        assert.equal(after[full], before[full], foreign);
      }
      assert.equal(scene.patches(), row.patches, 'times that the change was sent');
      assert.deepEqual(
        notes.history.map(({ result }) => result),
        row.history,
      );
      assert.equal(notes.kept.size, row.kept, 'operations kept');
    });
  }

  it('does not give up while Azure cannot be asked, however late it is', async () => {
    const scene = openScene();
    const notes = takeNotes();
    const plan = planFor(await scene.azure.readInstance(id));
    await applySettings(inputFor(scene, notes, plan));
    const [operation] = notes.kept.values();
    assert.ok(operation);
    scene.faults.add({ match: {}, times: 3000, fault: { kind: 'drop' } });
    let longest = 0;
    const onProgress = ({ elapsedMs }: { readonly elapsedMs: number }) => {
      longest = elapsedMs;
    };
    const followed = await followOperation({ ...notes, azure: scene.azure, operation, now: scene.now, onProgress });
    assert.ok(longest > followLimitMs, `${longest} ms`);
    assert.deepEqual([followed.kind, scene.patches(), notes.kept.size], ['done', 1, 0]);
  });

  it('goes on after the faults are over, from what was kept, without sending anything again', async () => {
    for (const row of rows.filter(({ kept }) => kept === 1)) {
      const scene = openScene();
      const notes = takeNotes();
      const plan = planFor(await scene.azure.readInstance(id));
      await applySettings(inputFor(scene, notes, plan));
      scene.faults.add({ match: matches[row.at], times: row.times, fault: row.fault });
      const [operation] = notes.kept.values();
      assert.ok(operation);
      assert.equal(
        (await followOperation({ ...notes, azure: scene.connect(), operation, now: scene.now })).kind,
        'stopped',
      );
      scene.faults.clear();
      assert.equal(
        (await followOperation({ ...notes, azure: scene.connect(), operation, now: scene.now })).kind,
        'done',
        titleOf(row),
      );
      assert.deepEqual([notes.kept.size, scene.patches(), notes.history.at(-1)?.result], [0, 1, 'done']);
    }
  });

  it('finds out how it went where neither the change nor the look afterwards got an answer', async () => {
    for (const late of [true, false]) {
      const scene = openScene();
      const notes = takeNotes();
      const plan = planFor(await scene.azure.readInstance(id));
      scene.faults.add({
        match: { method: 'PATCH' },
        times: 1,
        fault: late ? { kind: 'drop', late: true } : { kind: 'drop' },
      });
      scene.faults.add({ match: { method: 'GET', path: isService }, times: always, after: 1, fault: { kind: 'drop' } });
      const outcome = await applySettings(inputFor(scene, notes, plan));
      assert.equal(applied(outcome), 'running, doubt network');
      scene.faults.clear();
      const [operation] = notes.kept.values();
      assert.ok(operation);
      const followed = await followOperation({ ...notes, azure: scene.azure, operation, now: scene.now });
      assert.equal(followed.kind, late ? 'done' : 'notWritten');
      assert.deepEqual(
        [notes.kept.size, scene.patches(), notes.history.at(-1)?.result],
        [0, 1, late ? 'done' : 'refused'],
      );
    }
  });

  it('names the key that was lost', async () => {
    const scene = openScene();
    const notes = takeNotes();
    const plan = planFor(await scene.azure.readInstance(id));
    const lost = 'Microsoft.WindowsAzure.ApiManagement.Gateway.Preview.RequestCoalescing';
    scene.faults.add({ match: { method: 'PATCH' }, times: 1, fault: { kind: 'readBackLosesKey', key: lost } });
    const outcome = await applySettings(inputFor(scene, notes, plan));
    assert.equal(outcome.kind, 'running');
    if (outcome.kind !== 'running') return;
    const followed = await followOperation({
      ...notes,
      azure: scene.azure,
      operation: outcome.operation,
      now: scene.now,
    });
    assert.deepEqual(followed.kind === 'different' && followed.keys, [
      { key: lost, sent: 'v2;window=50ms', found: null },
    ]);
    assert.equal(notes.history.at(-1)?.detail, 'Preview.RequestCoalescing');
  });
});
