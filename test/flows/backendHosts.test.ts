// Which hosts a gateway calls, from what its backends, pools and APIs say.

import assert from 'node:assert/strict';
import type { ApiEntity, BackendEntity } from '../../src/azure/access.ts';
import { hostAndPort } from '../../src/core/instance.ts';
import { hostsOf } from '../../src/flows/readBackendHosts.ts';

describe('readBackendHosts', () => {
  const single = (name: string, url: string, more: Partial<BackendEntity> = {}): BackendEntity => ({
    id: `/backends/${name}`,
    name,
    title: name,
    url,
    type: 'Single',
    poolMembers: [],
    validateChain: true,
    validateName: true,
    clientCertificate: false,
    ...more,
  });
  const pool = (name: string, members: readonly string[]) => single(name, '', { type: 'Pool', poolMembers: members });
  const api = (name: string, serviceUrl: string | null): ApiEntity => ({
    id: `/apis/${name}`,
    name,
    title: name,
    path: name,
    serviceUrl,
  });

  it('tells hosts apart by name and port, whatever leads to them', () => {
    const { hosts, unreadable } = hostsOf(
      [
        single('a', 'https://One.Example/x'),
        single('b', 'https://one.example:443/y'),
        single('c', 'https://one.example:8443'),
        pool('p', ['/BACKENDS/A', '/backends/c']),
      ],
      [api('x', 'https://one.example/z'), api('none', null)],
    );
    assert.deepEqual(
      hosts.map((host) => [hostAndPort(host), host.usedBy.map(({ kind, title }) => `${kind} ${title}`)]),
      [
        ['one.example:443', ['backend a', 'backend b', 'pool p', 'api x']],
        ['one.example:8443', ['backend c', 'pool p']],
      ],
    );
    assert.deepEqual(unreadable, []);
  });

  const addresses: readonly [string, string | null][] = [
    ['http://plain.example', 'plain.example:80 http'],
    ['wss://socket.example/ws', 'socket.example:443 https'],
    ['https://[2001:DB8::1]:9443/', '[2001:db8::1]:9443 https'],
    ['https://bücher.example', 'xn--bcher-kva.example:443 https'],
    ['https://dot.example./x', 'dot.example:443 https'],
    [' https://10.0.0.4/ ', '10.0.0.4:443 https'],
    ['https://{{host}}/x', null],
    ['https://host:0/', null],
    ['https://host:70000/', null],
    ['fabric:/app/service', null],
    ['not a url', null],
    ['', null],
  ];
  for (const [url, expected] of addresses) {
    it(`reads ${JSON.stringify(url)} as ${expected ?? 'unreadable'}`, () => {
      const { hosts, unreadable } = hostsOf([single('a', url)], []);
      assert.deepEqual(
        hosts.map((host) => `${hostAndPort(host)} ${host.scheme}`),
        expected === null ? [] : [expected],
      );
      assert.deepEqual(unreadable, expected === null ? [{ title: 'a', url: url.trim() }] : []);
    });
  }

  it('lets https win over http on the same port, in whatever order', () => {
    const plain = single('a', 'http://one.example:8080');
    const secure = single('b', 'https://one.example:8080');
    for (const backends of [
      [plain, secure],
      [secure, plain],
    ]) {
      assert.deepEqual(
        hostsOf(backends, []).hosts.map(({ scheme }) => scheme),
        ['https'],
      );
    }
  });

  it('shows no password and no query', () => {
    const { hosts, unreadable } = hostsOf(
      [single('a', 'https://user:secret@one.example/x?code=secret'), single('b', 'odd://user:secret@x?code=secret#y')],
      [],
    );
    assert.equal(hosts[0]?.usedBy[0]?.url, 'https://one.example/x');
    assert.deepEqual(unreadable, [{ title: 'b', url: 'odd://x' }]);
  });

  it('names a member of a pool that is gone', () => {
    assert.deepEqual(hostsOf([pool('p', ['/backends/gone'])], []).unreadable, [{ title: 'p', url: '/backends/gone' }]);
  });
});
