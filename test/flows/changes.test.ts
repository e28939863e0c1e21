// Changes as a whole: the order of steps, other people's changes, two windows, two operations, cancelling, undoing.

import assert from 'node:assert/strict';
import { failureCode } from '../../src/core/failure.ts';
import type { HistoryEntry } from '../../src/core/history.ts';
import type { CustomProperties, Instance } from '../../src/core/instance.ts';
import { differences, keyPrefix, overlay } from '../../src/core/tls/customProperties.ts';
import type { DraftChanges } from '../../src/core/tls/draft.ts';
import { makePlan } from '../../src/core/tls/plan.ts';
import type { Plan } from '../../src/core/tls/plan.ts';
import { applySettings } from '../../src/flows/applySettings.ts';
import type { ApplyInput, ApplyOutcome } from '../../src/flows/applySettings.ts';
import { followOperation } from '../../src/flows/followOperation.ts';
import { undoTarget } from '../../src/flows/undoChange.ts';
import { idOf, openScene, takeNotes } from './scene.ts';
import type { Notes, Scene } from './scene.ts';

const trust = 'contoso-trust';
const tls11Off: DraftChanges = { 'client.tls11': 'off' };

function planFor(instance: Instance, changes: DraftChanges = tls11Off): Plan {
  return makePlan({ instance, changes, backends: [], surveys: {} });
}

let ids = 0;
function inputFor(scene: Scene, notes: Notes, plan: Plan, more: Partial<ApplyInput> = {}): ApplyInput {
  const newId = () => `op-${(ids += 1)}`;
  const { keep, record, forget } = notes;
  return {
    keep,
    record,
    forget,
    azure: scene.azure,
    plan,
    kind: 'change',
    overrideBlockers: false,
    who: 'somebody',
    now: scene.now,
    newId,
    ...more,
  };
}

async function followed(scene: Scene, notes: Notes, outcome: ApplyOutcome) {
  assert.ok(outcome.kind === 'running', outcome.kind);
  return followOperation({ ...notes, azure: scene.azure, operation: outcome.operation, now: scene.now });
}

const short = (map: CustomProperties | null) =>
  Object.fromEntries(Object.entries(map ?? {}).map(([key, text]) => [key.replace(keyPrefix, ''), text]));

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
    await followOperation({ ...notes, azure, operation: outcome.operation, now: scene.now });
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
    const input = { ...notes, operation: outcome.operation, now: scene.now };
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
        const result = await followOperation({ ...notes, azure, operation: outcome.operation, now: scene.now, signal });
        all.push(`${text} ${result.kind}`);
        assert.equal(notes.kept.size, result.kind === 'stopped' ? 1 : 0);
        const again = await followOperation({
          ...notes,
          azure: scene.azure,
          operation: outcome.operation,
          now: scene.now,
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
        if (sent) await assert.rejects(applySettings(inputFor(scene, notes, plan, { keep })));
        else
          await applySettings(inputFor(scene, { ...notes, record: crash, forget: crash }, plan, { azure })).catch(
            () => undefined,
          );
        const [operation] = notes.kept.values();
        assert.ok(operation && operation.resume === null);
        const result = await followOperation({ ...notes, azure: scene.connect(), operation, now: scene.now });
        assert.equal(result.kind, sent ? 'done' : 'notWritten', name);
        assert.deepEqual(
          [scene.patches(), notes.kept.size, notes.history.at(-1)?.result],
          [sent ? 1 : 0, 0, sent ? 'done' : 'refused'],
        );
      }
    }
  });
});

describe('undoing', () => {
  const key = (name: string) => `${keyPrefix}${name}`;
  const tls10 = key('Security.Protocols.Tls10');
  const http2 = key('Protocols.Server.Http2');
  const old = '2016-01-01T00:00:00.000Z';

  it('restores only the keys that the change touched', () => {
    const entry = {
      before: { [tls10]: 'True', [http2]: 'False', other: 'a' },
      after: { [tls10]: 'false', [http2]: 'False', other: 'a' },
    };
    const present = { [tls10]: 'False', [http2]: 'True', other: 'b', added: 'c' };
    assert.deepEqual(undoTarget(entry, present, null), { map: { ...present, [tls10]: 'True' }, contested: [] });
  });

  it('leaves keys alone that somebody has changed again since, and names them', () => {
    const entry = { before: { a: '1', b: '1' }, after: { a: '2', b: '2' } };
    const target = undoTarget(entry, { a: '3', b: '2' }, null);
    assert.deepEqual(target, { map: { a: '3', b: '1' }, contested: [{ key: 'a', before: '2', after: '3' }] });
  });

  it('takes out keys that the change added', () => {
    assert.deepEqual(undoTarget({ before: {}, after: { a: 'x' } }, { a: 'x', b: 'y' }, null).map, { b: 'y' });
  });

  it('sets keys again that the change reset, though the service states their default now', () => {
    const entry = { before: { [tls10]: 'false' }, after: {} };
    assert.deepEqual(undoTarget(entry, { [tls10]: 'True' }, old), { map: { [tls10]: 'false' }, contested: [] });
    assert.deepEqual(undoTarget(entry, {}, old), { map: { [tls10]: 'false' }, contested: [] });
  });

  it('has nothing to do where it is so already', () => {
    assert.deepEqual(undoTarget({ before: { a: 'True' }, after: { a: 'false' } }, { a: 'true' }, null), {
      map: { a: 'true' },
      contested: [],
    });
  });

  it('brings the map on the server back to what it was', async () => {
    const scene = openScene();
    const notes = takeNotes();
    const before = scene.mapOf(trust) ?? {};
    const instance = await scene.azure.readInstance(idOf(trust));
    await followed(
      scene,
      notes,
      await applySettings(
        inputFor(
          scene,
          notes,
          planFor(instance, { 'client.tls11': 'off', 'cipher.TLS_RSA_WITH_AES_128_CBC_SHA': 'off' }),
        ),
      ),
    );
    const entry = notes.history.at(-1) as HistoryEntry;
    assert.equal(differences(before, scene.mapOf(trust) ?? {}).length, 2);
    const now = await scene.azure.readInstance(idOf(trust));
    const { map } = undoTarget(entry, now.customProperties ?? {}, now.createdAt);
    assert.deepEqual(differences(map, before), []);
    assert.deepEqual(overlay(map, {}), map);
  });
});
