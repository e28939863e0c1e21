// Which policies really apply: a truth table of <base />, and properties over policies made up at random.

import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parsePolicy } from '../../../src/azure/policies.ts';
import { effectivePolicy, indexPolicies } from '../../../src/core/effectivePolicy.ts';
import { policySections } from '../../../src/core/policyFacts.ts';
import type { PolicyReading, PolicyScope } from '../../../src/core/policyFacts.ts';
import { readingOf } from '../../support/policyReadings.ts';

const element = '<validate-client-certificate />';

const global: PolicyScope = { kind: 'global' };
const product: PolicyScope = { kind: 'product', product: 'gold' };
const api: PolicyScope = { kind: 'api', api: 'orders' };
const operation: PolicyScope = { kind: 'operation', api: 'orders', operation: 'get' };

/** `inbound`: what is in the section; null: the scope has no policy. */
type Inbound = string | null;
const policy = (scope: PolicyScope, inbound: Inbound) =>
  inbound === null ? [] : [{ scope, facts: parsePolicy(`<policies><inbound>${inbound}</inbound></policies>`) }];

function effective(
  [ofGlobal, ofProduct, ofApi, ofOperation]: readonly [Inbound, Inbound, Inbound, Inbound],
  part: Partial<PolicyReading> = {},
) {
  const reading = readingOf({
    policies: [
      ...policy(global, ofGlobal),
      ...policy(product, ofProduct),
      ...policy(api, ofApi),
      ...policy(operation, ofOperation),
    ],
    products: ofProduct === null ? [] : [{ name: 'gold', title: 'Gold', apis: ['orders'] }],
    ...part,
  });
  return effectivePolicy(indexPolicies(reading), 'orders', 'get');
}

const [asks, base, nothing] = [element, '<base />', ''];

