// A policy text taken apart: what asks for a certificate, what is included, inherited and called.

import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parsePolicy } from '../../../src/azure/policies.ts';
import { policySections } from '../../../src/core/policyFacts.ts';

const inbound = (content: string) =>
  `<policies><inbound><base />${content}</inbound><backend><base /></backend></policies>`;
const element = 'validate-client-certificate';
const property = 'context.Request.Certificate';

const asksIn = (xml: string) => parsePolicy(xml)?.asks.map(({ what }) => what);

const texts: readonly [string, string, readonly string[]][] = [
  ['nothing', inbound('<cors><allowed-origins><origin>*</origin></allowed-origins></cors>'), []],
  [
    'the element',
    inbound('<validate-client-certificate validate-revocation="true"><identities /></validate-client-certificate>'),
    [element],
  ],
  [
    'an expression in an attribute',
    inbound(
      '<choose><when condition="@(context.Request.Certificate == null || !context.Request.Certificate.Verify())"><return-response /></when></choose>',
    ),
    [property],
  ],
  [
    'an escaped expression in a text',
    inbound(
      '<set-header name="x"><value>@(context.Request.Certificate?.Thumbprint ?? &quot;a&quot; &lt; 1)</value></set-header>',
    ),
    [property],
  ],
  [
    'an expression in CDATA',
    inbound(
      '<set-variable name="c" value="1" /><set-body><![CDATA[@{ return context . Request . Certificate.Subject; }]]></set-body>',
    ),
    [property],
  ],
  [
    'both',
    inbound('<validate-client-certificate /><trace source="@(context.Request.Certificate.Issuer)" />'),
    [element, property],
  ],
  ['a variable', inbound('<set-variable name="cert" value="@(context.Request.Certificate)" />'), [property]],
  [
    'an expression over several lines that keeps the request',
    inbound(
      '<set-variable name="c" value="@{\n// the request\nvar r = context.Request;\nreturn r.Certificate == null; }" />',
    ),
    [property],
  ],
  [
    'an expression as Azure escapes it',
    inbound(
      '<set-variable name="c" value="@{&#xD;&#xA;// &quot;the request&quot;&#xD;&#xA;var c = context;&#xD;&#xA;return c.Request.Certificate; }" />',
    ),
    [property],
  ],
  ['a comment of an expression', inbound('<trace source="@{ // context.Request.Certificate\nreturn 1; }" />'), []],
  ['a text that is no expression', inbound('<trace source="context.Request.Certificate" />'), []],
  [
    'an expression that hands the request on',
    inbound('<trace source="@(Log(context.Request))" />'),
    ['context.Request'],
  ],
  [
    'a Liquid template that takes the certificates',
    inbound(
      '<set-body template="liquid"><a>{ "c": "{{context.Request.ClientCertificates[0].Subject}}" }</a></set-body>',
    ),
    ['context.Request.ClientCertificates'],
  ],
  [
    'another Liquid template',
    inbound('<set-body template="liquid">context.Request.ClientCertificates {{body.a}}</set-body>'),
    [],
  ],
  ['comments only', inbound('<!-- <validate-client-certificate /> @(context.Request.Certificate) -->'), []],
  [
    'the certificates of the service',
    inbound('<set-variable name="c" value="@(context.Deployment.Certificates.Count)" />'),
    [],
  ],
  ['a longer name', inbound('<set-variable name="c" value="@(context.Request.CertificateThing)" />'), []],
  ['the certificate for the backend', inbound('<authentication-certificate thumbprint="AB" />'), []],
  ['an empty text', '  ', []],
];

