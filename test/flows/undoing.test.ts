// Undoing a change on top of what the instance has become since.

import assert from 'node:assert/strict';
import type { HistoryEntry } from '../../src/core/history.ts';
import { differences, keyPrefix } from '../../src/core/tls/customProperties.ts';
import { applySettings } from '../../src/flows/applySettings.ts';
import { undoTarget } from '../../src/flows/undoChange.ts';
import { followed, inputFor, planFor, trust } from './changing.ts';
import { idOf, openScene, takeNotes } from './scene.ts';

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
  });
});
