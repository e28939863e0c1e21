import assert from 'node:assert/strict';
import { beginBatch, reduceBatch } from '../../src/core/batchProgress.ts';
import { copySettings } from '../../src/core/tls/copySettings.ts';
import { readSettings, settings, stateOf } from '../../src/core/tls/settings.ts';
import { failureCode } from '../../src/core/failure.ts';
import type { Instance } from '../../src/core/instance.ts';
import { sampleEstate } from '../../src/emulator/estate.ts';
import { serviceId } from '../../src/emulator/model.ts';
import { checkMany, itemOf, planInstance, undoable } from '../../src/flows/planBatch.ts';
import type { Target } from '../../src/flows/planBatch.ts';
import { idOf, openScene } from './scene.ts';

const modern: Target = { kind: 'preset', preset: 'modern' };
const noProbe = { surveyAll: () => Promise.resolve([]) };

function planned(instance: Instance, target: Target) {
  return planInstance({ instance, backends: [], surveys: {} }, target);
}

/** Every instance of the sample estate that states its settings and can be read. */
async function everyInstance(): Promise<readonly Instance[]> {
  const { azure } = openScene();
  const readable = sampleEstate.services.filter(({ map, name }) => map !== null && !name.startsWith('fabrikam'));
  return Promise.all(readable.map((service) => azure.readInstance(serviceId(service))));
}

describe('the plan for several instances', () => {
  it('copies what is in force elsewhere as far as the tier allows, and says what it leaves', async () => {
    const all = await everyInstance();
    let copied = 0;
    let left = 0;
    for (const source of all) {
      for (const target of all.filter((one) => one !== source)) {
        const { changes, skipped } = copySettings(source, target);
        const { map } = planned(target, { kind: 'copy', source });
        const after = readSettings({ ...target, customProperties: map });
        const [from, before] = [readSettings(source), readSettings(target)];
        for (const { id } of settings) {
          const wanted = stateOf(from, id).value;
          const held = stateOf(after, id).value;
          if (skipped.includes(id)) {
            left += 1;
            assert.equal(held, stateOf(before, id).value, `${id} was left out, and is another`);
            assert.ok(wanted === 'unknown' || stateOf(before, id).lock !== undefined, id);
          } else if (wanted !== 'unknown') assert.equal(held, wanted, `${source.name} -> ${target.name}: ${id}`);
        }
        copied += Object.keys(changes).length;
        // Whatever else the target states stays byte for byte.
        for (const [key, text] of Object.entries(target.customProperties ?? {}))
          if (!/\.(Security|Protocols)\./.test(key)) assert.equal(map?.[key], text);
      }
    }
    assert.ok(copied > 100 && left > 10, `${copied} copied, ${left} left`);
  });

  it('leaves out what has nothing to change, is blocked or cannot be read, unless its blockers are overridden', async () => {
    const { azure } = openScene();
    const itemFor = async (name: string, overridden = false) => {
      const instance = await azure.readInstance(idOf(name));
      return itemOf(instance, planned(instance, modern), overridden);
    };
    assert.equal((await itemFor('contoso-global')).leftOut, null);
    assert.equal((await itemFor('contoso-next')).leftOut, 'notRead');
    // Somebody changes it at this moment: its name does not help.
    assert.equal((await itemFor('contoso-logistics', true)).leftOut, 'blocked');
    const instance = await azure.readInstance(idOf('contoso-global'));
    const again = { ...instance, customProperties: (await itemFor('contoso-global')).map };
    assert.equal(itemOf(again, planned(again, modern), false).leftOut, 'unneeded');
    const plan = planned(instance, modern);
    const blocked = { plan: { ...plan.plan, findings: [{ severity: 'blocker', code: 'noModernBackend' }] as const } };
    assert.deepEqual(
      [false, true].map((overridden) => itemOf(instance, blocked, overridden).leftOut),
      ['blocked', null],
    );
    assert.equal(itemOf(instance, blocked, true).overridden, true);
  });

  it('checks all of them: one that fails stands beside the others', async () => {
    const scene = openScene();
    const names = ['contoso-global', 'contoso-trust', 'contoso-mobile', 'contoso-hub', 'contoso-hr'];
    scene.faults.add({ match: { path: /contoso-trust\?/ }, times: Infinity, fault: { kind: 'forbidden' } });
    const ends = new Map<string, string>();
    const begun: string[] = [];
    await checkMany({
      azure: scene.azure,
      probe: noProbe,
      instanceIds: names.map(idOf),
      target: modern,
      signal: new AbortController().signal,
      onBegin: (id) => begun.push(id),
      onSnapshot: () => undefined,
      onEnd: (id, end) =>
        ends.set(id, 'failure' in end ? failureCode(end.failure) : String(end.plan.keyChanges.length > 0)),
    });
    assert.equal(begun.length, names.length);
    // contoso-hub has nothing to change.
    assert.deepEqual(
      names.map((name) => ends.get(idOf(name))),
      ['true', 'forbidden', 'true', 'false', 'true'],
    );
  });

  it('ends when the check is cancelled, with what was seen until then', async () => {
    const scene = openScene();
    const stop = new AbortController();
    const ended: string[] = [];
    const checking = checkMany({
      azure: scene.azure,
      probe: noProbe,
      instanceIds: sampleEstate.services.map(serviceId),
      target: modern,
      signal: stop.signal,
      onBegin: () => undefined,
      onSnapshot: () => undefined,
      onEnd: (id) => {
        ended.push(id);
        if (ended.length === 2) stop.abort();
      },
    });
    await assert.rejects(checking);
    assert.ok(ended.length >= 2 && ended.length < sampleEstate.services.length);
  });

  it('undoes what has changed or may have, and nothing that was left as it was', async () => {
    const { azure } = openScene();
    const instance = await azure.readInstance(idOf('contoso-global'));
    const item = itemOf(instance, planned(instance, modern), false);
    const names = ['done', 'different', 'failed', 'refused', 'unknown'] as const;
    const batch = names.reduce(
      (before, result, index) => {
        const attempt = { item: index, operationId: `op-${index}`, at: instance.readAt };
        const begun = reduceBatch(before, { kind: 'begun', ...attempt });
        return reduceBatch(begun, { kind: 'ended', ...attempt, result, detail: '' });
      },
      beginBatch({
        version: 1,
        id: 'b',
        name: 'b',
        startedAt: instance.readAt,
        aim: modern,
        limit: 1,
        stopOnFailure: false,
        downtimeAt: null,
        items: names.map((name) => ({ ...item, name, instanceId: `/${name}` })),
      }),
    );
    assert.deepEqual(
      undoable(batch).map(({ name }) => name),
      ['done', 'different', 'unknown'],
    );
    const changed = { ...instance, id: '/DONE', customProperties: item.map };
    assert.deepEqual(planned(changed, { kind: 'undo', batch }).map, instance.customProperties);
    const other = { ...instance, id: '/failed' };
    assert.equal(planned(other, { kind: 'undo', batch }).plan.keyChanges.length, 0);
  });
});
