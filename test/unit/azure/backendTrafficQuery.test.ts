import assert from 'node:assert/strict';
import fc from 'fast-check';
import { backendTrafficQuery, readBackendTrafficAnswer } from '../../../src/azure/backendTrafficQuery.ts';
import { mostLoggedCalls, mostLoggedHosts } from '../../../src/core/backendTraffic.ts';
import { failureCode } from '../../../src/core/failure.ts';

const id = '/subscriptions/3c1f/resourceGroups/rg (a)/providers/Microsoft.ApiManagement/service/contoso-shop';
const names = [
  'Level',
  'Scheme',
  'Authority',
  'Api',
  'Operation',
  'Path',
  'Requests',
  'Failures',
  'Said',
  'ServerErrors',
  'LastSeen',
];
const table = (rows: readonly unknown[], columns: readonly string[] = names) => ({
  tables: [{ name: 'PrimaryResult', columns: columns.map((name) => ({ name, type: 'string' })), rows }],
});
const moment = '2026-11-20T09:00:00Z';
const host = (authority: unknown, requests: unknown = 5) =>
  ['host', 'https', authority, '', '', '', requests, 1, 'said', 2, moment] as const;
const call = (path: unknown, requests: unknown = 5) =>
  ['call', 'HTTPS', 'One.Example:8443', 'orders', 'get', path, requests, 0, '', 0, moment] as const;

/** The regular expressions of the query, in its order: scheme, authority, path. RE2 and JavaScript agree on these. */
function patternsOf(query: string): RegExp[] {
  return [...query.matchAll(/extract\(@'([^']+)'/g)].map(([, text]) => new RegExp(text ?? '', 'u'));
}

describe('query by backend host', () => {
  const query = backendTrafficQuery(id, 30);

  it('asks both tables for one instance and one window, and counts in the workspace', () => {
    assert.equal(query.split(`_ResourceId =~ '${id}'`).length, 3);
    assert.equal(query.split('TimeGenerated > ago(30d)').length, 3);
    assert.match(query, /union isfuzzy=true\s+\(ApiManagementGatewayLogs \|[\s\S]*\(AzureDiagnostics \|/);
    assert.match(query, new RegExp(`top ${mostLoggedHosts + 1} by Requests`));
    assert.match(query, new RegExp(`top ${mostLoggedCalls} by Requests`));
  });

  it('lets nothing into its literals but the characters of ids', () => {
    fc.assert(
      fc.property(fc.string(), fc.constantFrom("'", '"', '\\', '\n', '|', ';', '`', '\u202e', '*'), (text, bad) => {
        assert.throws(() => backendTrafficQuery(`${id}${text}${bad}`, 7), { name: 'ArmError' });
      }),
    );
  });

  it('takes scheme, host and path out of an address, and neither user name nor query', () => {
    const [scheme, authority, path] = patternsOf(query);
    const taken = (address: string) => [scheme, authority, path].map((pattern) => pattern?.exec(address)?.[1] ?? '');
    assert.deepEqual(taken('https://One.example:8443/a/b?code=secret'), ['https', 'One.example:8443', '/a/b']);
    assert.deepEqual(taken('https://user:secret@one.example'), ['https', 'one.example', '']);
    assert.deepEqual(taken('https://one.example?x=/secret'), ['https', 'one.example', '']);
    assert.deepEqual(taken('https://[2001:db8::1]:9443/x#secret'), ['https', '[2001:db8::1]:9443', '/x']);
    assert.deepEqual(taken('not an address'), ['', '', '']);
    const word = fc.string({ minLength: 1, unit: fc.constantFrom(...'abz09.:%-_~') });
    fc.assert(
      fc.property(word, word, word, (user, path, secret) => {
        const kept = taken(`https://${user}SECRET@one.example/${path}?${secret}SECRET#${secret}SECRET`).join(' ');
        assert.ok(!kept.includes('SECRET'), kept);
      }),
    );
  });
});

describe('answer by backend host', () => {
  it('is read by the names of its columns, whatever their order', () => {
    const rows = [[...host('one.example', '12')].reverse(), [...call('/a')].reverse()];
    const { hosts, calls, cut } = readBackendTrafficAnswer(table(rows, [...names].reverse()));
    assert.deepEqual(hosts, [
      {
        scheme: 'https',
        authority: 'one.example',
        requests: 12,
        failures: 1,
        failureText: 'said',
        serverErrors: 2,
        lastSeen: '2026-11-20T09:00:00.000Z',
      },
    ]);
    const where = { scheme: 'https', authority: 'one.example:8443' };
    assert.deepEqual(calls, [{ ...where, api: 'orders', operation: 'get', requests: 5, path: '/a' }]);
    assert.equal(cut, false);
  });

  it('has most requests first, is bounded, and says where it was cut', () => {
    const hosts = Array.from({ length: mostLoggedHosts + 1 }, (_, index) => host(`h${index}.example`, index));
    const calls = Array.from({ length: mostLoggedCalls + 5 }, () => call('/'));
    const read = readBackendTrafficAnswer(table([...hosts, ...calls]));
    assert.deepEqual([read.hosts.length, read.calls.length, read.cut], [mostLoggedHosts, mostLoggedCalls, true]);
    assert.ok(read.hosts.every((one, index) => index === 0 || one.requests <= (read.hosts[index - 1]?.requests ?? 0)));
  });

  it('takes a path whole or not at all, and no query', () => {
    const paths = ['/a/b', '/a?x=1', 'a', `/${'a'.repeat(3000)}`, '/a\u202eb', '/a b', null, 7];
    const { calls } = readBackendTrafficAnswer(table(paths.map((path) => call(path))));
    assert.deepEqual(
      calls.map(({ path }) => path),
      ['/a/b', '', '', '', '', '', '', ''],
    );
  });

  it('never throws anything but "malformed", whatever the service says', () => {
    const rows = fc.array(fc.array(fc.anything(), { maxLength: 11 }));
    const levels = rows.map((list) => list.map((row, index) => [index % 2 === 0 ? 'host' : 'call', ...row]));
    fc.assert(
      fc.property(
        fc.oneof(
          fc.anything(),
          fc.oneof(rows, levels).map((list) => table(list)),
        ),
        (body) => {
          try {
            const { hosts, calls } = readBackendTrafficAnswer(body);
            for (const { requests } of [...hosts, ...calls]) assert.ok(Number.isSafeInteger(requests) && requests >= 0);
          } catch (error) {
            assert.equal(failureCode(error), 'malformed');
          }
        },
      ),
    );
  });
});
