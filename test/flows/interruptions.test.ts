// Two windows, two operations, cancelling, crashing.

import assert from 'node:assert/strict';
import { failureCode } from '../../src/core/failure.ts';
import { differences } from '../../src/core/tls/customProperties.ts';
import type { DraftChanges } from '../../src/core/tls/draft.ts';
import { applySettings } from '../../src/flows/applySettings.ts';
import type { ApplyOutcome } from '../../src/flows/applySettings.ts';
import { followOperation, onItsWayMs } from '../../src/flows/followOperation.ts';
import { followed, inputFor, planFor, short, trust } from './changing.ts';
import { idOf, openScene, takeNotes } from './scene.ts';
import type { Notes } from './scene.ts';

describe('two at once', () => {
  it('changes two instances side by side', async () => {
    const scene = openScene();
    const notes = takeNotes();
    const names = [trust, 'contoso-global'];
    const results = await Promise.all(
      names.map(async (name) => {
        const plan = planFor(await scene.azure.readInstance(idOf(name)));
        return followed(scene, notes, await applySettings(inputFor(scene, notes, plan)));
      }),
    );
    assert.deepEqual(
      results.map(({ kind }) => kind),
      ['done', 'done'],
    );
    for (const name of names) assert.equal(short(scene.mapOf(name))['Security.Protocols.Tls11'], 'false', name);
    assert.deepEqual([scene.patches(), notes.kept.size], [2, 0]);
  });

  it("refuses the second window while the first one's change runs, and loses nothing", async () => {
    const scene = openScene();
    const [first, second] = [takeNotes(), takeNotes()];
    const instance = await scene.azure.readInstance(idOf(trust));
    const outcome = await applySettings(inputFor(scene, first, planFor(instance)));
    const late = await applySettings(
      inputFor(scene, second, planFor(instance, { 'client.http2': 'on' }), { azure: scene.connect() }),
    );
    assert.deepEqual(late, { kind: 'refused', reason: 'busy', state: 'Updating' });
    assert.deepEqual([scene.patches(), second.steps], [1, []]);
    assert.equal((await followed(scene, first, outcome)).kind, 'done');
  });

  it('lets one of two windows through that send in the same moment', async () => {
    const scene = openScene();
    const notes = [takeNotes(), takeNotes()] as const;
    const instance = await scene.azure.readInstance(idOf(trust));
    const other = scene.connect();
    await other.readInstance(idOf(trust));
    const before = scene.mapOf(trust) ?? {};
    const outcomes = await Promise.all([
      applySettings(inputFor(scene, notes[0], planFor(instance))),
      applySettings(inputFor(scene, notes[1], planFor(instance, { 'client.http2': 'on' }), { azure: other })),
    ]);
    const through = outcomes.findIndex(({ kind }) => kind === 'running');
    const refused = outcomes[1 - through];
    assert.ok(refused?.kind === 'refused' && refused.reason === 'service' && refused.failure.code === 'locked');
    const [winner, loser] = through === 0 ? notes : [notes[1], notes[0]];
    assert.equal((await followed(scene, winner, outcomes[through] as ApplyOutcome)).kind, 'done');
    assert.equal(differences(before, scene.mapOf(trust) ?? {}).length, 1);
    assert.deepEqual([loser.kept.size, loser.history.map(({ result }) => result)], [0, ['refused']]);
  });

  it('follows one operation from two windows', async () => {
    const scene = openScene();
    const notes = takeNotes();
    const outcome = await applySettings(inputFor(scene, notes, planFor(await scene.azure.readInstance(idOf(trust)))));
    assert.ok(outcome.kind === 'running');
    const input = { ...notes, operation: outcome.operation, now: scene.now, pause: scene.pause };
    const both = await Promise.all([scene.azure, scene.connect()].map((azure) => followOperation({ ...input, azure })));
    assert.deepEqual(
      both.map(({ kind }) => kind),
      ['done', 'done'],
    );
  });
});

describe('cancelling', () => {
  it('has a sound result at every request of a change', async () => {
    const all: string[] = [];
    for (let at = 1; at <= 30; at += 1) {
      const scene = openScene();
      const notes = takeNotes();
      const plan = planFor(await scene.azure.readInstance(idOf(trust)));
      const cancel = new AbortController();
      let requests = 0;
      const onRequest = () => {
        if ((requests += 1) === at) cancel.abort();
      };
      const { signal } = cancel;
      const azure = scene.connect({ onRequest });
      // The first requests of a window find out the tenant of the subscription.
      const outcome = await applySettings(inputFor(scene, notes, plan, { azure, signal })).catch((error: unknown) =>
        failureCode(error),
      );
      const text = typeof outcome === 'string' ? outcome : outcome.kind;
      if (text === 'cancelled') assert.deepEqual([scene.patches(), notes.steps], [0, []]);
      else if (typeof outcome !== 'string' && outcome.kind === 'running') {
        const result = await followOperation({
          ...notes,
          azure,
          operation: outcome.operation,
          now: scene.now,
          pause: scene.pause,
          signal,
        });
        all.push(`${text} ${result.kind}`);
        assert.equal(notes.kept.size, result.kind === 'stopped' ? 1 : 0);
        const again = await followOperation({
          ...notes,
          azure: scene.azure,
          operation: outcome.operation,
          now: scene.now,
          pause: scene.pause,
        });
        assert.equal(again.kind, 'done');
        assert.deepEqual(
          [scene.patches(), notes.kept.size, short(scene.mapOf(trust))['Security.Protocols.Tls11']],
          [1, 0, 'false'],
        );
        continue;
      }
      all.push(text);
    }
    assert.deepEqual([...new Set(all)], ['cancelled', 'running stopped', 'running done']);
  });

  it('between keeping and sending leaves nothing behind but a line', async () => {
    const scene = openScene();
    const cancel = new AbortController();
    const notes = takeNotes((step) => step === 'keep' && cancel.abort());
    const plan = planFor(await scene.azure.readInstance(idOf(trust)));
    const outcome = await applySettings(inputFor(scene, notes, plan, { signal: cancel.signal }));
    assert.ok(outcome.kind === 'refused' && outcome.reason === 'service' && outcome.failure.code === 'cancelled');
    assert.deepEqual([scene.patches(), notes.kept.size, notes.steps], [0, 0, ['keep', 'record refused', 'forget']]);
  });
});