describe('policies', () => {
  for (const [what, xml, asks] of texts) {
    it(`finds ${asks.length === 0 ? 'no question' : asks.join(' and ')} in ${what}`, () => {
      assert.deepEqual([...new Set(asksIn(xml))].sort(), [...asks].sort());
    });
  }

  it('names the variables that are set, and those that are read as a certificate', () => {
    const read = '@(context.Variables.GetValueOrDefault&lt;X509Certificate2&gt;(&quot;cert&quot;).Issuer)';
    const facts = parsePolicy(inbound(`<set-variable name="a" value="1" /><trace source="${read}" />`));
    assert.deepEqual(facts?.variablesSet, ['a']);
    assert.deepEqual(facts.certificateVariables, [{ name: 'cert', section: 'inbound', conditional: false }]);
    assert.deepEqual(facts.asks, []);
  });

  it('takes no name of a Liquid template for a named value', () => {
    const text = '{{body.order.id}} {{context.Request.Method}} {{key}} {{bodyguard}}';
    const names = (xml: string) => parsePolicy(inbound(xml))?.namedValues.map(({ name }) => name);
    assert.deepEqual(names(`<set-body template="Liquid"><a>${text}</a></set-body>`), ['key', 'bodyguard']);
    assert.equal(names(`<set-body>${text}</set-body>`)?.length, 4);
  });

  it('names the fragments that are included, and in which branch', () => {
    const xml = inbound(
      '<include-fragment fragment-id="auth" /><choose><otherwise><include-fragment fragment-id="log" /></otherwise></choose>',
    );
    assert.deepEqual(parsePolicy(xml)?.fragments, [
      { name: 'auth', section: 'inbound', conditional: false },
      { name: 'log', section: 'inbound', conditional: true },
    ]);
  });

  it('tells the condition that every request meets from those behind it', () => {
    const branches = (first: string, second: string) =>
      inbound(`<choose><when condition="${first}"><a /></when><when condition="${second}"><b /></when></choose>`);
    const expression = '@(context.Request.Certificate != null)';
    const conditional = (xml: string) => parsePolicy(xml)?.asks.map((ask) => ask.conditional);
    assert.deepEqual(conditional(branches(expression, '@(true)')), [false]);
    assert.deepEqual(conditional(branches('@(true)', expression)), [true]);
    assert.deepEqual(conditional(branches('@(true)', '@(false)')), []);
    assert.deepEqual(conditional(inbound('<retry count="2"><validate-client-certificate /></retry>')), [false]);
  });

  it('says where the scope above is inherited, and which sections there are', () => {
    const facts = parsePolicy('<policies><inbound><base/></inbound><backend></backend><on-error/></policies>');
    assert.deepEqual(facts?.sections, ['inbound', 'backend', 'on-error']);
    assert.deepEqual(facts.bases, [{ section: 'inbound', conditional: false }]);
  });

  it('finds what is called, as it stands there', () => {
    const facts = parsePolicy(
      inbound(
        '<set-backend-service base-url="https://{{host}}/v1?a=1&amp;b=2" /><set-backend-service backend-id="orders" />' +
          '<send-request mode="new" response-variable-name="r"><set-url>@($"https://{context.Variables["h"]}/")</set-url></send-request>' +
          '<choose><when condition="@(true)"><send-one-way-request><set-url> https://log.example/ </set-url></send-one-way-request></when></choose>' +
          '<rewrite-uri template="/set-url" />',
      ),
    );
    const inboundPlace = { section: 'inbound', conditional: false };
    assert.deepEqual(facts?.backends, [
      { kind: 'baseUrl', text: 'https://{{host}}/v1?a=1&b=2', ...inboundPlace },
      { kind: 'backendId', text: 'orders', ...inboundPlace },
      { kind: 'requestUrl', text: '@($"https://{context.Variables["h"]}/")', ...inboundPlace },
      { kind: 'requestUrl', text: 'https://log.example/', section: 'inbound', conditional: true },
    ]);
    assert.deepEqual(facts.namedValues, [{ name: 'host', ...inboundPlace }]);
  });

  it('finds what becomes of the request, in the order of the text', () => {
    const certificate = '<authentication-certificate thumbprint="AB" />';
    const facts = parsePolicy(
      `<policies><inbound>${certificate}<base /><set-backend-service backend-id="b" /><include-fragment fragment-id="f" />` +
        `<choose><when condition="@(true)"><rewrite-uri template="/a&amp;b" /></when></choose><base />` +
        `<send-request><set-url>https://x.example</set-url>${certificate}</send-request></inbound></policies>`,
    );
    assert.deepEqual(
      facts?.steps.map(({ kind, text, conditional }) => [kind, text, conditional]),
      [
        ['certificate', '', false],
        ['base', '', false],
        ['backendId', 'b', false],
        ['fragment', 'f', false],
        ['rewrite', '/a&b', true],
        ['base', '', false],
      ],
    );
    assert.deepEqual(
      facts.backends.map(({ kind, certificate: own = false }) => [kind, own]),
      [
        ['backendId', false],
        ['requestUrl', true],
      ],
    );
  });

  it('reads fragments, which have no section', () => {
    assert.deepEqual(parsePolicy('<fragment><validate-client-certificate /></fragment>')?.asks, [
      { what: element, section: null, conditional: false },
    ]);
  });

  it('says that a text could not be read', () => {
    for (const xml of [
      '<policies><inbound>',
      '<a></b>',
      'no XML at all',
      '<a b="c"',
      '{"json":true}',
      '<a/><b/><',
    ] as const) {
      assert.equal(parsePolicy(xml), null, xml);
    }
  });

  it('is not blown up by entities', () => {
    const bomb = `<!DOCTYPE x [<!ENTITY a "${'a'.repeat(100)}"><!ENTITY b "&a;&a;&a;">]><policies><inbound>&b;</inbound></policies>`;
    assert.deepEqual(parsePolicy(bomb)?.asks ?? [], []);
  });

  it('finds in every text what it was made of, at the place where it stands', () => {
    const part = fc.constantFrom(
      '<base />',
      '<validate-client-certificate />',
      '<include-fragment fragment-id="f" />',
      '<forward-request />',
      '<set-header name="a"><value>{{v}}</value></set-header>',
      '<!-- <base /><validate-client-certificate /> -->',
    );
    const nested = fc.record({ part, conditional: fc.boolean() });
    const section = fc.record({ name: fc.constantFrom(...policySections), parts: fc.array(nested, { maxLength: 6 }) });
    fc.assert(
      fc.property(fc.uniqueArray(section, { selector: ({ name }) => name }), (sections) => {
        const inside = ({ part: xml, conditional }: { readonly part: string; readonly conditional: boolean }) =>
          conditional ? `<choose><when condition="@(true)">${xml}</when></choose>` : xml;
        const body = sections.map(({ name, parts }) => `<${name}>${parts.map(inside).join('')}</${name}>`).join('\n');
        const facts = parsePolicy(`<policies>${body}</policies>`);
        const places = (start: string) =>
          new Set(
            sections.flatMap(({ name, parts }) =>
              parts.filter((one) => one.part.startsWith(start)).map((one) => `${name} ${one.conditional}`),
            ),
          );
        const found = (list: readonly { readonly section: string | null; readonly conditional: boolean }[] = []) =>
          new Set(list.map((one) => `${one.section} ${one.conditional}`));
        assert.deepEqual(facts?.sections, [...new Set(sections.map(({ name }) => name))]);
        assert.deepEqual(found(facts.bases), places('<base'));
        assert.deepEqual(found(facts.asks), places('<validate'));
        assert.deepEqual(found(facts.fragments), places('<include'));
        assert.deepEqual(found(facts.backends), places('<forward'));
        assert.deepEqual(found(facts.namedValues), places('<set-header'));
      }),
    );
  });
});
