// Where requests go, by which path and with which certificate: a truth table of orders and scopes, and properties.

import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parsePolicy } from '../../../src/azure/policies.ts';
import { backendRequests } from '../../../src/core/backendRequests.ts';
import type { RequestWay } from '../../../src/core/backendRequests.ts';
import type { PolicyReading, PolicyScope } from '../../../src/core/policyFacts.ts';
import { readingOf } from '../../support/policyReadings.ts';

const global: PolicyScope = { kind: 'global' };
const product: PolicyScope = { kind: 'product', product: 'gold' };
const api: PolicyScope = { kind: 'api', api: 'orders' };
const operation: PolicyScope = { kind: 'operation', api: 'orders', operation: 'get' };

const base = '<base />';
const to = (url: string) => `<set-backend-service base-url="${url}" />`;
const toEntity = (id: string) => `<set-backend-service backend-id="${id}" />`;
const rewrite = (template: string) => `<rewrite-uri template="${template}" copy-unmatched-params="false" />`;
const certificate = '<authentication-certificate thumbprint="1F2E" />';
const branch = (inside: string) => `<choose><when condition="@(true)">${inside}</when></choose>`;

const either = (one: string, other: string) =>
  `<choose><when condition="@(true)">${one}</when><otherwise>${other}</otherwise></choose>`;

/** `inbound` by scope; a scope that is left out has no policy. */
function ways(
  inbound: Partial<Record<PolicyScope['kind'], string>>,
  part: Partial<PolicyReading> = {},
): readonly RequestWay[] {
  const policies = [global, product, api, operation].flatMap((scope) => {
    const text = inbound[scope.kind];
    return text === undefined ? [] : [{ scope, facts: parsePolicy(`<policies><inbound>${text}</inbound></policies>`) }];
  });
  const products = inbound.product === undefined ? [] : [{ name: 'gold', title: 'Gold', apis: ['orders'] }];
  return backendRequests(readingOf({ policies, products, ...part })).waysOf('Orders', 'get');
}

function shown({ targets, path, certificate: presented }: RequestWay): string {
  const places = targets.map((target) => ('text' in target ? target.text : target.kind)).join(' or ');
  const way = path.kind === 'rewritten' ? path.template : path.kind === 'own' ? 'own' : `? ${path.why}`;
  return `${places}, ${way}, ${presented}`;
}

