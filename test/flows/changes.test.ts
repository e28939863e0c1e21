// A change as a whole: the order of its steps, and what refuses it.

import assert from 'node:assert/strict';
import { keyPrefix } from '../../src/core/tls/customProperties.ts';
import { applySettings } from '../../src/flows/applySettings.ts';
import { followOperation } from '../../src/flows/followOperation.ts';
import { followed, inputFor, planFor, short, tls11Off, trust } from './changing.ts';
import { idOf, openScene, takeNotes } from './scene.ts';

describe('a change', () => {
  it('is kept before it is sent, and forgotten only after it is written down', async () => {
    const scene = openScene();
    const order: string[] = [];
    const notes = takeNotes((step) => order.push(step));
    const azure = scene.connect({
      onRequest: (method, path) => order.push(path.includes('operationresults') ? 'poll' : method),
    });
    const plan = planFor(await azure.readInstance(idOf(trust)));
    order.length = 0;
    const outcome = await applySettings(inputFor(scene, notes, plan, { azure }));
    assert.deepEqual(order, ['GET', 'keep', 'PATCH', 'keep with resume', 'record running']);
    assert.ok(outcome.kind === 'running');
    assert.deepEqual(outcome.operation.sent, plan.map);
    assert.deepEqual(outcome.operation.before, plan.base.map);
    order.length = 0;
    await followOperation({ ...notes, azure, operation: outcome.operation, now: scene.now, pause: scene.pause });
    assert.deepEqual([order[0], order.slice(-3)], ['poll', ['GET', 'record done', 'forget']]);
  });

  it('writes every key of the map, foreign ones byte for byte', async () => {
    const scene = openScene();
    const notes = takeNotes();
    const before = short(scene.mapOf(trust));
    const outcome = await applySettings(inputFor(scene, notes, planFor(await scene.azure.readInstance(idOf(trust)))));
    const result = await followed(scene, notes, outcome);
    assert.equal(result.kind, 'done');
    assert.deepEqual(short(scene.mapOf(trust)), { ...before, 'Security.Protocols.Tls11': 'false' });
    assert.equal(before['Preview.RequestCoalescing'], 'v2;window=50ms');
    const [, entry] = notes.history;
    assert.deepEqual(short(entry?.before ?? null), before);
    assert.deepEqual([entry?.who, entry?.detail, entry?.kind], ['somebody', '', 'change']);
    assert.doesNotMatch(JSON.stringify(notes.history) + JSON.stringify([...notes.kept]), /sample:|Bearer/);
  });

  it('is refused by its blockers, unless they are overridden', async () => {
    const scene = openScene();
    const notes = takeNotes();
    const instance = await scene.azure.readInstance(idOf(trust));
    const plan = planFor(instance, { 'backend.tls12': 'off', 'backend.tls13': 'off' });
    const outcome = await applySettings(inputFor(scene, notes, plan));
    assert.deepEqual(outcome, {
      kind: 'refused',
      reason: 'blocked',
      blockers: [{ severity: 'blocker', code: 'noModernBackend' }],
    });
    assert.deepEqual([scene.patches(), notes.steps], [0, []]);
    const overridden = await applySettings(inputFor(scene, notes, plan, { overrideBlockers: true }));
    assert.equal(overridden.kind, 'running');
  });

  it('is refused without a map and while the service changes, whatever is overridden', async () => {
    const scene = openScene();
    for (const [name, codes] of [
      ['contoso-next', ['mapMissing', 'busy']],
      ['contoso-logistics', ['busy']],
    ] as const) {
      const plan = planFor(await scene.azure.readInstance(idOf(name)), { 'client.tls10': 'off' });
      const outcome = await applySettings(inputFor(scene, takeNotes(), plan, { overrideBlockers: true }));
      assert.deepEqual(
        outcome.kind === 'refused' && outcome.reason === 'blocked' && outcome.blockers.map(({ code }) => code),
        codes,
        name,
      );
    }
    assert.equal(scene.patches(), 0);
  });

  it('is refused where there is nothing to change', async () => {
    const scene = openScene();
    const plan = planFor(await scene.azure.readInstance(idOf(trust)), {});
    assert.deepEqual(await applySettings(inputFor(scene, takeNotes(), plan)), {
      kind: 'refused',
      reason: 'nothingToChange',
    });
  });

  it("is refused by the tier in Azure's words", async () => {
    const scene = openScene();
    const notes = takeNotes();
    const instance = await scene.azure.readInstance(idOf('contoso-events'));
    const plan = planFor(instance, { 'client.tls11': 'on' });
    const key = `${keyPrefix}Security.Ciphers.TripleDes168`;
    const forced = { ...plan, map: { ...plan.map, [key]: 'false' } };
    const outcome = await applySettings(inputFor(scene, notes, forced));
    assert.ok(outcome.kind === 'refused' && outcome.reason === 'service');
    assert.deepEqual([outcome.failure.code, outcome.failure.serviceCode], ['refused', 'NotSupported']);
    assert.match(
      notes.history[0]?.detail ?? '',
      /NotSupported: '.*TripleDes168' customProperties are not supported in SkuType Consumption/,
    );
    assert.deepEqual(notes.steps, ['keep', 'record refused', 'forget']);
  });

  it('tells that the service took it without an effect', async () => {
    const scene = openScene();
    const notes = takeNotes();
    const instance = await scene.azure.readInstance(idOf('contoso-mobile'));
    // A v2 tier takes cipher keys and ignores them.
    const key = `${keyPrefix}Security.Ciphers.TLS_RSA_WITH_AES_128_CBC_SHA`;
    const plan = { ...planFor(instance, tls11Off), map: { ...instance.customProperties, [key]: 'false' } };
    const outcome = await applySettings(inputFor(scene, notes, plan));
    assert.ok(outcome.kind === 'ended' && outcome.outcome.kind === 'different');
    assert.deepEqual(outcome.outcome.keys, [{ key, sent: 'false', found: null }]);
    assert.deepEqual(notes.steps, ['keep', 'record different', 'forget']);
  });

  it('stops where somebody else has changed the instance, and names the keys', async () => {
    const scene = openScene();
    const mine = takeNotes();
    const plan = planFor(await scene.azure.readInstance(idOf(trust)));
    const theirs = takeNotes();
    const other = planFor(await scene.azure.readInstance(idOf(trust)), { 'client.http2': 'on' });
    await followed(scene, theirs, await applySettings(inputFor(scene, theirs, other)));
    const outcome = await applySettings(inputFor(scene, mine, plan));
    assert.ok(outcome.kind === 'refused' && outcome.reason === 'changed');
    assert.deepEqual(outcome.differences, [
      { key: `${keyPrefix}Protocols.Server.Http2`, before: 'False', after: 'true' },
    ]);
    assert.deepEqual([scene.patches(), mine.steps], [1, []]);
  });

  it('stops where only the etag is another', async () => {
    const scene = openScene();
    const plan = planFor(await scene.azure.readInstance(idOf(trust)));
    const outcome = await applySettings(
      inputFor(scene, takeNotes(), { ...plan, base: { ...plan.base, etag: 'older' } }),
    );
    assert.ok(outcome.kind === 'refused' && outcome.reason === 'changed');
    assert.deepEqual([outcome.differences, scene.patches()], [[], 0]);
  });
});