describe('after a crash', () => {
  it('does not say that nothing was written while the change may still be on its way', async () => {
    const scene = openScene();
    const [first, second] = [takeNotes(), takeNotes()];
    const plan = planFor(await scene.azure.readInstance(idOf(trust)));
    const { promise: onItsWay, resolve: arrive } = Promise.withResolvers<void>();
    const azure: typeof scene.azure = {
      ...scene.azure,
      beginUpdate: (...call) => onItsWay.then(() => scene.azure.beginUpdate(...call)),
    };
    const { promise: keptFirst, resolve: kept } = Promise.withResolvers<void>();
    const keep: Notes['keep'] = (operation) => first.keep(operation).then(kept);
    const applying = applySettings(inputFor(scene, first, plan, { azure, keep }));
    await keptFirst;
    // Another window starts meanwhile and finds what was kept.
    const [operation] = first.kept.values();
    assert.ok(operation && operation.resume === null);
    let pauses = 0;
    const pause: typeof scene.pause = async (milliseconds, signal) => {
      await scene.pause(milliseconds, signal);
      if ((pauses += 1) !== 2) return;
      arrive();
      await applying;
    };
    const result = await followOperation({ ...second, azure: scene.connect(), operation, now: scene.now, pause });
    assert.deepEqual([result.kind, second.history.map((entry) => entry.result)], ['done', ['done']]);
    assert.equal((await followed(scene, first, await applying)).kind, 'done');
  });

  it('waits no longer for a change than one can be on its way, and stops when it is cancelled', async () => {
    const scene = openScene();
    const notes = takeNotes();
    const plan = planFor(await scene.azure.readInstance(idOf(trust)));
    const never = { ...scene.azure, beginUpdate: () => new Promise<never>(() => undefined) };
    const { promise: keptFirst, resolve: kept } = Promise.withResolvers<void>();
    void applySettings(inputFor(scene, notes, plan, { azure: never, keep: (one) => notes.keep(one).then(kept) }));
    await keptFirst;
    const [operation] = notes.kept.values();
    assert.ok(operation);
    const input = { ...notes, azure: scene.azure, operation, now: scene.now };
    const cancel = new AbortController();
    const cancelled = followOperation({ ...input, signal: cancel.signal, onProgress: () => cancel.abort() });
    setImmediate(() => cancel.abort());
    assert.equal((await cancelled).kind, 'stopped');
    assert.equal(notes.kept.size, 1);
    assert.equal((await followOperation({ ...input, pause: scene.pause })).kind, 'notWritten');
    const waited = scene.now().getTime() - Date.parse(operation.startedAt);
    assert.ok(waited >= onItsWayMs && waited < onItsWayMs + 6000, `${waited} ms`);
  });

  it('finds a change that was sent, or not sent, with no answer kept', async () => {
    for (const name of [trust, 'contoso-hr']) {
      for (const sent of [true, false]) {
        const scene = openScene();
        const notes = takeNotes();
        const changes: DraftChanges = { 'client.http2': 'on' };
        const plan = planFor(await scene.azure.readInstance(idOf(name)), changes);
        const crash = () => Promise.reject(new Error('The window is gone.'));
        const keep: Notes['keep'] = (operation) =>
          operation.resume === null && !(notes.kept.size > 0) ? notes.keep(operation) : crash();
        const azure = sent ? scene.azure : { ...scene.azure, beginUpdate: crash };
        if (sent) await applySettings(inputFor(scene, notes, plan, { keep }));
        else
          await applySettings(inputFor(scene, { ...notes, record: crash, forget: crash }, plan, { azure })).catch(
            () => undefined,
          );
        const [operation] = notes.kept.values();
        assert.ok(operation && operation.resume === null);
        const result = await followOperation({
          ...notes,
          azure: scene.connect(),
          operation,
          now: scene.now,
          pause: scene.pause,
        });
        assert.equal(result.kind, sent ? 'done' : 'notWritten', name);
        assert.deepEqual(
          [scene.patches(), notes.kept.size, notes.history.at(-1)?.result],
          [sent ? 1 : 0, 0, sent ? 'done' : 'refused'],
        );
      }
    }
  });
});
