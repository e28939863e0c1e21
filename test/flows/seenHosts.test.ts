// Backends as configured, joined with those that the logs have seen.

import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { BackendTraffic, LoggedCall, LoggedHost } from '../../src/core/backendTraffic.ts';
import { hostAndPort } from '../../src/core/instance.ts';
import type { BackendHost } from '../../src/core/instance.ts';
import { withSeenTraffic } from '../../src/flows/seenHosts.ts';

const host = (name: string, port = 443): BackendHost => ({
  host: name,
  port,
  scheme: 'https',
  usedBy: [
    {
      kind: 'backend',
      id: `/backends/${name}`,
      title: name,
      url: `https://${name}:${port}`,
      validateChain: true,
      validateName: true,
      clientCertificate: false,
    },
  ],
});
const logged = (authority: string, requests: number, more: Partial<LoggedHost> = {}): LoggedHost => ({
  scheme: 'https',
  authority,
  requests,
  failures: 0,
  failureText: '',
  serverErrors: 0,
  lastSeen: '2026-11-20T09:00:00.000Z',
  ...more,
});
const call = (authority: string, api: string, operation: string): LoggedCall => ({
  scheme: 'https',
  authority,
  api,
  operation,
  requests: 3,
  path: '/a',
});
const traffic = (hosts: readonly LoggedHost[], calls: readonly LoggedCall[] = []): BackendTraffic => ({
  state: 'read',
  source: { workspaceId: '/w', table: 'dedicated' },
  hosts,
  calls,
  cut: false,
  days: 7,
  readAt: '2026-11-20T10:00:00.000Z',
});

describe('hosts seen in logs', () => {
  it('weigh what is configured, whatever the spelling of the address', () => {
    const [one] = withSeenTraffic(
      [host('one.example')],
      traffic(
        [
          logged('one.example', 1000, { failures: 2, failureText: 'no channel' }),
          logged('one.example:443', 204, { lastSeen: '2026-11-20T09:30:00.000Z', serverErrors: 5 }),
        ],
        [call('one.example:443', 'orders', 'get')],
      ),
    );
    assert.deepEqual(one?.seen, {
      requests: 1204,
      failures: 2,
      failureText: 'no channel',
      serverErrors: 5,
      lastSeen: '2026-11-20T09:30:00.000Z',
      days: 7,
      readAt: '2026-11-20T10:00:00.000Z',
      calls: [{ api: 'orders', operation: 'get', requests: 3, path: '/a' }],
    });
    assert.deepEqual(
      one?.usedBy.map(({ kind }) => kind),
      ['backend'],
    );
  });

  it('come after what is configured, the busiest first, with the operations that called them', () => {
    const hosts = withSeenTraffic(
      [host('one.example')],
      traffic(
        [logged('rare.example', 1), logged('busy.example:8443', 9)],
        [call('busy.example:8443', 'orders', 'get'), call('busy.example:8443', '', '')],
      ),
    );
    assert.deepEqual(hosts.map(hostAndPort), ['one.example:443', 'busy.example:8443', 'rare.example:443']);
    assert.deepEqual(
      hosts[1]?.usedBy.map(({ kind, title }) => [kind, title]),
      [
        ['log', 'orders › get'],
        ['log', 'requests that no API matched'],
      ],
    );
    // How the gateway checks it is not known: its certificate is held against nobody.
    assert.ok(hosts[1].usedBy.every((use) => !use.validateChain && !use.validateName && use.clientCertificate));
  });

  it('are forgotten where the logs are not read, or no longer', () => {
    const both = withSeenTraffic([host('one.example')], traffic([logged('one.example', 1), logged('two.example', 1)]));
    assert.equal(both.length, 2);
    assert.deepEqual(withSeenTraffic(both, null), [host('one.example')]);
    const none: BackendTraffic = { state: 'notConfigured', why: 'noSetting', days: 7, readAt: '' };
    assert.deepEqual(withSeenTraffic(both, none), [host('one.example')]);
  });

  it('are hosts, or are left out', () => {
    const odd = ['', '{{host}}', 'a b', 'host:0', 'user@'].map((authority) => logged(authority, 5));
    assert.deepEqual(withSeenTraffic([], traffic(odd)), []);
  });

  it('lose no request and no configured host, and joining twice changes nothing', () => {
    const names = fc.constantFrom('a.example', 'b.example', 'A.example', 'a.example:443', 'c.example:8443', '[::1]:9');
    const rows = fc.array(fc.record({ name: names, requests: fc.nat(1000) }), { maxLength: 8 });
    fc.assert(
      fc.property(rows, fc.subarray(['a.example', 'b.example', 'd.example']), (list, configured) => {
        const read = traffic(list.map(({ name, requests }) => logged(name, requests)));
        const hosts = configured.map((name) => host(name));
        const joined = withSeenTraffic(hosts, read);
        assert.deepEqual(joined.slice(0, hosts.length).map(hostAndPort), hosts.map(hostAndPort));
        assert.equal(new Set(joined.map(hostAndPort)).size, joined.length);
        const sum = joined.reduce((total, { seen }) => total + (seen?.requests ?? 0), 0);
        assert.equal(
          sum,
          list.reduce((total, { requests }) => total + requests, 0),
        );
        assert.deepEqual(withSeenTraffic(joined, read), joined);
      }),
    );
  });
});
