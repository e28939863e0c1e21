// Which hosts the policies of a gateway lead to.

import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { BackendEntity } from '../../src/azure/access.ts';
import { parsePolicy } from '../../src/azure/policies.ts';
import { findingText } from '../../src/core/findingText.ts';
import { hostAndPort } from '../../src/core/instance.ts';
import type { BackendCall, PolicyFacts, PolicyReading } from '../../src/core/policyFacts.ts';
import { backendPath } from '../../src/flows/backendUrl.ts';
import { checkSettings } from '../../src/flows/checkSettings.ts';
import type { Probe } from '../../src/flows/checkSettings.ts';
import { hostsOf, readBackendHosts } from '../../src/flows/readBackendHosts.ts';
import { policyBackends } from '../../src/flows/policyBackends.ts';
import { survey } from '../support/instances.ts';
import { readingOf } from '../support/policyReadings.ts';
import { idOf, openScene } from './scene.ts';

const call = (kind: BackendCall['kind'], text: string): BackendCall => ({
  kind,
  text,
  section: 'inbound',
  conditional: false,
});
const facts = (backends: readonly BackendCall[], fragments: readonly string[] = []): PolicyFacts => ({
  sections: ['inbound'],
  asks: [],
  fragments: fragments.map((name) => ({ name, section: 'inbound', conditional: false })),
  bases: [],
  backends,
  steps: [],
  namedValues: [],
  certificateVariables: [],
  variablesSet: [],
});
const apis = [{ id: '/apis/orders', name: 'orders', title: 'Orders', path: 'orders', serviceUrl: null }];
const onApi = (policy: PolicyFacts | null) => ({ scope: { kind: 'api', api: 'orders' } as const, facts: policy });
const entity = (name: string, url: string, more: Partial<BackendEntity> = {}): BackendEntity => ({
  id: `/backends/${name}`,
  name,
  title: `${name} title`,
  url,
  type: 'Single',
  poolMembers: [],
  validateChain: false,
  validateName: true,
  clientCertificate: true,
  ...more,
});
const usesBy = (policies: PolicyReading, backends: readonly BackendEntity[] | null = []) => {
  const { hosts, unreadable } = hostsOf(backends, apis, policies);
  return {
    hosts: hosts.map((host) => [hostAndPort(host), ...host.usedBy.map(({ kind, title }) => `${kind} ${title}`)]),
    unreadable,
  };
};

