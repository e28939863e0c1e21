// The estimate of renegotiations: rows out of traffic and policies, confidence, and the table for other programs.

import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parsePolicy } from '../../../src/azure/policies.ts';
import { spreadsheetSafe } from '../../../src/core/csv.ts';
import { readCsv } from '../../support/csv.ts';
import type { PolicyReading } from '../../../src/core/policyFacts.ts';
import { mostRenegotiations, summaryOf } from '../../../src/core/renegotiation.ts';
import type { HostTraffic, HostTrafficRow, RenegotiationAdvice } from '../../../src/core/renegotiation.ts';
import { estimateRenegotiations, renegotiationHosts } from '../../../src/core/renegotiationEstimate.ts';
import type { EstimateInput } from '../../../src/core/renegotiationEstimate.ts';
import { renegotiationCsv, renegotiationTable, rowSources, sourceLine } from '../../../src/core/renegotiationText.ts';
import { instance } from '../../support/instances.ts';
import { readingOf } from '../../support/policyReadings.ts';

const days = 30 as const;
const readAt = '2026-11-20T12:00:00.000Z';
const source = { workspaceId: '/w', table: 'dedicated' } as const;
const host = 'api.contoso.example';
const none: RenegotiationAdvice = { state: 'read', found: false, hosts: [], updated: null };
const blocked: RenegotiationAdvice = { ...none, found: true, hosts: [host] };

const row = (part: Partial<HostTrafficRow> = {}): HostTrafficRow => ({
  api: 'orders',
  operation: 'get',
  host,
  version: 'tls12',
  requests: 10,
  callers: 2,
  lastSeen: readAt,
  ...part,
});
const read = (rows: readonly HostTrafficRow[], cut = false) => ({
  state: 'read' as const,
  source,
  rows,
  cut,
  days,
  readAt,
});

function policies(inbound: string): PolicyReading {
  const facts = parsePolicy(`<policies><inbound>${inbound}</inbound></policies>`);
  return readingOf({ policies: [{ scope: { kind: 'api', api: 'orders' }, facts }], readAt });
}
const sure = policies('<validate-client-certificate />');
const maybe = policies('<choose><when condition="@(true)"><validate-client-certificate /></when></choose>');
/** It hands the request to something that is not understood. */
const suspected = policies('<trace source="@(Log(context.Request))" />');

const estimate = (part: Partial<EstimateInput> = {}) =>
  estimateRenegotiations({
    hosts: { asking: new Set([host]), configured: [host], all: new Set([host, 'first.contoso.example']) },
    policies: sure,
    traffic: read([row()]),
    advice: none,
    titles: new Map([['orders', 'Orders']]),
    ...part,
  });