describe('requests to backends', () => {
  const table: readonly (readonly [Partial<Record<PolicyScope['kind'], string>>, string])[] = [
    [{}, 'service, own, none'],
    [{ api: to('https://a') }, 'https://a, own, none'],
    [{ api: toEntity('a') + certificate + rewrite('/x') }, 'a, /x, all'],
    // What stands later counts, and <base /> is a place in that order.
    [{ api: to('https://a') + to('https://b') }, 'https://b, own, none'],
    [{ api: rewrite('/x') + rewrite('/y') }, 'service, /y, none'],
    [{ api: to('https://a'), operation: base + to('https://b') }, 'https://b, own, none'],
    [{ api: to('https://a'), operation: to('https://b') + base }, 'https://a, own, none'],
    [{ api: rewrite('/x'), operation: rewrite('/y') + base }, 'service, /x, none'],
    [{ api: rewrite('/x'), operation: base + rewrite('/y') }, 'service, /y, none'],
    [{ global: certificate, api: base, operation: base }, 'service, own, all'],
    // Without <base /> nothing is taken over.
    [{ global: certificate + rewrite('/x'), api: '', operation: base }, 'service, own, none'],
    [{ api: to('https://a') + certificate, operation: '' }, 'service, own, none'],
    // A base-url does not take the place of a backend-id that a wider scope has set.
    [{ api: toEntity('a'), operation: base + to('https://b') }, 'a, own, none'],
    [{ api: toEntity('a'), operation: base + toEntity('b') }, 'b, own, none'],
    [{ api: toEntity('a'), operation: to('https://b') + base }, 'a, own, none'],
    [{ api: toEntity('a') + to('https://b') }, 'https://b, own, none'],
    // In a branch: for some requests.
    [{ api: to('https://a') + branch(to('https://b')) }, 'https://a or https://b, own, none'],
    [{ api: branch(to('https://b')) + to('https://a') }, 'https://a, own, none'],
    [{ api: branch(rewrite('/x')) }, 'service, ? condition, none'],
    [{ api: branch(rewrite('/x')) + rewrite('/y') }, 'service, /y, none'],
    [{ api: branch(certificate) }, 'service, own, some'],
    [{ api: branch(certificate) + certificate }, 'service, own, all'],
    [{ global: certificate + rewrite('/x'), api: branch(base) }, 'service, ? condition, some'],
    // Where each branch does it, and one of them is taken.
    [{ api: either(to('https://a'), to('https://b')) }, 'https://a or https://b, own, none'],
    [{ api: to('https://x') + either(to('https://a'), toEntity('b')) }, 'https://a or b, own, none'],
    [{ api: either(to('https://a'), '') }, 'service or https://a, own, none'],
    [{ api: branch(either(to('https://a'), to('https://b'))) }, 'service or https://a or https://b, own, none'],
    [{ api: branch(to('https://a')) + branch(to('https://b')) }, 'service or https://a or https://b, own, none'],
    [{ api: toEntity('x'), operation: base + either(toEntity('a'), toEntity('b')) }, 'a or b, own, none'],
    [
      { api: toEntity('x'), operation: base + either(to('https://a'), to('https://b')) },
      'x or https://a or https://b, own, none',
    ],
    [{ api: either(certificate, certificate) }, 'service, own, all'],
    [{ api: either(certificate, '') }, 'service, own, some'],
    [{ api: branch(either(certificate, certificate)) }, 'service, own, some'],
    [{ api: either(rewrite('/x'), rewrite('/y')) }, 'service, ? condition, none'],
    // Computed at run time.
    [{ api: rewrite('@(context.Request.Url.Path)') }, 'service, ? expression, none'],
    [{ api: rewrite('@{ return &quot;/x&quot;; }'), operation: base + rewrite('/y/{id}') }, 'service, /y/{id}, none'],
    [{ api: to('@(context.Variables[&quot;x&quot;])') }, 'unknown, own, none'],
    [{ api: branch(to('@(1)')) }, 'service or unknown, own, none'],
    // A certificate is presented by one of these attributes.
    [{ api: '<authentication-certificate body="@(context.Variables[&quot;c&quot;])" />' }, 'service, own, all'],
    [{ api: '<authentication-certificate certificate-id="c" />' }, 'service, own, all'],
    [{ api: '<authentication-certificate password="x" />' }, 'service, own, none'],
    // That of a request of its own is none of these.
    [
      { api: `<send-request mode="new"><set-url>https://x</set-url>${certificate}</send-request>` },
      'service, own, none',
    ],
  ];
  for (const [inbound, expected] of table)
    it(`with ${JSON.stringify(inbound)} are: ${expected}`, () => {
      assert.deepEqual(ways(inbound).map(shown), [expected]);
    });

  it('are one way for each product with a policy, and one without', () => {
    const found = ways({ product: base + certificate + rewrite('/gold'), api: base });
    assert.deepEqual(
      found.map((way) => `${way.product}: ${shown(way)}`),
      [': service, own, none', 'gold: service, /gold, all'],
    );
  });

  it('follow the section for the backend after that for requests', () => {
    const xml = `<policies><inbound>${to('https://a')}</inbound><backend>${to('https://b')}</backend></policies>`;
    const found = backendRequests(readingOf({ policies: [{ scope: api, facts: parsePolicy(xml) }] }));
    assert.deepEqual(found.waysOf('orders', null).map(shown), ['https://b, own, none']);
  });

  it('have named values in place, and are not known where one may not be read', () => {
    const namedValues = [
      { name: 'host', value: 'https://a' },
      { name: 'secret', value: null },
      { name: 'code', value: '@(1)' },
    ];
    const one = (text: string) => ways({ api: text }, { namedValues }).map(shown)[0];
    assert.equal(one(to('{{host}}/v1') + rewrite('/{{host}}')), 'https://a/v1, /https://a, none');
    assert.equal(one(rewrite('/{{secret}}')), 'service, ? namedValue, none');
    assert.equal(one(rewrite('{{code}}')), 'service, ? expression, none');
    assert.equal(one(to('https://{{gone}}')), 'unknown, own, none');
  });

  it('go through fragments in their place, also in a circle', () => {
    const include = (name: string) => `<include-fragment fragment-id="${name}" />`;
    const fragment = (name: string, text: string) => ({ name, facts: parsePolicy(`<fragment>${text}</fragment>`) });
    const fragments = [
      fragment('one', rewrite('/one') + include('TWO')),
      fragment('two', certificate + include('one')),
    ];
    assert.deepEqual(ways({ api: include('one') }, { fragments }).map(shown), ['service, /one, all']);
    assert.deepEqual(ways({ api: include('one') + rewrite('/x') }, { fragments }).map(shown), ['service, /x, all']);
    assert.deepEqual(ways({ api: branch(include('two')) }, { fragments }).map(shown), ['service, ? condition, some']);
    assert.deepEqual(ways({ api: include('gone') }).map(shown), ['service or unknown, ? unread, none']);
    assert.deepEqual(ways({ api: include('gone') + to('https://a') + rewrite('/x') }).map(shown), [
      'https://a, /x, none',
    ]);
  });

  it('claim nothing of policies that were not read', () => {
    const why = { code: 'forbidden' } as const;
    const unread = { unread: [{ scope: operation, why }] };
    assert.deepEqual(ways({ api: to('https://a') + certificate }, unread).map(shown), [
      'service or https://a or unknown, ? unread, some',
    ]);
    // Azure did not say which operations have a policy: this one may.
    const missing = { missing: [{ list: 'policies', why }] } as const;
    assert.deepEqual(ways({ api: certificate }, missing).map(shown), ['service or unknown, ? unread, some']);
    assert.deepEqual(ways({ operation: certificate }, missing).map(shown), ['service, own, all']);
    const none = backendRequests(null);
    assert.deepEqual(none.waysOf('orders', 'get').map(shown), ['service or unknown, ? unread, none']);
    assert.deepEqual(none.apart('orders'), []);
  });

  it('name the operations that a policy may set apart', () => {
    const other: PolicyScope = { kind: 'operation', api: 'ORDERS', operation: 'put' };
    const found = backendRequests(
      readingOf({ policies: [{ scope: operation, facts: null }], unread: [{ scope: other, why: null }] }),
    );
    assert.deepEqual(found.apart('Orders'), ['get', 'put']);
  });

  it('are worked out at once, however texts include one another', () => {
    const include = (name: string) => `<include-fragment fragment-id="${name}" />`;
    const fragments = Array.from({ length: 40 }, (_, index) => ({
      name: `f${index}`,
      facts: parsePolicy(`<fragment>${include(`f${index + 1}`).repeat(3)}</fragment>`),
    }));
    const [way] = ways({ api: include('f0'), operation: base.repeat(300), global: base.repeat(300) }, { fragments });
    assert.ok(way && way.path.kind === 'unknown');
  });

  /** A plain reference: one list of all steps in the order in which they are met. */
  const step = fc.oneof(
    fc.constantFrom(base, certificate),
    fc.constantFrom('a', 'b', 'c').map((name) => to(`https://${name}`)),
    fc.constantFrom('/a', '/b', '/c/{id}').map(rewrite),
  );
  // At most one <base />, as the service takes it.
  const section = fc
    .array(step, { maxLength: 5 })
    .map((steps) => steps.filter((one, index) => one !== base || steps.indexOf(base) === index));
  const scopePolicy = fc.option(section, { nil: undefined });

  it('come to the same as all steps in one list', () => {
    fc.assert(
      fc.property(scopePolicy, scopePolicy, scopePolicy, (ofGlobal, ofApi, ofOperation) => {
        const flat = [ofGlobal, ofApi, ofOperation].reduce<readonly string[]>(
          (inherited, own) =>
            own === undefined ? inherited : own.flatMap((one) => (one === base ? inherited : [one])),
          [],
        );
        const last = (start: string, none: string) =>
          /"([^"]*)"/.exec(flat.findLast((one) => one.startsWith(start)) ?? '')?.[1] ?? none;
        const expected = [
          last('<set-backend-service', 'service'),
          last('<rewrite-uri', 'own'),
          flat.includes(certificate) ? 'all' : 'none',
        ].join(', ');
        const inbound = Object.fromEntries(
          Object.entries({ global: ofGlobal, api: ofApi, operation: ofOperation }).flatMap(([kind, steps]) =>
            steps === undefined ? [] : [[kind, steps.join('')]],
          ),
        );
        assert.deepEqual(ways(inbound).map(shown), [expected]);
      }),
    );
  });
});