describe('the effective policy', () => {
  /** [global, product, API, operation] -> who asks, and whether for every request. */
  const table: readonly (readonly [readonly [Inbound, Inbound, Inbound, Inbound], readonly string[]])[] = [
    [[null, null, null, null], []],
    [[asks, null, null, null], ['global']],
    [[asks, null, base, null], ['global']],
    [[asks, null, nothing, null], []],
    [[asks, null, null, base], ['global']],
    [[asks, null, null, nothing], []],
    [[asks, null, base, nothing], []],
    [[asks, null, nothing, base], []],
    [[nothing, null, asks, base], ['api']],
    [[nothing, null, asks, nothing], []],
    [[nothing, null, null, asks], ['operation']],
    [
      [asks, null, base + asks, base + asks],
      ['operation', 'api', 'global'],
    ],
    // A product: only callers with it are asked, and they are only where the API takes its policy over.
    [[nothing, asks, null, null], ['product?']],
    [[nothing, asks, base, base], ['product?']],
    [[nothing, asks, nothing, base], []],
    [[nothing, asks, base, nothing], []],
    [[asks, base, base, base], ['global']],
    // Callers with this product are not asked, the others are.
    [[asks, nothing, base, base], ['global?']],
    // In a branch.
    [[asks, null, `<choose><when condition="@(true)">${base}</when></choose>`, null], ['global?']],
    [[nothing, null, `<choose><when condition="@(true)">${asks}</when></choose>`, null], ['api?']],
  ];
  for (const [scopes, expected] of table) {
    const shown = scopes.map((one) => (one === null ? 'none' : one === '' ? 'empty' : one)).join(' | ');
    it(`of ${shown} asks by ${expected.join(', ') || 'nothing'}`, () => {
      assert.deepEqual(
        effective(scopes).asks.map(({ scope, conditional }) => `${scope}${conditional ? '?' : ''}`),
        expected,
      );
    });
  }

  it('follows each section by itself', () => {
    const facts = parsePolicy('<policies><inbound><base /></inbound><outbound /></policies>');
    const wide = parsePolicy(`<policies><outbound>${element}</outbound><on-error>${element}</on-error></policies>`);
    const reading = readingOf({
      policies: [
        { scope: global, facts: wide },
        { scope: api, facts },
      ],
    });
    const found = effectivePolicy(indexPolicies(reading), 'orders', null).asks;
    // Outbound is not taken over; the section for errors is missing in the API's policy, and meets some requests only.
    assert.deepEqual(
      found.map(({ scope, conditional }) => [scope, conditional]),
      [['global', true]],
    );
  });

  it('looks at each of many fragments that include one another in every way', () => {
    const many = Array.from({ length: 60 }, (_, index) => `f${index}`);
    const include = (name: string) => `<include-fragment fragment-id="${name}" />`;
    const branch = (inside: string) => `<choose><when condition="@(true)">${inside}</when></choose>`;
    const fragments = many.map((name, index) => {
      const next = many[index + 1];
      const text = next === undefined ? element : `${include(next)}${branch(include(next))}`;
      return { name, facts: parsePolicy(`<fragment>${text}</fragment>`) };
    });
    const found = effective([null, null, null, include('f0')], { fragments });
    assert.deepEqual(
      found.asks.map(({ fragment, conditional }) => [fragment, conditional]),
      [['f59', false]],
    );
  }).timeout(5000);

  it('goes through fragments, also in a circle, and tells those that are not known', () => {
    const fragment = (name: string, text: string) => ({ name, facts: parsePolicy(`<fragment>${text}</fragment>`) });
    const include = (name: string) => `<include-fragment fragment-id="${name}" />`;
    const found = effective([null, null, include('one') + include('gone'), null], {
      fragments: [fragment('ONE', include('two')), fragment('two', element + include('one'))],
    });
    assert.deepEqual(
      found.asks.map((ask) => [ask.scope, ask.fragment, ask.conditional]),
      [['api', 'two', false]],
    );
    assert.deepEqual(found.gaps, [{ kind: 'fragment', name: 'gone' }]);
  });

  it('looks into named values, and tells those that may not be read', () => {
    const header = (name: string) => `<set-header name="x"><value>{{${name}}}</value></set-header>`;
    const found = effective([null, null, header('cert') + header('secret') + header('plain'), null], {
      namedValues: [
        { name: 'cert', value: '@(context.Request.Certificate.Thumbprint)' },
        { name: 'secret', value: null },
        { name: 'plain', value: 'text' },
      ],
    });
    assert.deepEqual(
      found.asks.map((ask) => [ask.what, ask.namedValue]),
      [['context.Request.Certificate', 'cert']],
    );
    assert.deepEqual(found.gaps, [{ kind: 'namedValue', name: 'secret' }]);
  });

  it('takes a certificate out of a variable for a question only where nothing tells how it came there', () => {
    const read = '<trace source="@(((X509Certificate2)context.Variables[&quot;cert&quot;]).Issuer)" />';
    const set = (value: string) => `<set-variable name="cert" value="@(${value})" />`;
    const whats = (ofGlobal: Inbound, part: Partial<PolicyReading> = {}) =>
      effective([ofGlobal, null, read, null], part).asks.map(({ what, conditional }) => [what, conditional]);
    assert.deepEqual(whats(null), [['context.Variables', false]]);
    assert.deepEqual(whats(set('context.Deployment.Certificates[0]')), []);
    const fragments = [{ name: 'f', facts: parsePolicy(`<fragment>${set('1')}</fragment>`) }];
    assert.deepEqual(whats(null, { fragments }), []);
    const both = effective([null, null, set('context.Request.Certificate') + read, null]).asks;
    assert.deepEqual(
      both.map(({ what }) => what),
      ['context.Request.Certificate'],
    );
  });

  it('takes a policy that was not read for one that takes everything over, and tells it', () => {
    const found = effective([asks, null, null, base], { unread: [{ scope: api, why: null }] });
    assert.deepEqual([found.asks.map(({ scope }) => scope), found.gaps], [['global'], [{ kind: 'scope', scope: api }]]);
    const unreadable = effectivePolicy(
      indexPolicies(readingOf({ policies: [{ scope: api, facts: null }] })),
      'Orders',
      'get',
    );
    assert.deepEqual(unreadable.gaps, [{ kind: 'scope', scope: { kind: 'api', api: 'Orders' } }]);
  });

  it('takes a product of which the APIs are not known for one that has the API, and tells it', () => {
    const found = effective([null, asks, null, null], { products: [{ name: 'gold', title: 'Gold', apis: null }] });
    assert.deepEqual(
      found.asks.map((ask) => [ask.scope, ask.product, ask.conditional]),
      [['product', 'Gold', true]],
    );
    assert.deepEqual(found.gaps, [{ kind: 'product', name: 'gold' }]);
  });

  const part = fc.constantFrom('', '<base />', element, `<base />${element}`);
  const scopePolicy = fc.option(fc.record({ inbound: part, backend: part, outbound: part, 'on-error': part }), {
    nil: null,
  });

  it('without products asks by a scope if and only if every narrower one takes it over', () => {
    fc.assert(
      fc.property(scopePolicy, scopePolicy, scopePolicy, (ofGlobal, ofApi, ofOperation) => {
        const chain = [
          [operation, ofOperation],
          [api, ofApi],
          [global, ofGlobal],
        ] as const;
        const policies = chain.flatMap(([scope, sections]) => {
          if (sections === null) return [];
          const text = policySections.map((name) => `<${name}>${sections[name]}</${name}>`).join('');
          return [{ scope, facts: parsePolicy(`<policies>${text}</policies>`) }];
        });
        const found = effectivePolicy(indexPolicies(readingOf({ policies })), 'orders', 'get');
        const expected = new Set<string>();
        for (const section of policySections) {
          for (const [scope, sections] of chain) {
            if (sections === null) continue;
            if (sections[section].includes(element)) expected.add(scope.kind);
            if (!sections[section].includes('<base />')) break;
          }
        }
        assert.deepEqual(new Set(found.asks.map(({ scope }) => scope)), expected);
        assert.deepEqual(found.gaps, []);
      }),
    );
  });
});