describe('the estimate of renegotiations', () => {
  it('has a row for each operation, host and version with TLS 1.2 or earlier', () => {
    const rows = [
      row(),
      row({ version: 'tls10', requests: 3 }),
      row({ version: 'tls13' }),
      row({ version: 'unknown' }),
      row({ host: 'first.contoso.example' }),
      row({ api: 'other' }),
      row({ api: 'orders;rev=2', operation: 'put', requests: 1 }),
    ];
    assert.deepEqual(
      estimate({ traffic: read(rows) }).rows.map((one) => [
        one.api,
        one.operation,
        one.host,
        one.version,
        one.requests,
      ]),
      [
        ['Orders', 'get', host, 'tls12', 10],
        ['Orders', 'get', host, 'tls10', 3],
        ['Orders', 'put', host, 'tls12', 1],
        ['Orders', 'get', host, 'unknown', 10],
      ],
    );
  });

  it('takes a version that is not known for one that may be concerned, and is not sure of it', () => {
    const unknown = read([row({ version: 'unknown' })]);
    assert.deepEqual(
      estimate({ traffic: unknown }).rows.map(({ version, confidence }) => [version, confidence]),
      [['unknown', 'low']],
    );
  });

  it('counts operations and not rows, and says where there are more', () => {
    const summary = (part: Partial<EstimateInput>) => {
      const { operations, sure, atLeast, total } = summaryOf({
        ...estimate(part),
        ...{ sources: [], days, more: false, readAt },
      });
      return [total, operations, sure, atLeast];
    };
    const rows = [row(), row({ version: 'tls10' }), row({ host: 'other.example' }), row({ operation: 'put' })];
    assert.deepEqual(summary({ traffic: read(rows) }), [4, 2, 2, false]);
    assert.deepEqual(summary({ traffic: read([row({ version: 'unknown' })]) }), [1, 1, 0, false]);
    // One row for all operations of the API.
    assert.deepEqual(summary({ traffic: null }), [1, 1, 0, true]);
  });

  it('is as sure as policy, traffic and Azure Advisor make it', () => {
    const confidence = (part: Partial<EstimateInput>) => estimate(part).rows.map((one) => one.confidence);
    const unknown = { state: 'notConfigured', why: 'noSetting', days, readAt } as const;
    const table: readonly (readonly [Partial<EstimateInput>, string])[] = [
      [{ advice: blocked }, 'high'],
      [{ advice: { ...blocked, hosts: [] } }, 'high'],
      [{ advice: { ...blocked, hosts: ['first.contoso.example'] } }, 'medium'],
      [{}, 'medium'],
      [{ advice: { state: 'failed', why: { code: 'forbidden' } } }, 'medium'],
      [{ policies: maybe, advice: blocked }, 'medium'],
      [{ policies: maybe }, 'low'],
      [{ policies: suspected, advice: blocked }, 'medium'],
      [{ policies: suspected }, 'low'],
      [{ traffic: unknown, advice: blocked }, 'medium'],
      [{ traffic: unknown }, 'low'],
      [{ traffic: null }, 'low'],
      [{ traffic: read([row({ host: 'unheard.contoso.example' })]) }, 'low'],
    ];
    for (const [part, expected] of table) assert.deepEqual(confidence(part), [expected], JSON.stringify(part));
  });

  it('takes what is not in whole logs for unused, and in others for not known', () => {
    const seen = (traffic: HostTraffic) => estimate({ traffic }).rows.map((one) => [one.covers, one.version]);
    assert.deepEqual(seen(read([row({ api: 'other' })])), []);
    // Logs with nothing in them tell nothing: they may have been switched on a moment ago.
    assert.deepEqual(seen(read([])), [['all', null]]);
    assert.deepEqual(seen({ state: 'noData', source, days, readAt }), [['all', null]]);
    assert.deepEqual(seen(read([row({ operation: 'put' })], true)), [
      ['one', 'tls12'],
      ['other', null],
    ]);
    assert.deepEqual(seen({ ...read([]), state: 'partial', problem: 'Gave up.' }), [['all', null]]);
  });

  it('lists operations that no policy of the API covers, and those that are set apart', () => {
    const facts = (inbound: string) => parsePolicy(`<policies><inbound>${inbound}</inbound></policies>`);
    const own = (operation: string, inbound: string) => ({
      scope: { kind: 'operation', api: 'orders', operation } as const,
      facts: facts(inbound),
    });
    const shown = (reading: PolicyReading) =>
      estimate({ policies: reading, traffic: null }).rows.map((one) => `${one.covers} ${one.operation}`.trim());
    assert.deepEqual(shown({ ...sure, policies: [...sure.policies, own('get', '<base />')] }), ['all']);
    assert.deepEqual(shown({ ...sure, policies: [...sure.policies, own('get', '')] }), ['other']);
    assert.deepEqual(shown({ ...sure, policies: [own('get', '<validate-client-certificate />')] }), ['one get']);
  });

  it('is bounded, says so, and keeps what is surest', () => {
    const rows = Array.from({ length: mostRenegotiations + 1 }, (_, index) =>
      row({ operation: `o${index}`, requests: index }),
    );
    const found = estimate({ traffic: read(rows) });
    assert.deepEqual([found.rows.length, found.cut], [mostRenegotiations, true]);
    assert.equal(found.rows[0]?.requests, mostRenegotiations);
    const summary = summaryOf({ ...found, sources: [], days, more: false, readAt });
    assert.deepEqual(
      [summary.total, summary.operations, summary.sure, summary.atLeast],
      [mostRenegotiations, mostRenegotiations, mostRenegotiations, true],
    );
  });

  it('knows the hosts that would have to renegotiate', () => {
    const at = (hostName: string, negotiateClientCertificate: boolean, type = 'Proxy') => ({
      hostName,
      type,
      isDefault: false,
      negotiateClientCertificate,
      certificateExpiry: null,
    });
    const some = instance({
      tier: 'Premium',
      gatewayUrl: 'https://own.azure-api.example',
      hosts: [
        at('Own.azure-api.example', false),
        at('strict.example', true),
        at('portal.example', false, 'DeveloperPortal'),
      ],
      regionalHosts: [{ region: 'westeurope', hostName: 'own-01.regional.example', disabled: false }],
    });
    const hosts = renegotiationHosts(some);
    assert.deepEqual([...hosts.asking].sort(), ['own-01.regional.example', 'own.azure-api.example']);
    assert.deepEqual(hosts.configured, ['own.azure-api.example']);
    assert.deepEqual(renegotiationHosts({ ...some, tier: 'BasicV2' }).configured, []);
    const everyCaller = { ...some, hosts: [], enableClientCertificate: true } as const;
    assert.deepEqual([...renegotiationHosts({ ...everyCaller, tier: 'Consumption' }).asking], []);
    // Other tiers refuse the property: what it would mean there is not known.
    assert.equal(renegotiationHosts(everyCaller).asking.size, 2);
  });

  it('names what a row rests on', () => {
    const [one] = estimate({ advice: blocked }).rows;
    assert.ok(one);
    assert.deepEqual(rowSources(one), [
      'Policy of the API: validate-client-certificate',
      'Gateway logs',
      'Azure Advisor: renegotiation blocked',
    ]);
  });

  it('claims no question that was not seen', () => {
    const texts = (inbound: string) => estimate({ policies: policies(inbound) }).rows.flatMap(rowSources);
    const branch = (inside: string) => `<choose><otherwise>${inside}</otherwise></choose>`;
    const handsOn = '<trace source="@(Log(context))" />';
    assert.equal(texts(handsOn)[0], 'Policy of the API: may ask, as context.Request is handed on');
    assert.match(texts(branch(handsOn))[0] ?? '', /is handed on, for some requests$/);
    const reads = '<trace source="@(context.Variables.GetValueOrDefault&lt;X509Certificate2&gt;(&quot;c&quot;))" />';
    assert.equal(texts(reads)[0], 'Policy of the API: may ask, as a certificate comes out of a variable');
    const template = '<set-body template="liquid">{{context.Request.ClientCertificates}}</set-body>';
    assert.equal(
      texts(template)[0],
      'Policy of the API: may ask, as a template has context.Request.ClientCertificates',
    );
  });

  it('tells of policies what was read, what is left, and why', () => {
    const line = (part: object) =>
      sourceLine({
        kind: 'policies',
        read: 5,
        unread: 0,
        left: 0,
        why: null,
        notListed: null,
        malformed: 0,
        leftOut: { workspaces: 0, revisions: 0 },
        ...part,
      }).map(({ tone, text }) => `${tone}: ${text}`);
    assert.deepEqual(line({}), ['good: Policies: all 5 were read.']);
    assert.deepEqual(line({ read: 1 }), ['good: Policies: the only one was read.']);
    assert.deepEqual(line({ read: 0 }), ['good: Policies: there are none.']);
    assert.match(
      line({ read: 0, notListed: { code: 'forbidden' } }).join(),
      /^missing: Policies: Azure does not say[^:]*$/,
    );
    assert.match(line({ unread: 3, left: 3 }).join(), /^missing: Policies: 3 of 8 were not read yet/);
    assert.match(
      line({ unread: 3, left: 1, why: { code: 'forbidden' } }).join(),
      /3 of 8 could not be read\. You have/,
    );
    assert.match(line({ malformed: 2 }).join(), /missing: Policies: the text of 2 could not be understood/);
    assert.match(
      line({ leftOut: { workspaces: 4, revisions: 1 } }).join(),
      /4 policies of workspaces.*1 policy of other/,
    );
  });
});

describe('the table for other programs', () => {
  it('is CSV that reads back as what went in', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (api, operation) => {
        const [found] = estimate().rows;
        assert.ok(found);
        const [head, cells, ...more] = readCsv(renegotiationCsv([{ ...found, api, operation }]));
        assert.deepEqual([head?.slice(0, 2), cells?.length, more], [['API', 'Operation'], 9, []]);
        assert.deepEqual(cells?.slice(0, 2), [spreadsheetSafe(api), spreadsheetSafe(operation)]);
        assert.deepEqual(cells?.slice(4, 7), ['10', '2', readAt]);
      }),
    );
  });

  it('has one line for each row on the clipboard', () => {
    const rows = estimate().rows.map((one) => ({ ...one, api: 'a\tb\nc', operation: '=x' }));
    const lines = renegotiationTable(rows).trimEnd().split('\n');
    assert.equal(lines.length, 2);
    assert.deepEqual(lines[1]?.split('\t').slice(0, 2), ['a b c', "'=x"]);
    assert.equal(lines[1]?.split('\t').length, 9);
  });
});
