// What a person may type as the server to probe.

import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { formatTarget, parseTarget, type TargetProblem } from '../../../src/probe/target.ts';

const good: Readonly<Record<string, readonly [string, number, 'https' | 'http', string]>> = {
  'api.example': ['api.example', 443, 'https', '/'],
  ' API.Example. ': ['api.example', 443, 'https', '/'],
  'api.example:8443': ['api.example', 8443, 'https', '/'],
  'https://api.example/orders?x=1#top': ['api.example', 443, 'https', '/orders?x=1'],
  'HTTPS://api.example:65535?x': ['api.example', 65535, 'https', '/?x'],
  'http://api.example': ['api.example', 80, 'http', '/'],
  'http://api.example:443/': ['api.example', 443, 'http', '/'],
  '10.0.0.4:1': ['10.0.0.4', 1, 'https', '/'],
  '::1': ['::1', 443, 'https', '/'],
  '[::1]:8443': ['::1', 8443, 'https', '/'],
  'https://[2001:DB8:0:0::1]/a': ['2001:db8::1', 443, 'https', '/a'],
  'bücher.example': ['xn--bcher-kva.example', 443, 'https', '/'],
  'https://例え.テスト:444/パス': ['xn--r8jz45g.xn--zckzah', 444, 'https', '/パス'],
  localhost: ['localhost', 443, 'https', '/'],
  'my_host.internal': ['my_host.internal', 443, 'https', '/'],
  'api.example/a@b:c': ['api.example', 443, 'https', '/a@b:c'],
};

const bad: Readonly<Record<string, TargetProblem>> = {
  '': 'empty',
  '   ': 'empty',
  'api example': 'spaces',
  'api\texample': 'spaces',
  'api\u0000example': 'spaces',
  'ftp://api.example': 'scheme',
  'javascript://x': 'scheme',
  'user@api.example': 'credentials',
  'https://user:secret@api.example/': 'credentials',
  'api.example:0': 'port',
  'api.example:70000': 'port',
  'api.example:65536': 'port',
  'api.example:': 'port',
  'api.example:-1': 'port',
  'api.example:4e2': 'port',
  'api.example:000443': 'port',
  '[::1]:0': 'port',
  'https://': 'malformed',
  'https:///path': 'malformed',
  'api.example\\x': 'malformed',
  'a:b:c': 'malformed',
  '[::1': 'malformed',
  '[::1]x': 'malformed',
  '[127.0.0.1]': 'host',
  '[nonsense]': 'host',
  '[]': 'host',
  ':443': 'host',
  '-api.example': 'host',
  'api..example': 'host',
  '.example': 'host',
  '256.1.1.1': 'host',
  '10.0.0.': 'host',
  '127.1': 'host',
  '0x7f000001': 'host',
  'a%41.example': 'host',
  'fe80::1%eth0': 'malformed',
  'api*.example': 'host',
};

describe('parseTarget', () => {
  for (const [text, [host, port, scheme, path]] of Object.entries(good)) {
    it(`reads ${JSON.stringify(text)}`, () => {
      assert.deepEqual(parseTarget(text), { ok: true, endpoint: { host, port }, scheme, path });
    });
  }

  for (const [text, code] of Object.entries(bad)) {
    it(`refuses ${JSON.stringify(text)}: ${code}`, () => {
      assert.deepEqual(parseTarget(text), { ok: false, code });
    });
  }

  it('refuses names that are too long', () => {
    assert.deepEqual(parseTarget(`${'a'.repeat(64)}.example`), { ok: false, code: 'host' });
    assert.deepEqual(parseTarget('a.'.repeat(130) + 'example'), { ok: false, code: 'host' });
    assert.deepEqual(parseTarget(`api.example/${'a'.repeat(5000)}`), { ok: false, code: 'malformed' });
  });

  it('never throws, and what it takes it takes again as the same', () => {
    const typed = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 60 }),
      fc.webUrl(),
      fc.ipV6(),
      fc
        .tuple(fc.constantFrom('https://', 'http://', ''), fc.domain(), fc.nat(70_000))
        .map(([s, d, p]) => `${s}${d}:${p}`),
      fc.stringMatching(/^[[\]:/@.%a-f0-9]{0,30}$/),
    );
    fc.assert(
      fc.property(typed, (text) => {
        const first = parseTarget(text);
        if (!first.ok) return;
        assert.ok(first.endpoint.port >= 1 && first.endpoint.port <= 65535);
        assert.match(first.endpoint.host, /^[a-z0-9._:-]+$/);
        assert.ok(first.path.startsWith('/'));
        const second = parseTarget(`${first.scheme}://${formatTarget(first.endpoint)}${first.path}`);
        assert.deepEqual(second, first);
      }),
      { numRuns: 3000 },
    );
  });

  it('takes every host and port', () => {
    const hosts = fc.oneof(
      fc.ipV4(),
      fc.domain().map((name) => name.toLowerCase()),
    );
    fc.assert(
      fc.property(hosts, fc.integer({ min: 1, max: 65535 }), (host, port) => {
        assert.deepEqual(parseTarget(`${host}:${port}`), {
          ok: true,
          endpoint: { host, port },
          scheme: 'https',
          path: '/',
        });
      }),
    );
  });
});
