// The estimate of which operations ask clients for a certificate by renegotiation.

import assert from 'node:assert/strict';
import type { Azure } from '../../src/azure/access.ts';
import { failureCode } from '../../src/core/failure.ts';
import type { RenegotiationList, RenegotiationProgress } from '../../src/core/renegotiation.ts';
import { askText, sourceLine } from '../../src/core/renegotiationText.ts';
import { readRenegotiations } from '../../src/flows/readRenegotiations.ts';
import { idOf, openScene } from './scene.ts';

const thirty = { days: 30 } as const;
const told = ({ sources }: RenegotiationList) =>
  sources.flatMap(sourceLine).map(({ tone, text }) => `${tone}: ${text}`);
const rowTexts = ({ rows }: RenegotiationList) =>
  rows.map(({ api, operation, version, requests, confidence }) => [api, operation, version, requests, confidence]);

describe('readRenegotiations', () => {
  it('lists operations whose effective policy asks, with their traffic, and how sure that is', async () => {
    const { azure } = openScene();
    const instance = await azure.readInstance(idOf('contoso-b2b'));
    const list = await readRenegotiations(azure, instance, thirty);
    assert.deepEqual(rowTexts(list), [
      ['Purchasing', 'POST /orders', 'tls12', 42_917, 'high'],
      ['Invoices', 'GET /', 'tls12', 9120, 'high'],
      ['Returns', 'POST /', 'tls12', 1806, 'high'],
      ['Tracking', 'GET /{parcel}', 'tls12', 5240, 'medium'],
    ]);
    assert.deepEqual(new Set(list.rows.map(({ host }) => host)), new Set(['b2b.contoso.example']));
    const asks = (api: string) => list.rows.find((row) => row.api === api)?.asks.map(askText);
    assert.deepEqual(asks('Returns'), [
      'Policy of the API, fragment require-partner-certificate: context.Request.Certificate',
    ]);
    assert.deepEqual(asks('Tracking'), [
      'Policy of the product Partners, premium: validate-client-certificate, for some requests',
    ]);
    assert.deepEqual(told(list), [
      'good: Host names that do not ask for the certificate in the first handshake: b2b.contoso.example, contoso-b2b.azure-api.example',
      'good: Policies: all 5 were read.',
      'missing: Named values in these policies that are secret, in a Key Vault or missing, so what they stand for is not known: partner-key',
      'good: Gateway logs: the last 30 days were read.',
      'good: Azure Advisor: TLS renegotiation was blocked for b2b.contoso.example. Its recommendation is of 2026-11-20 05:00:00 UTC.',
    ]);
  });

  it('sees through expressions that keep the request, and only suspects where they hand it on', async () => {
    const inbound = (expression: string) =>
      `<policies><inbound><base /><set-variable name="x" value="${expression}" /></inbound></policies>`;
    const policy: Readonly<Record<string, string>> = {
      'purchasing-api': inbound(
        '@{&#xA;// the request&#xA;var r = context.Request;&#xA;return r.Certificate == null; }',
      ),
      'invoices-api': inbound('@(Inspect(context.Request))'),
      'tracking-api': inbound('@(&quot;context.Request.Certificate&quot;)'),
    };
    const { azure } = openScene({
      having: (service) =>
        service.name !== 'contoso-b2b'
          ? service
          : {
              ...service,
              products: [],
              apis: (service.apis ?? []).map((api) => {
                const operations = (api.operations ?? []).map(({ name, title, method, urlTemplate }) => ({
                  name,
                  title,
                  method,
                  urlTemplate,
                }));
                return { ...api, operations, policy: policy[api.name] ?? inbound('1') };
              }),
            },
    });
    const instance = await azure.readInstance(idOf('contoso-b2b'));
    const { rows } = await readRenegotiations(azure, instance, thirty);
    assert.deepEqual(
      new Set(rows.map(({ api, confidence }) => `${api} ${confidence}`)),
      new Set(['Purchasing high', 'Invoices medium']),
    );
    assert.deepEqual(
      new Set(rows.flatMap(({ asks }) => asks.map(askText))),
      new Set([
        'Policy of the API: context.Request.Certificate',
        'Policy of the API: may ask, as context.Request is handed on',
      ]),
    );
  });

  it('tells how far it is', async () => {
    const { azure } = openScene();
    const progress: RenegotiationProgress[] = [];
    const instance = await azure.readInstance(idOf('contoso-b2b'));
    await readRenegotiations(azure, instance, { ...thirty, onProgress: (step) => progress.push(step) });
    assert.deepEqual([...new Set(progress.map(({ step }) => step))], ['logs', 'policies', 'operations']);
    assert.deepEqual(
      progress.filter(({ step }) => step === 'policies'),
      [1, 2, 3, 4, 5].map((done) => ({ step: 'policies', done, total: 5 })),
    );
  });

  it('has nothing to list where every host asks in the first handshake, or the tier does not renegotiate', async () => {
    const { azure, requests } = openScene();
    const instance = await azure.readInstance(idOf('contoso-b2b'));
    const before = requests.length;
    const hosts = instance.hosts.map((host) => ({ ...host, negotiateClientCertificate: true }));
    const asked = await readRenegotiations(azure, { ...instance, hosts }, thirty);
    assert.deepEqual(asked.rows, []);
    assert.match(told(asked).join(), /every one asks for the certificate in the first handshake/);
    for (const tier of ['StandardV2', 'PremiumV2', 'BasicV2']) {
      const list = await readRenegotiations(azure, { ...instance, tier }, thirty);
      assert.deepEqual(
        [list.rows, told(list)],
        [[], [`note: Does not apply: the ${tier} tier has no client certificate renegotiation.`]],
      );
    }
    assert.equal(requests.length, before);
  });

  it('has nothing to list where a Consumption instance asks every caller in the first handshake', async () => {
    const open = (asks: boolean) =>
      openScene({
        having: (service) =>
          service.name !== 'contoso-events' || !asks ? service : { ...service, enableClientCertificate: true },
      });
    for (const asks of [true, false]) {
      const { azure } = open(asks);
      const instance = await azure.readInstance(idOf('contoso-events'));
      const list = await readRenegotiations(azure, instance, thirty);
      assert.equal(/every one asks for the certificate in the first handshake/.test(told(list).join()), asks);
      const rows = await azure.readEstate();
      const listed = rows.instances.find(({ name }) => name === 'contoso-events');
      assert.equal(listed?.enableClientCertificate ?? false, asks, 'by Resource Graph as well');
    }
  });

  it('takes missing logs for traffic that is not known, and not for none', async () => {
    const { azure, faults } = openScene();
    const instance = await azure.readInstance(idOf('contoso-b2b'));
    faults.add({ match: { path: /diagnosticSettings/ }, times: Infinity, fault: { kind: 'forbidden' } });
    const list = await readRenegotiations(azure, instance, thirty);
    const ofHost = list.rows.filter(({ host }) => host === 'b2b.contoso.example');
    assert.deepEqual(
      ofHost.map(({ api, covers, operation, requests, version }) => [api, covers, operation, requests, version]).sort(),
      [
        ['Invoices', 'all', '', null, null],
        ['Purchasing', 'one', 'POST /orders', null, null],
        ['Returns', 'other', '', null, null],
        ['Tracking', 'all', '', null, null],
      ],
    );
    assert.match(told(list).join('\n'), /missing: Gateway logs: You may not read the logs/);
    assert.ok(list.rows.every(({ confidence }) => confidence !== 'high'));
  });

  it('goes on without what is refused, and says so', async () => {
    const { azure, faults } = openScene();
    const instance = await azure.readInstance(idOf('contoso-b2b'));
    const refuse = (path: RegExp) => faults.add({ match: { path }, times: Infinity, fault: { kind: 'forbidden' } });
    refuse(/Microsoft\.Advisor/);
    refuse(/\/apis\/returns-api\/policies/);
    refuse(/policyFragments/);
    const list = await readRenegotiations(azure, instance, thirty);
    const text = told(list).join('\n');
    assert.match(text, /missing: Azure Advisor: not read\./);
    assert.match(text, /missing: Policies: 1 of 5 could not be read\./);
    assert.ok(list.rows.every(({ advised, confidence }) => !advised && confidence !== 'high'));
    assert.deepEqual(new Set(list.rows.map(({ api }) => api)), new Set(['Purchasing', 'Invoices', 'Tracking']));
  });

  it('names fragments that it could not read', async () => {
    const { azure, faults } = openScene();
    const instance = await azure.readInstance(idOf('contoso-b2b'));
    faults.add({ match: { path: /policyFragments/ }, times: Infinity, fault: { kind: 'forbidden' } });
    const list = await readRenegotiations(azure, instance, thirty);
    assert.match(
      told(list).join('\n'),
      /missing: Policy fragments that could not be read.*: require-partner-certificate/,
    );
    assert.ok(list.rows.every(({ api }) => api !== 'Returns'));
  });

  it('stops at every request when it is cancelled', async () => {
    const scene = openScene();
    const instance = await scene.azure.readInstance(idOf('contoso-b2b'));
    let total = 0;
    await readRenegotiations(scene.connect({ onRequest: () => (total += 1) }), instance, thirty);
    assert.ok(total > 10);
    for (let at = 1; at <= total; at += 1) {
      const cancel = new AbortController();
      let sent = 0;
      const azure: Azure = scene.connect({ onRequest: () => (sent += 1) === at && cancel.abort() });
      await assert.rejects(
        readRenegotiations(azure, instance, { ...thirty, signal: cancel.signal }),
        (error) => failureCode(error) === 'cancelled',
        `request ${at}`,
      );
    }
  });
});
