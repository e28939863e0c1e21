// Every fault of Azure at every step of a change: what comes of it, and that nothing is lost or half-applied.

import assert from 'node:assert/strict';
import type { FaultRule } from '../../src/emulator/faults.ts';
import { failureCode } from '../../src/core/failure.ts';
import { differences } from '../../src/core/tls/customProperties.ts';
import { applySettings } from '../../src/flows/applySettings.ts';
import { followLimitMs, followOperation } from '../../src/flows/followOperation.ts';
import { inputFor, planFor, trust as name } from './changing.ts';
import { always, rows } from './faultTable.ts';
import type { Row } from './faultTable.ts';
import { idOf, openScene, takeNotes } from './scene.ts';
import { appliedText, matches } from './walk.ts';

const id = idOf(name);
const key = 'Security.Protocols.Tls11';

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
        (value) => ({ text: appliedText(value), operation: value.kind === 'running' ? value.operation : null }),
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
    scene.faults.add({ match: {}, times: 900, fault: { kind: 'drop' } });
    let longest = 0;
    const onProgress = ({ elapsedMs }: { readonly elapsedMs: number }) => {
      longest = elapsedMs;
    };
    const followed = await followOperation({
      ...notes,
      azure: scene.azure,
      operation,
      now: scene.now,
      pause: scene.pause,
      onProgress,
    });
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
        (await followOperation({ ...notes, azure: scene.connect(), operation, now: scene.now, pause: scene.pause }))
          .kind,
        'stopped',
      );
      scene.faults.clear();
      assert.equal(
        (await followOperation({ ...notes, azure: scene.connect(), operation, now: scene.now, pause: scene.pause }))
          .kind,
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
      scene.faults.add({ match: matches.read, times: always, after: 1, fault: { kind: 'drop' } });
      const outcome = await applySettings(inputFor(scene, notes, plan));
      assert.equal(appliedText(outcome), 'running, doubt network');
      scene.faults.clear();
      const [operation] = notes.kept.values();
      assert.ok(operation);
      const followed = await followOperation({
        ...notes,
        azure: scene.azure,
        operation,
        now: scene.now,
        pause: scene.pause,
      });
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
      pause: scene.pause,
    });
    assert.deepEqual(followed.kind === 'different' && followed.keys, [
      { key: lost, sent: 'v2;window=50ms', found: null },
    ]);
    assert.equal(notes.history.at(-1)?.detail, 'Preview.RequestCoalescing');
  });
});
