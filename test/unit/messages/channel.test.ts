import assert from 'node:assert/strict';
import fc from 'fast-check';
import { openChannel } from '../../../src/messages/channel.ts';
import { validateToHost } from '../../../src/messages/editor.ts';

type Host = { add: (argument: { a: number; b: number }) => number; fail: () => never };
type Page = { hello: (name: string) => string };

function pair() {
  const sent: unknown[] = [];
  const host = openChannel<Host, Page>(
    (message) => page.receive(message),
    {
      add: ({ a, b }) => a + b,
      fail: () => {
        throw new Error('No such thing.');
      },
    },
    (_name, argument) => argument,
  );
  const page = openChannel<Page, Host>(
    (message) => {
      sent.push(message);
      host.receive(structuredClone(message));
    },
    { hello: (name) => `hello ${name}` },
    (_name, argument) => argument,
  );
  return { host, page, sent };
}

describe('channel', () => {
  it('carries requests and replies both ways', async () => {
    const { host, page } = pair();
    assert.equal(await page.request('add', { a: 1, b: 2 }), 3);
    assert.equal(await host.request('hello', 'x'), 'hello x');
  });

  it('rejects the caller when a handler throws, and what is pending when it closes', async () => {
    const { host, page } = pair();
    await assert.rejects(page.request('fail', undefined), /No such thing/);
    const silent = openChannel<Page, Host>(
      () => undefined,
      { hello: (name) => name },
      (_n, a) => a,
    );
    const waiting = silent.request('add', { a: 1, b: 1 });
    silent.close();
    await assert.rejects(waiting, /closed/);
    await assert.rejects(silent.request('add', { a: 1, b: 1 }), /closed/);
    host.close();
  });

  it('ignores what is not a message and refuses unknown names, prototype names included', async () => {
    const { host, page } = pair();
    fc.assert(fc.property(fc.anything(), (thing) => host.receive(thing)));
    for (const name of ['nothing', 'constructor', 'toString', '__proto__']) {
      await assert.rejects(page.request(name as 'add', { a: 1, b: 1 }), /Unknown request/);
    }
  });
});

describe('messages from the page', () => {
  it('lets well-formed drafts through', () => {
    const draft = { changes: { 'client.tls10': 'off', 'cipher.TLS_RSA_WITH_AES_128_CBC_SHA': 'default' } };
    assert.deepEqual(validateToHost('apply', draft), draft);
    assert.equal(validateToHost('ready', undefined), undefined);
  });

  it('refuses every other shape with a sentence that names the request', () => {
    for (const bad of [
      undefined,
      null,
      1,
      'x',
      [],
      {},
      { changes: null },
      { changes: { 'client.tls10': 'maybe' } },
      { changes: { 'client.tls99': 'off' } },
      { changes: { __proto__: { x: 1 }, 'client.tls10': true } },
    ]) {
      assert.throws(() => validateToHost('apply', bad), /"apply"/);
    }
    assert.throws(() => validateToHost('undo', { id: 'x'.repeat(300) }), /"undo"/);
    const rows = { list: 1, rows: [0, 5], to: 'file' };
    assert.deepEqual(validateToHost('exportRenegotiations', rows), rows);
    for (const bad of [{ to: 'mail' }, { rows: [-1] }, { rows: [0.5] }, { rows: Array(6000).fill(0) }, { list: '1' }])
      assert.throws(() => validateToHost('exportRenegotiations', { ...rows, ...bad }), /"exportRenegotiations"/);
    const kept = { instanceId: '/a', base: { etag: '"1"', map: { a: 'True' } }, changes: {} };
    assert.deepEqual(validateToHost('keepDraft', kept), kept);
    const long = 'x'.repeat(1_000_000);
    const many = Object.fromEntries(Array.from({ length: 5001 }, (_, index) => [`k${index}`, 'True']));
    for (const bad of [
      { instanceId: long },
      { base: { etag: long, map: null } },
      { base: { etag: null, map: { a: long } } },
      { base: { etag: null, map: { [long]: 'a' } } },
      { base: { etag: null, map: many } },
    ])
      assert.throws(() => validateToHost('keepDraft', { ...kept, ...bad }), /"keepDraft"/);
    assert.throws(() => validateToHost('readRenegotiations', { days: 31, fresh: false }), /"readRenegotiations"/);
    assert.throws(() => validateToHost('constructor', {}), /Unknown request/);
  });
});
