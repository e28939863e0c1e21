// Which hosts the policies of a gateway lead to.

import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { BackendEntity } from '../../src/azure/access.ts';
import { hostAndPort } from '../../src/core/instance.ts';
import type { BackendCall, PolicyFacts, PolicyReading } from '../../src/core/policyFacts.ts';
import { backendPath } from '../../src/flows/backendUrl.ts';
import { hostsOf, readBackendHosts } from '../../src/flows/readBackendHosts.ts';
import { policyBackends } from '../../src/flows/policyBackends.ts';
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
const reading = (more: Partial<PolicyReading>): PolicyReading => ({
  policies: [],
  fragments: [],
  namedValues: [],
  products: [],
  unread: [],
  missing: [],
  leftOut: { workspaces: 0, revisions: 0 },
  requests: 1,
  readAt: '2026-11-20T12:00:00Z',
  ...more,
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
      reading({
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
    const policies = reading({ policies: [onApi(facts([call('backendId', 'ONE'), call('backendId', 'both')]))] });
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
    assert.deepEqual(usesBy(reading({ policies: [onApi(facts([call('backendId', 'gone')]))] }), backends).unreadable, [
      { title: 'Orders', url: 'gone' },
    ]);
    // That entities could not be listed is told once, and not for each policy.
    assert.deepEqual(usesBy(policies, null), { hosts: [], unreadable: [] });
  });

  it('are not asked for the path of a request that a policy sends: it may do something', () => {
    const { hosts } = hostsOf(
      [],
      apis.map((one) => ({ ...one, serviceUrl: 'https://one.example/v1' })),
      reading({
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
    const of = (text: string) => usesBy(reading({ policies: [onApi(facts([call('baseUrl', text)]))], namedValues }));
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
    const found = usesBy(reading({ policies: [onApi(facts([], ['Broken', 'broken', 'gone']))], fragments }));
    assert.deepEqual(found, {
      hosts: [],
      unreadable: [
        { title: 'Orders', url: 'the policy fragment broken, which was not read' },
        { title: 'Orders', url: 'the policy fragment gone, which was not read' },
      ],
    });
    // Where none could be listed, one line says so.
    const why = { code: 'forbidden' } as const;
    const unlisted = reading({ policies: [onApi(facts([], ['gone']))], missing: [{ list: 'fragments', why }] });
    assert.equal(usesBy(unlisted).unreadable.length, 1);
  });

  it('are those of included fragments too, also of fragments within them', () => {
    const fragments = [
      { name: 'outer', facts: facts([], ['inner', 'outer']) },
      { name: 'inner', facts: facts([call('baseUrl', 'https://inner.example')], ['outer']) },
      { name: 'unused', facts: facts([call('baseUrl', 'https://unused.example')]) },
    ];
    const found = usesBy(reading({ policies: [onApi(facts([], ['Outer', 'gone']))], fragments }));
    assert.deepEqual(found.hosts, [['inner.example:443', 'policy Orders']]);
  });

  it('say what could not be read', () => {
    const why = { code: 'forbidden', action: 'Microsoft.ApiManagement/service/policies/read' } as const;
    const found = usesBy(
      reading({
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
          reading({ policies: [onApi(facts([call('baseUrl', text)]))], namedValues }),
          apis,
        );
        assert.equal(uses.length, 0);
        if (middle !== '{{key}}') assert.ok(unreadable.every(({ url }) => !url.includes('SECRET')));
      }),
    );
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