describe('backends in policies', () => {
  it('are addresses of set-backend-service and of requests that policies send, with API and operation', () => {
    const operation = { kind: 'operation', api: 'orders', operation: 'place-order' } as const;
    const found = usesBy(
      readingOf({
        policies: [
          { scope: { kind: 'global' }, facts: facts([call('requestUrl', 'https://audit.example/log?code=1')]) },
          { scope: { kind: 'product', product: 'gold' }, facts: facts([call('baseUrl', 'https://gold.example')]) },
          onApi(facts([call('baseUrl', 'https://one.example/v1'), call('forward', '')])),
          { scope: operation, facts: facts([call('baseUrl', 'https://one.example/v1')]) },
        ],
        products: [{ name: 'gold', title: 'Gold', apis: [] }],
      }),
    );
    assert.deepEqual(found, {
      hosts: [
        ['audit.example:443', 'policy All APIs'],
        ['gold.example:443', 'policy Product Gold'],
        ['one.example:443', 'policy Orders', 'policy Orders › place-order'],
      ],
      unreadable: [],
    });
  });

  it('join the entity that they name, with its flags, or each member of its pool', () => {
    const backends = [
      entity('one', 'https://one.example'),
      entity('two', 'https://two.example'),
      entity('both', '', { type: 'Pool', poolMembers: ['/backends/one', '/backends/two'] }),
    ];
    const policies = readingOf({ policies: [onApi(facts([call('backendId', 'ONE'), call('backendId', 'both')]))] });
    const { hosts } = hostsOf(backends, apis, policies);
    const uses = hosts.flatMap(({ usedBy }) => usedBy).filter(({ kind }) => kind === 'policy');
    assert.deepEqual(
      uses.map(({ title, url, validateChain, clientCertificate }) => [title, url, validateChain, clientCertificate]),
      [
        ['Orders', 'https://one.example', false, true],
        ['Orders', 'https://one.example', false, true],
        ['Orders', 'https://two.example', false, true],
      ],
    );
    assert.deepEqual(
      usesBy(readingOf({ policies: [onApi(facts([call('backendId', 'gone')]))] }), backends).unreadable,
      [{ title: 'Orders', url: 'gone' }],
    );
    // That entities could not be listed is told once, and not for each policy.
    assert.deepEqual(usesBy(policies, null), { hosts: [], unreadable: [] });
  });

  it('are not asked for the path of a request that a policy sends: it may do something', () => {
    const { hosts } = hostsOf(
      [],
      apis.map((one) => ({ ...one, serviceUrl: 'https://one.example/v1' })),
      readingOf({
        policies: [
          onApi(
            facts([
              call('requestUrl', 'https://jobs.example/run/all'),
              call('requestUrl', 'https://one.example/cache/clear'),
              call('baseUrl', 'https://two.example/v2'),
            ]),
          ),
        ],
      }),
    );
    assert.deepEqual(
      hosts.map((host) => [host.host, backendPath(host)]),
      [
        ['jobs.example', '/'],
        ['one.example', '/v1'],
        ['two.example', '/v2'],
      ],
    );
  });

  it('have their named values resolved, where those may be read', () => {
    const namedValues = [
      { name: 'host', value: 'one.example' },
      { name: 'key', value: null },
      { name: 'computed', value: '@(context.Request.Url.Host)' },
    ];
    const of = (text: string) => usesBy(readingOf({ policies: [onApi(facts([call('baseUrl', text)]))], namedValues }));
    assert.deepEqual(of('https://{{host}}:8443/x').hosts, [['one.example:8443', 'policy Orders']]);
    assert.deepEqual(of('https://{{key}}/x').unreadable, [{ title: 'Orders', url: 'https://{{key}}/x' }]);
    assert.deepEqual(of('https://{{none}}').unreadable, [{ title: 'Orders', url: 'https://{{none}}' }]);
    const computed = [{ title: 'Orders', url: 'computed by a policy expression' }];
    assert.deepEqual(of('{{computed}}').unreadable, computed);
    assert.deepEqual(of('@("https://" + context.Variables["secret"])').unreadable, computed);
    assert.deepEqual(of('@{ return "x"; }').unreadable, computed);
    assert.deepEqual(
      of('@("secret" + "{{key}}")').unreadable,
      computed,
      'its text is not shown for a named value in it',
    );
  });

  it('of a fragment that is not known are told as unreadable, once for each policy', () => {
    const fragments = [{ name: 'broken', facts: null }];
    const found = usesBy(readingOf({ policies: [onApi(facts([], ['Broken', 'broken', 'gone']))], fragments }));
    assert.deepEqual(found, {
      hosts: [],
      unreadable: [
        { title: 'Orders', url: 'the policy fragment broken, which was not read' },
        { title: 'Orders', url: 'the policy fragment gone, which was not read' },
      ],
    });
    // Where none could be listed, one line says so.
    const why = { code: 'forbidden' } as const;
    const unlisted = readingOf({ policies: [onApi(facts([], ['gone']))], missing: [{ list: 'fragments', why }] });
    assert.equal(usesBy(unlisted).unreadable.length, 1);
  });

  it('are those of included fragments too, also of fragments within them', () => {
    const fragments = [
      { name: 'outer', facts: facts([], ['inner', 'outer']) },
      { name: 'inner', facts: facts([call('baseUrl', 'https://inner.example')], ['outer']) },
      { name: 'unused', facts: facts([call('baseUrl', 'https://unused.example')]) },
    ];
    const found = usesBy(readingOf({ policies: [onApi(facts([], ['Outer', 'gone']))], fragments }));
    assert.deepEqual(found.hosts, [['inner.example:443', 'policy Orders']]);
  });

  it('say what could not be read', () => {
    const why = { code: 'forbidden', action: 'Microsoft.ApiManagement/service/policies/read' } as const;
    const found = usesBy(
      readingOf({
        policies: [onApi(null)],
        unread: [{ scope: { kind: 'operation', api: 'orders', operation: 'get' }, why: null }],
        missing: [
          { list: 'policies', why },
          { list: 'namedValues', why },
        ],
      }),
    );
    assert.deepEqual(found.unreadable, [
      { title: 'Orders', url: 'a policy that cannot be read as XML' },
      { title: 'Orders › get', url: 'a policy that was not read' },
      { title: 'the addresses in policies (Microsoft.ApiManagement/service/policies/read)', url: '' },
    ]);
  });

  it('show nothing of an expression and nothing of a value that is secret', () => {
    const texts = fc.tuple(fc.string(), fc.constantFrom('@(', '@{', '{{key}}'), fc.string());
    fc.assert(
      fc.property(texts, ([before, middle, after]) => {
        const text = `https://${before}SECRET${middle}${after}SECRET`;
        const namedValues = [{ name: 'key', value: null }];
        const { unreadable, uses } = policyBackends(
          readingOf({ policies: [onApi(facts([call('baseUrl', text)]))], namedValues }),
          apis,
        );
        assert.equal(uses.length, 0);
        if (middle !== '{{key}}') assert.ok(unreadable.every(({ url }) => !url.includes('SECRET')));
      }),
    );
  });

  const inbound = (text: string) => parsePolicy(`<policies><inbound><base />${text}</inbound></policies>`);
  const certificate = '<authentication-certificate certificate-id="c" />';
  const branch = (text: string) => `<choose><when condition="@(true)">${text}</when></choose>`;
  /** By title of what calls: which certificate a policy presents. */
  const presented = (
    policies: PolicyReading,
    backends: readonly BackendEntity[] = [],
    serviceUrl: string | null = null,
  ) =>
    Object.fromEntries(
      hostsOf(
        backends,
        apis.map((one) => ({ ...one, serviceUrl })),
        policies,
      )
        .hosts.flatMap(({ usedBy }) => usedBy)
        .map(({ kind, title, policyCertificate }) => [`${kind} ${title}`, policyCertificate ?? 'none']),
    );
  const bare = entity('bank', 'https://bank.example', { clientCertificate: false });

  it('are called with the certificate that a policy presents, where it applies', () => {
    const get = { kind: 'operation', api: 'orders', operation: 'get' } as const;
    const call = '<set-backend-service backend-id="bank" />';
    const url = '<set-backend-service base-url="https://bank.example" />';
    const all = (text: string) => presented(readingOf({ policies: [onApi(inbound(text))] }), [bare]);
    assert.deepEqual(all(call + certificate), { 'backend bank title': 'all', 'policy Orders': 'all' });
    assert.deepEqual(all(call + branch(certificate)), { 'backend bank title': 'some', 'policy Orders': 'some' });
    assert.deepEqual(all(call), { 'backend bank title': 'none', 'policy Orders': 'none' });
    assert.deepEqual(all(url + certificate), { 'backend bank title': 'none', 'policy Orders': 'all' });
    // An operation that takes nothing over calls the same entity without one.
    assert.deepEqual(
      presented(
        readingOf({
          policies: [
            onApi(inbound(call + certificate)),
            { scope: get, facts: parsePolicy(`<policies><inbound>${call}</inbound></policies>`) },
          ],
        }),
        [bare],
      ),
      { 'backend bank title': 'some', 'policy Orders': 'some', 'policy Orders › get': 'none' },
    );
    // The certificate of one operation is not that of the others.
    assert.deepEqual(
      presented(readingOf({ policies: [onApi(inbound(call)), { scope: get, facts: inbound(certificate + call) }] }), [
        bare,
      ]),
      { 'backend bank title': 'some', 'policy Orders': 'some', 'policy Orders › get': 'all' },
    );
  });

  it('are called with that of the policy of all APIs and of a product, too', () => {
    const service = 'https://bank.example';
    const global = { scope: { kind: 'global' } as const, facts: inbound(certificate) };
    assert.deepEqual(presented(readingOf({ policies: [global] }), [], service), { 'api Orders': 'all' });
    assert.deepEqual(
      presented(readingOf({ policies: [global, onApi(parsePolicy('<policies><inbound /></policies>'))] }), [], service),
      { 'api Orders': 'none' },
    );
    const gold = {
      scope: { kind: 'product', product: 'gold' } as const,
      facts: inbound(`${certificate}<set-backend-service backend-id="bank" />`),
    };
    const products = [{ name: 'gold', title: 'Gold', apis: ['orders'] }];
    assert.deepEqual(presented(readingOf({ policies: [gold], products }), [bare], service), {
      'backend bank title': 'all',
      'policy Product Gold': 'all',
      'api Orders': 'none',
    });
  });

  it('are called with that of the entity alone where it has one', () => {
    const own = entity('bank', 'https://bank.example');
    const text = `<set-backend-service backend-id="bank" />${certificate}`;
    assert.deepEqual(presented(readingOf({ policies: [onApi(inbound(text))] }), [own]), {
      'backend bank title': 'none',
      'policy Orders': 'none',
    });
  });

  it('are called through a pool with what the policy presents', () => {
    const pool = entity('pool', '', { type: 'Pool', poolMembers: ['/backends/bank'] });
    const text = `<set-backend-service backend-id="POOL" />${certificate}`;
    assert.deepEqual(presented(readingOf({ policies: [onApi(inbound(text))] }), [bare, pool]), {
      'backend bank title': 'all',
      'pool pool title': 'all',
      'policy Orders': 'all',
    });
  });

  it('tell the certificate of a request that a policy sends from that of the others', () => {
    const send = (inside: string) =>
      `<send-request mode="new"><set-url>https://audit.example</set-url>${inside}</send-request>`;
    const service = 'https://bank.example';
    const of = (text: string) => presented(readingOf({ policies: [onApi(inbound(text))] }), [], service);
    assert.deepEqual(of(send(certificate)), { 'policy Orders': 'all', 'api Orders': 'none' });
    assert.deepEqual(of(send('') + certificate), { 'policy Orders': 'none', 'api Orders': 'all' });
  });

  it('of the sample estate that require a certificate are not said to get none where a policy presents one', async () => {
    const { azure } = openScene({
      having: (service) => ({
        ...service,
        backends: (service.backends ?? []).map((one) => ({ ...one, certificates: [] })),
        apis: (service.apis ?? []).map((api) =>
          api.name !== 'notifications-api' && api.name !== 'inventory-api'
            ? api
            : {
                ...api,
                policy: `<policies><inbound><base /><set-backend-service backend-id="bank" />${
                  api.name === 'inventory-api' ? branch(certificate) : certificate
                }</inbound></policies>`,
              },
        ),
      }),
    });
    const probe: Probe = {
      surveyAll: (endpoints, _, onSurvey) => {
        const surveys = endpoints.map((endpoint) => ({
          ...survey({ tls12: [0xc030] }),
          endpoint: { ...endpoint, serverName: endpoint.host, address: '127.0.0.1:1' },
          clientCertificate: { inHandshake: 'required' as const, acceptableIssuers: [] },
        }));
        surveys.forEach(onSurvey);
        return Promise.resolve(surveys);
      },
    };
    const { plan } = await checkSettings({
      azure,
      probe,
      instanceId: idOf('contoso-shop-prod'),
      changes: { 'backend.tls10': 'off' },
    });
    const texts = plan.findings.map(findingText).filter((text) => /^bank\.contoso.*certificate/.test(text));
    assert.deepEqual(texts, [
      'bank.contoso.example:443 requires a client certificate. A policy presents one for Notifications. ' +
        'A policy may present one for some calls of Bank gateway (client certificate), Inventory.',
    ]);
    // Others get none still.
    assert.ok(plan.findings.some((one) => one.code === 'backendClientCertificate' && /^crm/.test(one.host)));
  });

  it('of the sample estate lead to the entities that its policies name', async () => {
    const { hosts } = await readBackendHosts(openScene().azure, idOf('contoso-shop-prod'));
    const usersOf = (name: string) =>
      hosts.find(({ host }) => host === name)?.usedBy.map((use) => `${use.kind} ${use.title}`);
    assert.deepEqual(usersOf('catalog.contoso.example'), ['backend Product catalogue', 'policy Catalogue']);
    assert.deepEqual(usersOf('ship-eu.contoso.example'), [
      'backend Shipping, Europe',
      'pool Shipping (load-balanced)',
      'policy Shipping',
    ]);
  });
});
