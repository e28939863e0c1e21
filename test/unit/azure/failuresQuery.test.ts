import assert from 'node:assert/strict';
import fc from 'fast-check';
import { failuresQuery, readFailuresAnswer } from '../../../src/azure/failuresQuery.ts';
import { failureCode } from '../../../src/core/failure.ts';
import { failureFindings, failureWindow, mostFailureRows, vanishedVersions } from '../../../src/core/loggedFailures.ts';

const id = '/subscriptions/3c1f/resourceGroups/rg (a)/providers/Microsoft.ApiManagement/service/contoso-shop';
const window = failureWindow('2026-11-20T12:00:00.000Z', new Date('2026-11-20T12:20:00Z'));
const names = ['Level', 'Version', 'Api', 'Reason', 'Host', 'Since', 'Before', 'Tls', 'LastSeen'];
const table = (rows: readonly unknown[], columns: readonly string[] = names) => ({
  tables: [{ name: 'PrimaryResult', columns: columns.map((name) => ({ name, type: 'string' })), rows }],
});
const failure = (since: unknown, before: unknown, tls: unknown = 0, reason = 'BackendConnectionFailure') => [
  'failure',
  '',
  'orders-api',
  reason,
  'Orders.contoso.example',
  since,
  before,
  tls,
  '2026-11-20T12:10:00Z',
];
const version = (text: string, since: unknown, before: unknown) => [
  'version',
  text,
  '',
  '',
  '',
  since,
  before,
  0,
  null,
];

describe('the window of failures', () => {
  it('is as long before the change as since, and four hours at most', () => {
    assert.deepEqual(window, {
      from: '2026-11-20T11:40:00.000Z',
      changedAt: '2026-11-20T12:00:00.000Z',
      to: '2026-11-20T12:20:00.000Z',
    });
    const late = failureWindow('2026-11-20T12:00:00Z', new Date('2026-11-22T00:00:00Z'));
    assert.deepEqual([late.from, late.to], ['2026-11-20T08:00:00.000Z', '2026-11-20T16:00:00.000Z']);
    const early = failureWindow('2026-11-20T12:00:00Z', new Date('2026-11-20T11:00:00Z'));
    assert.equal(early.from, early.to, 'a clock that was set back asks for nothing');
  });
});

describe('failures query', () => {
  it('asks both tables for one instance and the whole window, and tells since from before', () => {
    const query = failuresQuery(id, window);
    const within = `TimeGenerated between (datetime(${window.from}) .. datetime(${window.to})) and _ResourceId =~ '${id}'`;
    assert.equal(query.split(within).length, 3);
    assert.ok(query.includes(`IsSince = TimeGenerated >= datetime(${window.changedAt})`));
    assert.match(query, /union isfuzzy=true\s+\(ApiManagementGatewayLogs \|[\s\S]*\(AzureDiagnostics \|/);
  });

  it('lets neither message nor path of an address leave the workspace', () => {
    const shown = failuresQuery(id, window)
      .split('\n')
      .filter((line) => line.includes('Level ='));
    assert.equal(shown.length, 2);
    for (const line of shown) assert.doesNotMatch(line, /Message|Backend/);
  });

  it('lets nothing into its literals but the characters of ids, and no moment that is none', () => {
    fc.assert(
      fc.property(fc.string(), fc.constantFrom("'", '"', '\\', '\n', '|', ';', '`', '*'), (text, bad) => {
        assert.throws(() => failuresQuery(`${id}${text}${bad}`, window), { name: 'ArmError' });
      }),
    );
    assert.throws(() => failuresQuery(id, { ...window, to: "1) or (true'" }), { name: 'ArmError' });
  });
});

describe('failures answer', () => {
  it('is read by the names of its columns, whatever their order', () => {
    const { rows, versions, cut } = readFailuresAnswer(
      table(
        [failure('37', 0, 99), version('1.0', 0, 20), version('TLS 1.0', 1, 4)].map((row) => row.reverse()),
        [...names].reverse(),
      ),
    );
    assert.deepEqual(rows, [
      {
        api: 'orders-api',
        reason: 'BackendConnectionFailure',
        host: 'orders.contoso.example',
        since: 37,
        before: 0,
        tls: 37,
        lastSeen: '2026-11-20T12:10:00.000Z',
      },
    ]);
    assert.deepEqual(versions, [{ version: 'tls10', since: 1, before: 24 }]);
    assert.equal(cut, false);
  });

  it('is bounded, and never throws anything but "malformed"', () => {
    const many = Array.from({ length: mostFailureRows + 5 }, () => failure(1, 0));
    const { rows, cut } = readFailuresAnswer(table(many));
    assert.deepEqual([rows.length, cut], [mostFailureRows, true]);
    const cells = fc.array(fc.anything(), { maxLength: 9 });
    fc.assert(
      fc.property(
        fc.oneof(
          fc.anything(),
          fc.array(cells).map((list) => table(list)),
        ),
        (body) => {
          try {
            const read = readFailuresAnswer(body);
            for (const row of read.rows) assert.ok(row.since >= 0 && row.before >= 0 && row.tls <= row.since);
            failureFindings(read);
            vanishedVersions(read);
          } catch (error) {
            assert.equal(failureCode(error), 'malformed');
          }
        },
      ),
    );
  });
});

describe('findings of failures', () => {
  const graded = (...rows: readonly (readonly unknown[])[]) =>
    failureFindings(readFailuresAnswer(table(rows))).map(({ severity, row }) => [severity, row.since]);

  it('are graded against the time before, the worst first', () => {
    assert.deepEqual(
      graded(
        failure(12, 12, 12),
        failure(37, 0, 3),
        failure(4, 0),
        failure(40, 10),
        failure(0, 9),
        failure(3, 0, 0, 'ClientConnectionFailure'),
      ),
      [
        ['problem', 37],
        ['warning', 40],
        ['note', 12],
        ['note', 4],
        ['note', 3],
      ],
    );
    assert.deepEqual(graded(failure(1, 0, 1)), [['problem', 1]], 'TLS is named');
    assert.deepEqual(graded(failure(5, 0)), [['problem', 5]]);
  });

  it('never alarm where there are as many as before', () => {
    const nat = fc.nat({ max: 10_000 });
    fc.assert(
      fc.property(nat, nat, nat, (since, more, tls) => {
        const [finding] = graded(failure(since, since + more + 1, Math.min(tls, since)));
        assert.ok(finding === undefined ? since === 0 : finding[0] === 'note');
      }),
    );
  });

  it('tell of versions that no longer come, unless nobody at all is in the logs yet', () => {
    const vanished = (...rows: readonly unknown[]) =>
      vanishedVersions(readFailuresAnswer(table(rows))).map((one) => one.version);
    assert.deepEqual(vanished(version('1.0', 0, 20), version('1.2', 400, 380), version('', 0, 90)), ['tls10']);
    assert.deepEqual(vanished(version('1.0', 0, 20), version('1.2', 0, 380)), []);
    assert.deepEqual(vanished(version('1.0', 0, 4), version('1.2', 400, 380)), [], 'too few to tell');
  });
});
