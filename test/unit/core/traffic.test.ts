import assert from 'node:assert/strict';
import fc from 'fast-check';
import { makePlan } from '../../../src/core/tls/plan.ts';
import { protocolVersions } from '../../../src/core/tls/protocols.ts';
import { mergeTotals, seenVersion, totalOf } from '../../../src/core/traffic.ts';
import type { SeenVersion, Traffic, TrafficTotal } from '../../../src/core/traffic.ts';
import { enableLogsCommand, sinceText, totalText, trafficStateText } from '../../../src/core/trafficText.ts';
import { findingText } from '../../../src/core/findingText.ts';
import { instance, key } from '../../support/instances.ts';

const readAt = '2026-11-20T12:00:00.000Z';
const source = {
  workspaceId: '/subscriptions/s/resourceGroups/g/providers/x/workspaces/logs',
  table: 'dedicated',
} as const;

function total(version: SeenVersion, part: Partial<TrafficTotal> = {}): TrafficTotal {
  return { version, versionText: version, requests: 1204, callers: 3, lastSeen: '2026-11-20T09:30:00.000Z', ...part };
}

function read(totals: readonly TrafficTotal[], state: 'read' | 'partial' = 'read'): Traffic {
  const rows = { days: 30, readAt, source, totals, rows: [], cut: false } as const;
  return state === 'read' ? { state, ...rows } : { state, problem: 'too much', ...rows };
}

describe('traffic: the version in a text of the logs', () => {
  const spellings: readonly (readonly [SeenVersion, readonly string[]])[] = [
    ['tls12', ['1.2', 'TLS 1.2', 'Tls12', 'TLSv1.2', 'tls1_2', ' TLS1.2 ', 'TLS v1.2', '12']],
    ['tls10', ['1.0', 'TLS 1.0', 'Tls10', 'TLSv1', 'TLS1']],
    ['tls13', ['1.3', 'TLS 1.3', 'Tls13']],
    ['ssl3', ['SSL 3.0', 'Ssl3', 'SSLv3', 'Ssl30']],
    [
      'unknown',
      [
        '',
        ' ',
        '-',
        '1',
        '2',
        '1.4',
        '2.0',
        '3.0',
        '1.2.3',
        'Tls',
        'DTLS 1.2',
        'HTTP/1.1',
        'SSL 2.0',
        '0x0303',
        'TLS 1.2 ?',
      ],
    ],
  ];
  for (const [version, texts] of spellings) {
    it(`is ${version} in ${JSON.stringify(texts)}`, () => {
      for (const text of texts) assert.equal(seenVersion(text), version, JSON.stringify(text));
    });
  }

  it('is one that is known, or unknown, whatever the text', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^([tT][lL][sS]|SSL)?v? ?[0-9]?[._ ]?[0-9]?$/)), (text) => {
        const version = seenVersion(text);
        assert.ok(version === 'unknown' || protocolVersions.includes(version));
        if (version !== 'unknown') assert.ok(text.includes(version === 'ssl3' ? '3' : '1'));
      }),
    );
  });
});

describe('traffic: totals', () => {
  const anyTotal = fc
    .record({
      versionText: fc.constantFrom('1.0', 'TLS 1.0', 'Tls12', '', 'QUIC', '1.3'),
      requests: fc.nat(1_000_000),
      callers: fc.option(fc.nat(1000)),
      lastSeen: fc.option(fc.constantFrom('2026-11-01T00:00:00.000Z', '2026-11-19T00:00:00.000Z')),
    })
    .map((one) => ({ ...one, version: seenVersion(one.versionText) }));

  it('lose no request, have each version once, oldest first, and the newest moment', () => {
    fc.assert(
      fc.property(fc.array(anyTotal), (totals) => {
        const merged = mergeTotals(totals);
        const sum = (list: readonly TrafficTotal[]) => list.reduce((all, { requests }) => all + requests, 0);
        assert.equal(sum(merged), sum(totals));
        const order = [...protocolVersions, 'unknown'];
        const places = merged.map(({ version }) => order.indexOf(version));
        assert.deepEqual(
          places,
          [...new Set(places)].sort((a, b) => a - b),
        );
        for (const { version, lastSeen } of merged) {
          const moments = totals.filter((one) => one.version === version).flatMap((one) => one.lastSeen ?? []);
          assert.equal(lastSeen, moments.sort().at(-1) ?? null);
        }
      }),
    );
  });

  it('do not add up callers of two spellings: they may be the same', () => {
    const merged = mergeTotals([
      total('tls12', { callers: 3 }),
      total('tls12', { callers: 2, versionText: 'TLS 1.2' }),
    ]);
    assert.deepEqual([merged.length, merged[0]?.callers, merged[0]?.versionText], [1, null, 'tls12, TLS 1.2']);
  });
});

