// Paths of operations, where client certificates matter.

import assert from 'node:assert/strict';
import fc from 'fast-check';
import { findingText } from '../../src/core/findingText.ts';
import { hostAndPort } from '../../src/core/instance.ts';
import type { BackendHost } from '../../src/core/instance.ts';
import type { Endpoint, Survey } from '../../src/core/tls/evidence.ts';
import { asksAfterRequest } from '../../src/core/tls/paths.ts';
import { requestedPathsText } from '../../src/core/tls/pathText.ts';
import type { SampleService } from '../../src/emulator/model.ts';
import { memoryStore } from '../../src/emulator/state.ts';
import { openSampleEstate } from '../../src/emulator/sample.ts';
import { pathsOf } from '../../src/flows/askPaths.ts';
import { checkSettings } from '../../src/flows/checkSettings.ts';
import type { Probe } from '../../src/flows/checkSettings.ts';
import { requestedPath } from '../../src/flows/operationPaths.ts';
import { surveyAll } from '../../src/probe/survey.ts';
import { survey as surveyOf } from '../support/instances.ts';
import { idOf, openScene } from './scene.ts';

describe('paths of operations', () => {
  const of = (url: string, ...templates: readonly string[]) =>
    templates.map((template) => {
      const { path, source } = requestedPath(url, template, { kind: 'own' });
      return `${path} ${source}`;
    });

  it('are those below the address of the backend', () => {
    const url = 'https://one.example/v2/?code=1';
    assert.deepEqual(of(url, '/a/b', '/', 'c', '/e?x={x}'), [
      '/v2/a/b operation',
      '/v2/ operation',
      '/v2/c operation',
      '/v2/e operation',
    ]);
    assert.deepEqual(of('https://one.example', '/a'), ['/a operation']);
    assert.deepEqual(of('https://one.example/', '/a'), ['/a operation']);
  });

  it('are cut before the first parameter, and never within a segment', () => {
    const url = 'https://one.example/v2';
    assert.deepEqual(of(url, '/a/{id}/b', '/items({id})', '/files/*', '/{*rest}'), [
      '/v2/a/ cut',
      '/v2/ cut',
      '/v2/files/ cut',
      '/v2/ cut',
    ]);
  });

  it('are what a policy rewrites them to', () => {
    const to = (template: string) => {
      const { path, source } = requestedPath('https://one.example/v2/', '/a/{id}', { kind: 'rewritten', template });
      return `${path} ${source}`;
    };
    assert.equal(to('/foo/bar?x=1&y={id}'), '/v2/foo/bar rewritten');
    assert.equal(to('foo'), '/v2/foo rewritten');
    assert.equal(to('/'), '/v2/ rewritten');
    assert.equal(to('/hardware/{store}&{order}?City'), '/v2/hardware/ rewrittenCut');
    assert.equal(to('?x=1'), '/v2/ rewritten');
  });

  it('have no parameter in them, whatever the template', () => {
    const template = fc.array(fc.constantFrom('/', 'a', '{id}', '{', '}', '*', '?q={q}', '#', '-'), { maxLength: 8 });
    fc.assert(
      fc.property(template, (parts) => {
        const template = parts.join('');
        for (const path of [{ kind: 'own' }, { kind: 'rewritten', template }] as const)
          assert.match(requestedPath('https://one.example/x', template, path).path, /^\/x\/[^{*?#]*$/);
      }),
    );
  });

  it('are asked busiest first, and none twice', () => {
    const call = (path: string, requests: number) => ({ api: 'orders', operation: 'get', requests, path });
    const host: BackendHost = {
      host: 'one.example',
      port: 443,
      scheme: 'https',
      usedBy: [
        {
          kind: 'api',
          id: '/a',
          title: 'a',
          url: 'https://one.example/base',
          validateChain: true,
          validateName: true,
          clientCertificate: false,
        },
      ],
      seen: {
        requests: 9,
        failures: 0,
        failureText: '',
        serverErrors: 0,
        lastSeen: null,
        days: 30,
        readAt: '',
        calls: [call('/busy', 7), call('', 5), call('/base', 3), call('/rare', 1)],
      },
    };
    const operations = new Map([
      [
        'one.example:443',
        {
          paths: [{ path: '/rare', source: 'operation' } as const, { path: '/more', source: 'cut' } as const],
        },
      ],
    ]);
    assert.deepEqual(
      pathsOf(host, operations).map(({ path, source }) => `${path} ${source}`),
      ['/busy log', '/rare log', '/more cut'],
    );
  });
});

describe('a check with paths of operations', () => {
  interface Asked {
    readonly endpoint: Endpoint;
    readonly depth: string | undefined;
  }
  /** Every server has TLS 1.2 and 1.3; one path of one of them asks for a certificate. */
  const probeWith = (asked: Asked[], asksAt: string): Probe => ({
    surveyAll: (endpoints, _, onSurvey, options) => {
      const surveys = endpoints.map((endpoint): Survey => {
        asked.push({ endpoint, depth: options?.depth });
        const seen = `${endpoint.host}${endpoint.path ?? ''}` === asksAt ? 'seen' : 'not-seen';
        const survey = surveyOf({ tls12: [0xc030], tls13: [0x1302] });
        return {
          ...survey,
          endpoint: { ...endpoint, serverName: endpoint.host, address: '127.0.0.1:1' },
          clientCertificate: {
            inHandshake: endpoint.host.startsWith('bank') ? 'required' : 'none-seen',
            renegotiation: seen,
            postHandshake: 'not-seen',
            acceptableIssuers: [],
          },
        };
      });
      surveys.forEach(onSurvey);
      return Promise.resolve(surveys);
    },
  });
  const prod = idOf('contoso-shop-prod');
  const traffic = { days: 30, withinMs: 5000 } as const;
  const on13 = { 'backend.tls13': 'on' } as const;

  it('sends no request that nobody chose', async () => {
    for (const more of [{}, { pathsPerHost: 0 }]) {
      const asked: Asked[] = [];
      const probe = probeWith(asked, '');
      const scene = openScene();
      await checkSettings({ azure: scene.azure, probe, instanceId: prod, changes: on13, traffic, ...more });
      assert.ok(!scene.requests.some(({ path }) => path.endsWith('/operations')), 'nor are operations read');
      const hosts = asked.map(({ endpoint }) => hostAndPort(endpoint));
      assert.equal(new Set(hosts).size, hosts.length, 'each host once');
    }
    const asked: Asked[] = [];
    const changes = { 'backend.tls10': 'off' } as const;
    await checkSettings({
      azure: openScene().azure,
      probe: probeWith(asked, ''),
      instanceId: prod,
      changes,
      pathsPerHost: 9,
    });
    assert.ok(
      asked.every(({ endpoint }) => endpoint.path === undefined),
      'TLS 1.3 does not come on',
    );
  });

  it('requests what the logs have seen, blocks where one path asks, and names the path', async () => {
    const asked: Asked[] = [];
    const probe = probeWith(asked, 'catalog.contoso.example/v3/products/4711');
    const { azure } = openScene();
    const result = await checkSettings({ azure, probe, instanceId: prod, changes: on13, traffic, pathsPerHost: 2 });
    const further = asked.filter(({ depth }) => depth === 'versions');
    assert.deepEqual(
      further.filter(({ endpoint }) => endpoint.host.startsWith('catalog')).map(({ endpoint }) => endpoint.path),
      ['/v3/products', '/v3/products/4711'],
    );
    assert.ok(!further.some(({ endpoint }) => endpoint.host.startsWith('bank')), 'asks in the handshake');
    assert.ok(!further.some(({ endpoint }) => endpoint.host.startsWith('orders')), 'is only sent POST');
    const blocker = result.plan.findings.find(({ code }) => code === 'backendRenegotiates');
    assert.ok(blocker?.code === 'backendRenegotiates');
    assert.deepEqual(
      [blocker.host, blocker.paths, blocker.seen?.requests],
      ['catalog.contoso.example:443', ['/v3/products/4711'], 7_823_472],
    );
    assert.match(findingText(blocker), /catalog\.contoso\.example:443 \(path \/v3\/products\/4711\)/);
    const evidence = result.surveys['catalog.contoso.example:443']?.clientCertificate.paths;
    assert.deepEqual(
      evidence?.map(({ path, source, renegotiation }) => [path, source, renegotiation]),
      [
        ['/v3/products', 'log', 'not-seen'],
        ['/v3/products/4711', 'log', 'seen'],
      ],
    );
  });

  it('requests operations of APIs that a policy leads to a host, where the logs know none', async () => {
    const asked: Asked[] = [];
    const { azure } = openScene();
    await checkSettings({ azure, probe: probeWith(asked, ''), instanceId: prod, changes: on13, pathsPerHost: 5 });
    const further = asked.filter(({ depth }) => depth === 'versions');
    assert.deepEqual(
      further.filter(({ endpoint }) => endpoint.host.startsWith('catalog')).map(({ endpoint }) => endpoint.path),
      ['/v3/products', '/v3/products/'],
    );
  });

  it('requests what policies rewrite paths to, and nothing where that is not known', async () => {
    const inbound = (text: string) => `<policies><inbound><base />${text}</inbound></policies>`;
    const policies: Readonly<Record<string, string>> = {
      '/constant': inbound('<rewrite-uri template="/v7/items?all=true" />'),
      '/with/{id}': inbound('<rewrite-uri template="/secure/{id}/x" copy-unmatched-params="false" />'),
      '/computed': inbound('<rewrite-uri template="@(context.Request.Url.Path)" />'),
      '/branch': inbound('<choose><when condition="@(true)"><rewrite-uri template="/b" /></when></choose>'),
      // Elsewhere: the backend of the API does not count for it.
      '/elsewhere': inbound('<set-backend-service backend-id="payments" /><rewrite-uri template="/paid" />'),
      '/alone': '<policies><inbound /></policies>',
    };
    const urlTemplates = ['/plain', ...Object.keys(policies)];
    const { azure } = openScene({
      having: (service) => ({
        ...service,
        apis: (service.apis ?? []).map((api) =>
          api.name !== 'catalog-api'
            ? api
            : {
                ...api,
                policy: inbound('<set-backend-service base-url="https://catalog.contoso.example/v3/" />'),
                serviceUrl: 'https://notifications.contoso.example/own',
                operations: urlTemplates.map((urlTemplate, index) => ({
                  name: `op-${index}`,
                  title: urlTemplate,
                  method: 'GET',
                  urlTemplate,
                  ...(policies[urlTemplate] === undefined ? {} : { policy: policies[urlTemplate] }),
                })),
              },
        ),
      }),
    });
    const asked: Asked[] = [];
    const probe = probeWith(asked, 'catalog.contoso.example/v3/secure/');
    const result = await checkSettings({ azure, probe, instanceId: prod, changes: on13, pathsPerHost: 9 });
    const pathsAt = (name: string) =>
      asked
        .filter(({ depth, endpoint }) => depth === 'versions' && endpoint.host.startsWith(name))
        .map(({ endpoint }) => endpoint.path);
    assert.deepEqual(pathsAt('catalog'), ['/v3/plain', '/v3/v7/items', '/v3/secure/']);
    assert.deepEqual(pathsAt('payments'), ['/paid']);
    // Its policy takes nothing over, so that it goes to the API's own address.
    assert.deepEqual(pathsAt('notifications'), ['/own/alone']);
    const survey = result.surveys['catalog.contoso.example:443'];
    assert.ok(survey);
    assert.deepEqual(survey.clientCertificate.unknownPaths, {
      instance: 'contoso-shop-prod',
      total: 2,
      first: [
        { title: 'Catalogue › GET /computed', why: 'expression' },
        { title: 'Catalogue › GET /branch', why: 'condition' },
      ],
    });
    assert.deepEqual(
      survey.clientCertificate.paths?.map(({ path, source }) => [path, source]),
      [
        ['/v3/plain', 'operation'],
        ['/v3/v7/items', 'rewritten'],
        ['/v3/secure/', 'rewrittenCut'],
      ],
    );
    assert.equal(
      requestedPathsText(survey),
      'Asks for a client certificate after a request for /v3/secure/ up to the first parameter; ' +
        '2 operations of contoso-shop-prod not requested, paths not known',
    );
    const blocker = result.plan.findings.find(({ code }) => code === 'backendRenegotiates');
    assert.ok(blocker);
    assert.match(findingText(blocker), /\(path \/v3\/secure\/ up to the first parameter\)/);
  });

  it('requests no path of an operation where policies may not be read', async () => {
    const operation = { name: 'list', title: 'List', method: 'GET', urlTemplate: '/list' };
    const having = (service: SampleService): SampleService => ({
      ...service,
      apis: (service.apis ?? []).map((api) =>
        api.name === 'notifications-api' ? { ...api, operations: [operation] } : api,
      ),
    });
    for (const forbidden of [false, true]) {
      const scene = openScene({ having });
      if (forbidden) scene.faults.add({ match: { path: /polic/i }, times: Infinity, fault: { kind: 'forbidden' } });
      const asked: Asked[] = [];
      const probe = probeWith(asked, '');
      const { azure } = scene;
      const { surveys } = await checkSettings({ azure, probe, instanceId: prod, changes: on13, pathsPerHost: 5 });
      const paths = asked.filter(({ depth }) => depth === 'versions').map(({ endpoint }) => endpoint.path);
      assert.equal(paths.includes('/v2/list'), !forbidden);
      assert.deepEqual(
        surveys['notifications.contoso.example:443']?.clientCertificate.unknownPaths?.first,
        forbidden ? [{ title: 'Notifications › GET /list', why: 'unread' }] : undefined,
      );
    }
  });

  it('asks for no more paths of a host than were chosen', async () => {
    const asked: Asked[] = [];
    const { azure } = openScene();
    await checkSettings({
      azure,
      probe: probeWith(asked, ''),
      instanceId: prod,
      changes: on13,
      traffic,
      pathsPerHost: 1,
    });
    const further = asked.filter(({ depth }) => depth === 'versions').map(({ endpoint }) => endpoint.host);
    assert.ok(further.length > 0 && new Set(further).size === further.length);
  });

  it('stops where it is cancelled', async () => {
    const stop = new AbortController();
    const probe: Probe = {
      surveyAll: (...all) => {
        if (all[3]?.depth === 'versions') stop.abort();
        return probeWith([], '').surveyAll(...all);
      },
    };
    const options = { instanceId: prod, changes: on13, traffic, pathsPerHost: 5, signal: stop.signal };
    await assert.rejects(checkSettings({ azure: openScene().azure, probe, ...options }), { message: 'cancelled' });
  });

  it('sees a real server that asks on one path only', async () => {
    const sample = await openSampleEstate({ store: memoryStore() });
    try {
      const endpoint = { host: 'identity.contoso.example', port: 443 };
      const look = async (path: string) => {
        const [survey] = await surveyAll([{ ...endpoint, path }], null, () => undefined, {
          depth: 'versions',
          route: sample.route,
        });
        return asksAfterRequest(survey).asks;
      };
      assert.deepEqual([await look('/'), await look('/secure/keys')], ['not-seen', 'seen']);
    } finally {
      await sample.close();
    }
  });
});

describe('a check with the logs', () => {
  it('probes the hosts that only the logs know after the others, and weighs what it finds', async () => {
    const rounds: string[][] = [];
    const probe: Probe = {
      surveyAll: (endpoints, _, onSurvey) => {
        rounds.push(endpoints.map(({ host }) => host));
        endpoints.forEach((endpoint) =>
          onSurvey({
            ...surveyOf({ tls10: [0xc013] }),
            endpoint: { ...endpoint, serverName: endpoint.host, address: null },
          }),
        );
        return Promise.resolve([]);
      },
    };
    const { azure } = openScene();
    const input = { azure, probe, instanceId: idOf('contoso-shop-prod'), changes: { 'backend.tls10': 'off' } as const };
    const without = await checkSettings(input);
    assert.ok(!without.backends?.some(({ host }) => host.startsWith('fraud')));
    rounds.length = 0;
    const result = await checkSettings({ ...input, traffic: { days: 7, withinMs: 5000 } });
    assert.deepEqual(rounds.slice(1), [['fraud.contoso.example']]);
    assert.equal(result.done, result.total);
    const [first] = result.plan.findings.filter(({ code }) => code === 'backendBreaks');
    assert.ok(
      first?.code === 'backendBreaks' && first.host === 'catalog.contoso.example:443' && first.seen?.days === 7,
    );
  });

  it('goes on where they cannot be read, and keeps why', async () => {
    const scene = openScene();
    scene.faults.add({ match: { path: /\/query$/ }, times: Infinity, fault: { kind: 'serverError' } });
    const probe: Probe = { surveyAll: () => Promise.resolve([]) };
    const input = { azure: scene.azure, probe, instanceId: idOf('contoso-shop-prod') };
    const changes = { 'backend.tls10': 'off' } as const;
    const result = await checkSettings({ ...input, changes, traffic: { days: 30, withinMs: 5000 } });
    assert.deepEqual([result.seen, result.seenFailure?.code], [null, 'unavailable']);
    assert.ok(result.plan.findings.length > 0);
  });
});