describe('traffic: sentences', () => {
  const now = Date.parse(readAt);

  it('have units, and the singular where it is one', () => {
    assert.equal(totalText(total('tls10'), now), '1,204 requests from 3 callers, last 2 hours ago');
    assert.equal(
      totalText(total('tls10', { requests: 1, callers: 1, lastSeen: '2026-11-19T11:00:00Z' }), now),
      '1 request from 1 caller, last 1 day ago',
    );
    assert.equal(totalText(total('tls10', { callers: null, lastSeen: null }), now), '1,204 requests');
    assert.equal(sinceText('2026-11-20T11:59:30Z', now), 'less than a minute ago');
    assert.equal(sinceText('2026-11-20T12:30:00Z', now), 'less than a minute ago', 'the clocks differ');
  });

  it('tell each state, and name what is missing', () => {
    const common = { days: 30, readAt } as const;
    const missing = trafficStateText({
      state: 'noPermission',
      action: 'Microsoft.OperationalInsights/workspaces/query/read',
      scope: '/subscriptions/s/x',
      ...common,
    });
    assert.match(missing, /Microsoft\.OperationalInsights\/workspaces\/query\/read on \/subscriptions\/s\/x\./);
    assert.match(trafficStateText({ state: 'tableMissing', source, ...common }), /workspace logs has no table/);
    assert.match(trafficStateText({ state: 'noData', source, ...common }), /last 30 days/);
    const whys = ['noSetting', 'noWorkspace', 'noGatewayLogs', 'workspaceGone', 'basicPlan', 'noEndpoint'] as const;
    const texts = whys.map((why) => trafficStateText({ state: 'notConfigured', why, ...common }));
    assert.equal(new Set(texts).size, whys.length);
    assert.equal(trafficStateText(read([])), '');
  });

  it('give the command that switches logs on, for this instance', () => {
    assert.match(
      enableLogsCommand('/subscriptions/s'),
      /--resource "\/subscriptions\/s" .*GatewayLogs.*resource-specific true$/,
    );
  });
});

describe('traffic: findings of a plan', () => {
  const off = { 'client.tls10': 'off', 'client.tls11': 'off' } as const;
  const map = { [key('Security.Protocols.Tls10')]: 'True', [key('Security.Protocols.Tls11')]: 'True' };
  const planned = (traffic: Traffic | null, changes: Parameters<typeof makePlan>[0]['changes'] = off) => {
    const input = { instance: instance({ customProperties: map }), backends: [], surveys: {}, changes };
    return makePlan(traffic ? { ...input, traffic } : input).findings.filter(({ code }) => code.startsWith('clients'));
  };

  it('warn of callers that were seen, and note those that were not', () => {
    const findings = planned(read([total('tls10'), total('tls12')]));
    assert.deepEqual(
      findings.map(({ severity, code }) => [severity, code]),
      [
        ['warning', 'clientsSeen'],
        ['note', 'clientsNotSeen'],
      ],
    );
    assert.deepEqual(findings.map(findingText), [
      'TLS 1.0: 1,204 requests from 3 callers in the last 30 days, last on 2026-11-20 09:30:00 UTC. Callers that have nothing else can no longer connect.',
      'No request with TLS 1.1 is in the logs of the last 30 days. Someone who calls less often is not seen there.',
    ]);
  });

  it('never take what was not seen for none: requests without a version are told, and a part of the logs proves nothing', () => {
    const [, notSeen] = planned(read([total('tls10'), total('unknown', { requests: 8 })]));
    assert.equal(notSeen?.severity, 'warning', 'they may have been of this version');
    assert.match(findingText(notSeen), /beside 8 requests without a known version/);
    const partial = planned(read([total('tls10')], 'partial'));
    assert.deepEqual(
      partial.map(({ code }) => code),
      ['clientsSeen', 'clientsUnknown'],
    );
    assert.deepEqual(partial[1], { severity: 'warning', code: 'clientsUnknown', versions: ['tls11'], suites: 0 });
  });

  it('leave callers unknown where no logs were read', () => {
    const common = { days: 30, readAt } as const;
    const states: (Traffic | null)[] = [
      null,
      { state: 'notConfigured', why: 'noSetting', ...common },
      { state: 'noPermission', action: 'a', scope: 's', ...common },
      { state: 'tableMissing', source, ...common },
      { state: 'noData', source, ...common },
    ];
    const unknown = { severity: 'warning', code: 'clientsUnknown', versions: ['tls10', 'tls11'], suites: 0 };
    for (const traffic of states) assert.deepEqual(planned(traffic), [unknown], traffic?.state);
  });

  it('do not speak of versions that stay on', () => {
    assert.deepEqual(planned(read([total('tls10')]), { 'backend.tls10': 'off' }), []);
    assert.equal(totalOf(read([total('tls10')]), 'tls11'), null);
  });
});
